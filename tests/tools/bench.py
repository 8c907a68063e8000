"""`make bench`: the portal's Profile beside "Personal info" of Keycloak's account console, written to docs/figures.md.

Same browser, same person, same Keycloak in production mode. The two take turns (A B B A), so that a busy machine
is unfair to neither. Raw figures go to test-results/bench.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import bench_server
import bench_table
import figures_page
import requests
from bench_page import Load, load
from playwright.sync_api import Browser, BrowserContext
from size import ROOT
from stage_run import chromium, demonstration, say, sign_in

from portal.demo.stage import Stage

PERSON = "olivia"
PORTAL, CONSOLE = "portal", "console"
LATENCY = 50
DIRECT_PAGES = 300


@dataclass
class Bench:
    """One run: where the two are, the browser with the person signed in, and how often to look."""

    stage: Stage
    browser: Browser
    pairs: int
    state: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.addresses = {
            PORTAL: f"{self.stage.addresses.portal}/demo/profile",
            CONSOLE: f"{self.stage.keycloak.base_url}/realms/demo/account/",
        }
        self.mail = f"{PERSON}@umbrella.test"
        context = self.browser.new_context()
        sign_in(context, self.addresses[PORTAL], PERSON, self.stage.passwords[PERSON])
        for address in self.addresses.values():
            load(context, address, self.mail, measure=False)
        self.state = context.storage_state()
        context.close()

    def context(self, state: Any = None) -> BrowserContext:
        """A browser profile with the person's cookies and an empty cache."""
        return self.browser.new_context(storage_state=state or self.state)

    def cold(self, product: str, latency: int = 0, state: Any = None) -> Load:
        """One load with an empty cache."""
        context = self.context(state)
        try:
            return self.one(context, product, latency)
        finally:
            context.close()

    def one(self, context: BrowserContext, product: str, latency: int = 0) -> Load:
        """One load in a tab of its own."""
        found = load(context, self.addresses[product], self.mail, latency=latency)
        assert found
        return found

    def turns(self, act: Callable[[str], Load]) -> dict[str, list[Load]]:
        """Load both as often as asked, in turns."""
        found: dict[str, list[Load]] = {PORTAL: [], CONSOLE: []}
        for product in in_turns(self.pairs):
            found[product].append(act(product))
        return found

    def warm(self, latency: int = 0) -> dict[str, list[Load]]:
        """Loads whose profile has seen the page before."""
        contexts = {product: self.context() for product in self.addresses}
        for product, context in contexts.items():
            self.one(context, product)
        found = self.turns(lambda product: self.one(contexts[product], product, latency))
        for context in contexts.values():
            context.close()
        return found

    def arriving(self, latency: int = 0) -> list[Load]:
        """Cold loads of the portal by somebody whom Keycloak knows and the portal does not yet."""
        port = str(self.stage.ports.portal)
        cookies = [cookie for cookie in self.state["cookies"] if port not in cookie["name"]]
        return [self.cold(PORTAL, latency, {"cookies": cookies, "origins": []}) for _ in range(self.pairs)]

    def processor(self) -> dict[str, dict[str, float]]:
        """Processor time a page on both sides, warm, through the browser."""
        processor = bench_server.Processor(self.stage)
        found: dict[str, dict[str, float]] = {PORTAL: {}, CONSOLE: {}}
        for product in in_turns(2):
            context = self.context()
            self.one(context, product)
            used = processor.of(lambda p=product, c=context: self._several(c, p), 2 * self.pairs)  # type: ignore[misc]
            found[product] = {key: found[product].get(key, 0) + value / 2 for key, value in used.items()}
            context.close()
        return {**found, "direct": processor.of(lambda: self.direct(DIRECT_PAGES), DIRECT_PAGES)}

    def _several(self, context: BrowserContext, product: str) -> None:
        for _ in range(2 * self.pairs):
            self.one(context, product)

    def direct(self, pages: int) -> None:
        """Ask for Profile without a browser, over one connection that is kept."""
        client = requests.Session()
        for cookie in self.state["cookies"]:
            client.cookies.set(cookie["name"], cookie["value"], domain="localhost.local", path=cookie["path"])
        for _ in range(pages):
            answer = client.get(self.addresses[PORTAL], allow_redirects=False, timeout=10)
            assert answer.status_code == 200, answer.status_code

    def calls(self, pages: int) -> dict[str, float]:
        """The portal's own calls to Keycloak a page, by path; a person's steady use, not the first page."""
        with bench_server.counted_calls(self.stage) as calls:
            self.direct(8)
            calls.clear()
            self.direct(pages)
            return {path: count / pages for path, count in sorted(calls.items())}


def in_turns(pairs: int) -> Iterator[str]:
    """A B, B A, A B …"""
    for number in range(pairs):
        yield from (PORTAL, CONSOLE) if number % 2 == 0 else (CONSOLE, PORTAL)


def measure(bench: Bench) -> dict[str, Any]:
    """Every scene in order."""
    say("Warming up …")
    for product in in_turns(20):
        bench.cold(product)
    figures: dict[str, Any] = {"pairs": bench.pairs, "latency": LATENCY}
    for name, latency in (("near", 0), ("far", LATENCY)):
        say(f"Cold, warm and arriving, with {latency} ms added …")
        figures[f"{name} cold"] = bench.turns(lambda product, added=latency: bench.cold(product, added))  # type: ignore[misc]
        figures[f"{name} warm"] = bench.warm(latency)
        figures[f"{name} arriving"] = {PORTAL: bench.arriving(latency)}
    say("Processor, memory, calls …")
    figures["processor"] = bench.processor()
    figures["workers"] = bench_server.workers(bench.stage)
    figures["calls"] = bench.calls(100)
    return figures


def main() -> int:
    """Run everything and write the table; exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=15, help="loads of each product in each scene (default: 15)")
    pairs = parser.parse_args().pairs
    load_before = os.getloadavg()[0]
    with demonstration() as stage, chromium() as browser:
        figures = measure(Bench(stage, browser, pairs))
        figures |= {"browser": browser.version, "load": load_before}
    results = ROOT / "test-results"
    results.mkdir(exist_ok=True)
    raw = json.dumps(figures, indent=1, default=asdict)
    (results / "bench.json").write_text(raw, encoding="utf-8")
    table = bench_table.table(json.loads(raw))
    page = ROOT / "docs" / "figures.md"
    page.write_text(table + figures_page.kept(page), encoding="utf-8")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
