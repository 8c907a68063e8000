"""One page loaded in the browser: what went over the wire, and when it was of use to the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page

# The same rule for both products: in the frame that is painted, the person's e-mail address stands in the page's main
# part and a button to save is there and can be pressed. Looked at before each frame is painted.
USEFUL = """
(() => {
  if (window !== top || !location.protocol.startsWith('http')) return;
  try { sessionStorage.__from ??= performance.timeOrigin } catch { return }
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible';
  const holds = (e) => (e.value ?? '') === '%(mail)s' || (!e.children.length && e.textContent.trim() === '%(mail)s');
  const saves = (e) => /^save/i.test(e.textContent.trim()) && !e.disabled;
  const useful = () => {
    const main = document.querySelector('main');
    return main && [...main.querySelectorAll('*')].some((e) => holds(e) && shown(e))
      && [...main.querySelectorAll('button')].some((e) => saves(e) && shown(e));
  };
  const look = () => {
    if (useful()) console.info('useful', performance.timeOrigin + performance.now() - Number(sessionStorage.__from));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


@dataclass
class Load:
    """Figures of one load. Times in milliseconds, sizes in bytes."""

    useful: float
    bytes: int
    requests: int
    asked: int
    script: float
    heap: int


@dataclass
class Wire:
    """Counts what the browser really asked a server for; what came from its cache is counted in `asked` only."""

    asked: int = 0
    under_way: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    redirects: list[int] = field(default_factory=list)

    def listen(self, session: CDPSession) -> None:
        """Begin counting on this page."""
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.requestServedFromCache", lambda event: self._cached(event["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.loadingFailed", lambda event: self.under_way.discard(event["requestId"]))

    def _sent(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("http"):
            return
        self.asked += 1
        if answer := event.get("redirectResponse"):
            self.redirects.append(int(answer["encodedDataLength"]))
        self.sizes[event["requestId"]] = 0
        self.under_way.add(event["requestId"])

    def _cached(self, request: str) -> None:
        self.sizes.pop(request, None)

    def _answered(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer.get("fromDiskCache") or answer.get("fromPrefetchCache"):
            self._cached(event["requestId"])

    def rest(self, page: Page) -> None:
        """Wait until nothing has been under way for half a second; at most ten seconds."""
        quiet = 0
        for _ in range(200):
            quiet = 0 if self.under_way else quiet + 1
            if quiet > 10:
                return
            page.wait_for_timeout(50)

    def _finished(self, event: dict[str, Any]) -> None:
        self.under_way.discard(event["requestId"])
        if event["requestId"] in self.sizes:
            self.sizes[event["requestId"]] = int(event["encodedDataLength"])


def load(context: BrowserContext, address: str, mail: str, *, latency: int = 0, measure: bool = True) -> Load | None:
    """Open `address` in a new tab and wait until it is useful and the network rests.

    `latency` is added to every request, in milliseconds. Raises Playwright's time-out if the page never is useful.
    """
    page = context.new_page()
    try:
        page.add_init_script(USEFUL % {"mail": mail})
        if not measure:
            _useful_after(page, address)
            return None
        session, wire = context.new_cdp_session(page), Wire()
        wire.listen(session)
        session.send("Performance.enable")
        if latency:
            session.send("Network.emulateNetworkConditions", slow(latency))
        useful = _useful_after(page, address)
        wire.rest(page)
        return _figures(session, wire, useful)
    finally:
        page.close()


def _useful_after(page: Page, address: str) -> float:
    with page.expect_console_message(lambda message: message.text.startswith("useful ")) as told:
        page.goto(address)
    return float(told.value.text.split()[1])


def _figures(session: CDPSession, wire: Wire, useful: float) -> Load:
    script = _metrics(session)["ScriptDuration"] * 1000
    session.send("HeapProfiler.collectGarbage")
    heap = int(_metrics(session)["JSHeapUsedSize"])
    total = sum(wire.sizes.values()) + sum(wire.redirects)
    return Load(useful, total, len(wire.sizes) + len(wire.redirects), wire.asked, script, heap)


def _metrics(session: CDPSession) -> dict[str, float]:
    return {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}


def slow(latency: int) -> dict[str, Any]:
    """Network conditions with so many milliseconds more for each request."""
    return {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
