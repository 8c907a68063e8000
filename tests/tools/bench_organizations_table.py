"""The part of docs/figures.md about organizations, from the raw figures of a run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import figures_page

from portal.demo.artifacts import pinned

Figures = dict[str, Any]
TITLE = "## Organizations"

HEAD = """{title}

Written by `make bench-organizations` on {date} ({cores} processor cores shared by everything, with a load of {load:.1f}
from other work before the run; Keycloak {keycloak} with H2, Python {python}). Members and memberships are written into
the database; each member has a role. Medians of 15 pages of 50 rows, right after one another. *Portal* is the portal's
own time in the server, without *Keycloak*, the time of its calls there. Times grow with the machine's load, processor
time hardly does.
"""


def write(figures: Figures, page: Path) -> None:
    """Put the part into the page, in the place of an older one."""
    figures_page.put(page, "\n".join(_parts(figures)))


def _parts(figures: Figures) -> Iterator[str]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield HEAD.format(
        title=TITLE, date=datetime.now(UTC).date(), cores=cores, load=figures["machine load"],
        keycloak=pinned().server.version, python=platform.python_version(),
    )  # fmt: skip
    yield from _table("members", figures["sizes"])
    if figures.get("many"):
        yield from _table("belongs to", figures["many"])
    if figures.get("load"):
        yield from _load(figures["load"])
    if figures.get("bulk"):
        yield from _bulk(figures["bulk"])


def _table(what: str, figures: Figures) -> Iterator[str]:
    yield f"| page | {what} | portal, ms | its processor, ms | Keycloak, ms | calls | bytes | on the wire |"
    yield "|---|---|---|---|---|---|---|---|"
    for page in next(iter(figures.values())):
        for size, pages in figures.items():
            each = pages[page]
            yield (
                f"| {page} | {int(size):,} | {each['portal']:.1f} | {each['processor']:.1f} | {each['keycloak']:.1f} |"
                f" {each['calls']:.0f} |"
                f" {each['bytes']:,.0f} | {each['wire']:,.0f} |"
            )
    sizes = list(figures)
    if len(sizes) > 1:
        first, last = figures[sizes[0]], figures[sizes[-1]]
        ratios = ", ".join(
            f"{page} {last[page]['processor'] / first[page]['processor']:.2f} in processor time and"
            f" {last[page]['bytes'] / first[page]['bytes']:.2f} in bytes"
            for page in first
        )
        yield f"\nThe portal's own part, {int(sizes[-1]):,} to {int(sizes[0]):,}: {ratios}."
    yield ""


def _load(load: Figures) -> Iterator[str]:
    yield (
        f"The list of members (of the middle size) at 20 pages a second for 60 seconds (machine load"
        f" {load['machine load']:.1f} at its end): {load['failed']:.0f} of 1,200 failed; p50 {load['p50']:,.0f} ms, p95"
        f" {load['p95']:,.0f} ms as the browser waits; p95 in the server {load['server p95']:,.0f} ms, of the portal's"
        f" own part {load['portal p95']:,.0f} ms, of Keycloak's {load['keycloak p95']:,.0f} ms.\n"
    )


def _bulk(bulk: Figures) -> Iterator[str]:
    yield (
        f"A list of {bulk['rows']:,.0f} invitations (machine load {bulk['machine load']:.1f} at its end): accepted"
        f" within {bulk['posted']:.1f} s, then {bulk['rate']:,.0f} rows a minute including their mails"
        f" ({bulk['sent']:,.0f} sent), {bulk['cpu']:.1f} ms of the worker's processor time a row; the worker had"
        f" {bulk['base']:.0f} MB before and {bulk['peak']:.0f} MB at most (resident, shared parts divided)."
    )
