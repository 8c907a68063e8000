"""`make bench-links`: from the address of a setup link to the guest's first useful page, written to docs/figures.md.

Each load is a browser profile that has never been here: it follows a link made by the API with the demonstration's key,
presses the button, and is there. Raw figures go to test-results/bench-links.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import figures_page
import requests
from bench_page import Wire, slow
from playwright.sync_api import Browser, BrowserContext, Page
from size import ROOT
from stage_run import chromium, demonstration, say

from portal.demo.artifacts import pinned
from portal.demo.stage import Stage

INTENT = "sso"
SCENES = (("loopback", 0), ("50 ms added", 50))
TITLE = "## Setup links"
HEAD = """{title}

From the address of a setup link to the first useful page of its guest, by a browser profile that has never been here.
Written by `make bench-links` on {date} ({cores} processor cores shared by browser, Keycloak and portal, with a load of
{load:.1f} from other work before the run; Chromium {browser}, Keycloak {keycloak}, Python {python}).

Medians of {loads} loads, and in brackets the quartiles. *Opening*: from the address until the button can be pressed.
*Beginning*: from the press until the guest's own steps can be opened. *Requests* and *bytes* are what went over the
wire until the network rested, redirects included. *Calls* are the portal's own to Keycloak for all of these requests.

| scene | step | requests | bytes | useful, ms | portal's calls |
|---|---|---|---|---|---|"""
# The button (or the link) that this step is about stands in the frame that is painted and can be pressed.
USEFUL = """
(() => {
  if (window !== top || !location.protocol.startsWith('http')) return;
  try { sessionStorage.__from ??= performance.timeOrigin } catch { return }
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible';
  const useful = () => [...document.querySelectorAll('main button, main a')]
    .some((e) => /^(Begin|Open)/.test(e.textContent.trim()) && shown(e));
  const look = () => {
    if (useful()) console.info('useful', performance.timeOrigin + performance.now() - Number(sessionStorage.__from));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


@dataclass
class Step:
    """What one step of a load cost. Milliseconds, bytes."""

    requests: int
    bytes: int
    useful: float
    calls: int


@dataclass
class Bench:
    """The browser, the portal's log, and where new links come from."""

    browser: Browser
    log: Path
    new_link: Callable[[], str]
    seen: int = field(default=0, init=False)

    def load(self, latency: int) -> dict[str, Step]:
        """One profile follows one link."""
        context = self.browser.new_context(locale="en-GB")
        try:
            return self._follow(context, latency)
        finally:
            context.close()

    def _follow(self, context: BrowserContext, latency: int) -> dict[str, Step]:
        page, address = context.new_page(), self.new_link()
        page.add_init_script(USEFUL)
        session, wire = context.new_cdp_session(page), Wire()
        wire.listen(session)
        if latency:
            session.send("Network.emulateNetworkConditions", slow(latency))
        self._calls()
        found = {"opening": self._step(page, wire, lambda: page.goto(address))}
        page.evaluate("sessionStorage.__from = performance.timeOrigin + performance.now()")
        found["beginning"] = self._step(page, wire, page.get_by_role("button", name="Begin").click)
        return found

    def _step(self, page: Page, wire: Wire, act: Callable[[], Any]) -> Step:
        wire.sizes.clear()
        wire.redirects.clear()
        with page.expect_console_message(lambda message: message.text.startswith("useful ")) as told:
            act()
        useful = float(told.value.text.split()[1])
        wire.rest(page)
        total = sum(wire.sizes.values()) + sum(wire.redirects)
        return Step(len(wire.sizes) + len(wire.redirects), total, useful, self._calls())

    def _calls(self) -> int:
        """The portal's calls since this was asked before, by its log."""
        with self.log.open(encoding="utf-8") as log:
            log.seek(self.seen)
            lines = log.read()
            self.seen = log.tell()
        told = [json.loads(line) for line in lines.splitlines() if '"event": "request"' in line]
        return sum(int(each.get("upstream") or 0) for each in told)


def measure(bench: Bench, loads: int) -> dict[str, dict[str, list[dict[str, float]]]]:
    """Every scene, after some loads that are thrown away."""
    for _ in range(6):
        bench.load(0)
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    for name, latency in SCENES:
        say(f"{name} …")
        steps = [bench.load(latency) for _ in range(loads)]
        found[name] = {step: [vars(each[step]) for each in steps] for step in ("opening", "beginning")}
    return found


def part(figures: dict[str, Any]) -> str:
    """The part of the page, as Markdown."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    head = HEAD.format(
        title=TITLE, date=datetime.now(UTC).date(), cores=cores, load=figures["load"], browser=figures["browser"],
        keycloak=pinned().server.version, python=platform.python_version(), loads=figures["loads"],
    )  # fmt: skip
    return "\n".join([head, *_rows(figures["scenes"])]) + "\n"


def _rows(scenes: dict[str, dict[str, list[dict[str, float]]]]) -> Iterator[str]:
    for scene, steps in scenes.items():
        for step, loads in steps.items():
            yield f"| {scene} | {step} | " + " | ".join(_cells(loads)) + " |"
        both = [{key: one[key] + two[key] for key in one} for one, two in zip(*steps.values(), strict=True)]
        yield f"| {scene} | both | " + " | ".join(_cells(both)) + " |"


def _cells(loads: list[dict[str, float]]) -> Iterator[str]:
    for name in ("requests", "bytes"):
        yield f"{median(each[name] for each in loads):,.0f}"
    times = [each["useful"] for each in loads]
    low, _middle, high = quantiles(times, n=4)
    yield f"{median(times):,.0f} ({low:,.0f}–{high:,.0f})"
    yield f"{median(each['calls'] for each in loads):,.0f}"


def by_key(stage: Stage) -> Callable[[], str]:
    """Links for organization umbrella, made by the API as an application would."""
    info = stage.info()
    house = info["organizations"]["umbrella"]["id"]
    url = f"{info['portal']}/demo/api/v1/organizations/{house}/portal-links"
    head = {"Authorization": f"Bearer {info['api_key']}"}

    def new() -> str:
        answer = requests.post(url, json={"intent": INTENT}, headers=head, timeout=30)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["link"])

    return new


def main() -> int:
    """Run everything and write the part; exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=15, help="loads in each scene (default: 15)")
    loads, before = parser.parse_args().loads, os.getloadavg()[0]
    with demonstration() as stage, chromium() as browser:
        bench = Bench(browser, Path(stage.folder.root, "portal.log"), by_key(stage))
        keep({"scenes": measure(bench, loads), "loads": loads, "load": before, "browser": browser.version})
    return 0


def keep(figures: dict[str, Any]) -> None:
    """Write raw figures and table."""
    (ROOT / "test-results").mkdir(exist_ok=True)
    raw = json.dumps(figures, indent=1)
    (ROOT / "test-results" / "bench-links.json").write_text(raw, encoding="utf-8")
    figures_page.put(ROOT / "docs" / "figures.md", part(json.loads(raw)))
    say(part(figures))


if __name__ == "__main__":
    sys.exit(main())
