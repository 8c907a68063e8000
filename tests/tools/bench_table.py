"""docs/figures.md from the raw figures of a run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from portal.demo.artifacts import pinned

Figures = dict[str, Any]

HEAD = """# Figures

The portal's Profile beside "Personal info" of Keycloak's account console: same browser, same person, same Keycloak
in production mode, in turns, {pairs} loads of each in each scene. Written by `make bench` on {date}
({cores} processor cores shared by browser, Keycloak and portal, with a load of {load:.1f} from other work before the
run; Chromium {browser}, Keycloak {keycloak}, Python {python}).

Median, and in brackets the quartiles. *Useful* is when the person's e-mail address is on the page and Save can be
pressed. *Requests* and *bytes* are what went over the wire until the network rested, redirects included; in brackets
the requests with those that the browser's cache answered. *Cold*: signed in, empty cache. *Warm*: signed in, seen
before. *Arriving*: Keycloak knows the person, the portal does not yet (a portal link followed for the first time),
empty cache. Latency is added to each request by the browser.
"""
TAIL = """
Times depend on the machine and on what else it does; bytes, requests and calls do not. Processor time is user plus
system time of all processes of the portal and of Keycloak while the pages were loaded, less what Keycloak uses at rest.
*Direct* is the same Profile asked for {direct} times over one kept connection, without a browser.
"""


def table(figures: Figures) -> str:
    """The whole page as Markdown."""
    head = HEAD.format(
        pairs=figures["pairs"], date=datetime.now(UTC).date(), cores=_cores(), browser=figures["browser"],
        load=figures["load"], keycloak=pinned().server.version, python=platform.python_version(),
    )  # fmt: skip
    parts = [head, *_scenes(figures), *_server(figures), TAIL.format(direct=300)]
    return "\n".join(parts)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _scenes(figures: Figures) -> Iterator[str]:
    yield "| scene | | requests | bytes | useful, ms | script, ms | heap, KB |"
    yield "|---|---|---|---|---|---|---|"
    for where, name in (("near", "loopback"), ("far", f"{figures['latency']} ms added")):
        for scene in ("cold", "warm", "arriving"):
            for product, loads in figures[f"{where} {scene}"].items():
                yield f"| {scene}, {name} | {product} | " + " | ".join(_cells(loads)) + " |"
    yield ""
    yield "| portal : console | requests | bytes | time | script | heap |"
    yield "|---|---|---|---|---|---|"
    for where, name in (("near", "loopback"), ("far", f"{figures['latency']} ms added")):
        for scene in ("cold", "warm"):
            yield f"| {scene}, {name} | " + " | ".join(_ratios(figures[f"{where} {scene}"])) + " |"
    yield ""


def _cells(loads: list[Figures]) -> Iterator[str]:
    yield f"{_middle(loads, 'requests'):.0f} ({_middle(loads, 'asked'):.0f})"
    yield f"{_middle(loads, 'bytes'):,.0f}"
    yield f"{_middle(loads, 'useful'):,.0f} {_quartiles(loads, 'useful')}"
    yield f"{_middle(loads, 'script'):,.1f}"
    yield f"{_middle(loads, 'heap') / 1024:,.0f}"


def _ratios(scene: Figures) -> Iterator[str]:
    for key in ("requests", "bytes", "useful", "script", "heap"):
        ours, theirs = _middle(scene["portal"], key), _middle(scene["console"], key)
        yield f"1 : {theirs / ours:.1f}" if ours else "0"


def _server(figures: Figures) -> Iterator[str]:
    processor = figures["processor"]
    yield "| processor time a page, ms | portal | Keycloak | together |"
    yield "|---|---|---|---|"
    for key, name in (("portal", "portal, warm"), ("console", "console, warm"), ("direct", "portal, direct")):
        used = processor[key]
        cells = [used["portal"], used["keycloak"], used["portal"] + used["keycloak"]]
        yield f"| {name} | " + " | ".join(f"{value:.1f}" for value in cells) + " |"
    yield "\n| the portal's calls to Keycloak | a page |"
    yield "|---|---|"
    for path, count in figures["calls"].items():
        yield f"| `{path}` | {count:.2f} |"
    sizes = ", ".join(f"{size / 2**20:.0f} MB" for size in figures["workers"])
    yield f"\nMemory of the portal's workers after all this (resident, what they share counted in parts): {sizes}."


def _middle(loads: list[Figures], key: str) -> float:
    return float(median(load[key] for load in loads))


def _quartiles(loads: list[Figures], key: str) -> str:
    values = [load[key] for load in loads]
    low, _, high = quantiles(values, n=4) if len(values) > 1 else (values[0],) * 3
    return f"({low:,.0f}–{high:,.0f})"
