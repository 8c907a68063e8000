"""An operator gives his realm colours, pictures and a style sheet; the vendor's keys carry them both ways."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from cast import Client
from PIL import Image
from playwright.sync_api import Page, expect
from realm_holdings import Realm
from stack import Stack
from test_branding_portal import HOSTILE, colour, style

from portal.realm_settings.branding import SHADES
from portal.styles.branding import ACCENT, CSS, FAVICON, LOGO, PRIMARY, SECONDARY

LOOK = {"primary": "#ffd60a", "secondary": "#7a1fa2", "accent": "#eef3fb"}


@pytest.fixture(scope="session")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file."""
    return Realm(stack, make_realm)


def look(realm: Realm, **fields: str) -> dict[str, Any]:
    """The form of the branding as an operator sends it who has just opened the page."""
    found = realm.attributes()
    present = {
        "primary": found.get(PRIMARY, ""), "secondary": found.get(SECONDARY, ""), "accent": found.get(ACCENT, ""),
        "logo": found.get(LOGO, ""), "favicon": found.get(FAVICON, ""), "header": "",
    }  # fmt: skip
    return {"shown": realm.shown(), **present, **fields}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#7a1fa2").save(out, kind)
    return out.getvalue()


@pytest.mark.feature("P2-49")
def test_three_colours_reach_every_page_and_the_vendors_shades(realm: Realm, open_page: Any) -> None:
    page: Page = open_page(f"/{realm.name}/profile", realm.join(), color_scheme="light")
    assert realm.browser.post("settings/branding", look(realm, **LOOK)).status_code == 303
    page.reload()
    assert colour(page, ".btn.primary") == [255, 214, 10]
    page.goto(f"/{realm.name}/data/delete")
    assert page.locator("link[href*='branding'][href$='colors.css']").count() == 1
    found = realm.attributes()
    assert (found[PRIMARY], found[SECONDARY], found[ACCENT]) == tuple(LOOK.values())
    assert all(found[key].startswith("#") and len(found[key]) == 7 for key in SHADES)
    assert realm.browser.post("settings/branding", look(realm, primary="", secondary="", accent="")).status_code == 303
    assert not {PRIMARY, SECONDARY, ACCENT, *SHADES} & set(realm.attributes())


@pytest.mark.feature("P2-49")
def test_the_check_names_the_pair_that_cannot_be_read(realm: Realm) -> None:
    page = realm.browser.get("settings/branding/preview?primary=%23ffd60a").text
    assert "Links (primary), light: as chosen 1." in page and "needed is 4.5 : 1" in page
    assert "Links (primary), light: as chosen" not in realm.browser.get("settings/branding/preview").text
    sheet = realm.browser.get("settings/branding/preview.css?primary=%23ffd60a").text
    assert "--brand-primary: #ffd60a" in sheet and sheet.startswith("[data-brand=preview]")
    assert "--top: transparent" in sheet, "what is saved does not shine through"
    assert "--top: var(--primary)" in realm.browser.get("settings/branding/preview.css?header=filled").text
    assert "header=filled" in realm.browser.get("settings/branding/preview?header=filled").text


@pytest.mark.feature("P2-49")
def test_the_preview_follows_the_hand_in_both_themes(realm: Realm, open_page: Any, eventually: Any) -> None:
    page: Page = open_page(f"/{realm.name}/settings/branding", realm.someone, color_scheme="light")
    page.get_by_label("Primary", exact=True).fill("#7a1fa2")
    expect(page.locator("#preview link")).to_have_attribute("href", _contains("%237a1fa2"))
    for theme in ("light", "dark"):
        button = f"#preview [data-theme={theme}] .btn.primary"
        eventually(lambda button=button: colour(page, button)[0] > colour(page, button)[1], told=theme)
    light = "#preview [data-theme=light] .btn.primary"
    eventually(lambda: colour(page, light) == [122, 31, 162], told="a colour changes over a moment")
    assert colour(page, ".btn.primary:not(#preview *)") != [122, 31, 162], "nothing outside the preview changes"
    assert PRIMARY not in realm.attributes()


def _contains(text: str) -> Any:
    import re

    return re.compile(re.escape(text))


def test_without_scripts_the_preview_is_a_button(realm: Realm) -> None:
    answer = realm.browser.post("settings/branding", look(realm, primary="#7a1fa2", do="try"))
    assert answer.status_code == 200 and "Not saved yet" in answer.text and "%237a1fa2" in answer.text
    assert PRIMARY not in realm.attributes()


@pytest.mark.case("B6")
@pytest.mark.parametrize("value", ["red;} body{display:none", "var(--x)", "#12", "red", "#12345g", "x" * 10_000])
def test_what_is_no_colour_is_refused(realm: Realm, value: str) -> None:
    answer = realm.browser.post("settings/branding", look(realm, primary=value))
    assert answer.status_code == 422 and "Enter a colour" in answer.text
    assert PRIMARY not in realm.attributes()


@pytest.mark.feature("P2-47")
@pytest.mark.feature("P2-48")
def test_an_uploaded_picture_is_served_from_here(realm: Realm, open_page: Any) -> None:
    files = {
        "logo_file": ("logo.png", picture()),
        "favicon_file": ("f.svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'),
    }
    assert realm.browser.post("settings/branding", look(realm), files=files).status_code == 303
    found = realm.attributes()
    assert found[LOGO].startswith(f"{realm.stack.portal_url}/{realm.name}/branding/logo-")
    served = realm.browser.get(found[LOGO])
    assert served.headers["Content-Type"] == "image/png" and served.content != picture()
    assert realm.browser.get(found[FAVICON]).headers["Content-Type"] == "image/svg+xml"
    page: Page = open_page(f"/{realm.name}/profile", realm.join())
    logo = page.locator("nav img.logo")
    assert logo.evaluate("node => node.complete && node.naturalWidth > 0")
    assert "/branding/favicon-" in str(page.locator("link[rel=icon]").get_attribute("href"))
    none = look(realm, logo_none="yes", favicon_none="yes")
    assert realm.browser.post("settings/branding", none).status_code == 303
    assert not {LOGO, FAVICON} & set(realm.attributes())


@pytest.mark.case("B7")
@pytest.mark.case("B8")
@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        b"GIF89a/*<script>alert(1)</script>*/=1;", b"MZ this is a program", picture(size=(30_000, 1_000)),
    ],
    ids=["entity", "polyglot", "program", "too many pixels"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(realm: Realm, content: bytes) -> None:
    answer = realm.browser.post("settings/branding", look(realm), files={"logo_file": ("logo.png", content)})
    assert answer.status_code == 422 and "This picture cannot be used" in answer.text
    assert LOGO not in realm.attributes()


@pytest.mark.case("B7")
def test_an_uploaded_drawing_keeps_nothing_that_acts(realm: Realm) -> None:
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><circle r="4"/></svg>'
    )
    answer = realm.browser.post("settings/branding", look(realm), files={"logo_file": ("l.svg", drawing)})
    if answer.status_code == 303:
        served = realm.browser.get(realm.attributes()[LOGO])
        assert b"script" not in served.content and b"onload" not in served.content
        assert served.headers["Content-Disposition"].startswith("attachment")
        assert realm.browser.post("settings/branding", look(realm, logo_none="yes")).status_code == 303
    else:
        assert answer.status_code == 422


@pytest.mark.case("B9")
@pytest.mark.parametrize(
    "source", ["http://169.254.169.254/logo.png", "https://127.0.0.1/logo.png", "javascript:alert(1)", "//evil.test/x"]
)
def test_a_picture_from_where_nobody_may_fetch_is_refused(realm: Realm, source: str) -> None:
    answer = realm.browser.post("settings/branding", look(realm, logo=source))
    assert answer.status_code == 422, answer.text
    assert LOGO not in realm.attributes()


def test_the_vendors_colours_are_shown_and_kept_when_nothing_is_changed(realm: Realm, eventually: Any) -> None:
    theirs = {PRIMARY: "#123456", SHADES[0]: "#abcdef"}
    realm.write(**theirs)
    assert eventually(lambda: 'value="#123456"' in realm.browser.get("settings/branding").text)
    assert realm.browser.post("settings/branding", look(realm, accent="#eef3fb")).status_code == 303
    assert {key: realm.attributes()[key] for key in theirs} == theirs
    realm.browser.post("settings/branding", look(realm, primary="", accent=""))


@pytest.mark.feature("P2-50")
@pytest.mark.case("B4")
def test_a_style_sheet_is_looked_at_before_everybody_wears_it(realm: Realm, open_page: Any) -> None:
    page: Page = open_page(f"/{realm.name}/settings/style-sheet", realm.someone)
    page.get_by_label("Style sheet").fill("h1 { letter-spacing: 7px }")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/style-sheet/preview")
    assert style(page, "h1", "letterSpacing") == "7px"
    assert CSS not in realm.attributes()
    page.goto(f"/{realm.name}/settings/style-sheet/preview?safe-style=1")
    assert style(page, "h1", "letterSpacing") != "7px"
    page.goto(f"/{realm.name}/settings/style-sheet")
    page.get_by_role("button", name="Save style sheet").click()
    expect(page.get_by_label("Style sheet")).to_have_value("h1 { letter-spacing: 7px }\n")
    assert style(page, "h1", "letterSpacing") != "7px", "the editor does not wear it"
    page.goto(f"/{realm.name}/profile")
    assert style(page, "h1", "letterSpacing") == "7px"
    page.goto(f"/{realm.name}/profile?safe-style=1")
    assert style(page, "h1", "letterSpacing") != "7px"
    assert realm.browser.post("settings/style-sheet", {"shown": realm.shown(), "css": ""}).status_code == 303
    assert CSS not in realm.attributes()


@pytest.mark.case("B1")
@pytest.mark.case("B2")
def test_a_hostile_sheet_through_the_editor_calls_nobody(realm: Realm, open_page: Any) -> None:
    editor = realm.browser
    assert editor.post("settings/style-sheet", {"shown": realm.shown(), "css": HOSTILE}).status_code == 303
    told = editor.get("settings/style-sheet").text
    assert "This is left out" in told and "@import, @font-face" in told
    page: Page = open_page("/healthz")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/{realm.name}/profile")
    from conftest import sign_in

    sign_in(page, realm.join())
    page.goto(f"/{realm.name}/profile", wait_until="networkidle")
    assert style(page, "h1", "letterSpacing") == "7px"
    assert [url for url in asked if "evil.test" in url] == []
    editor.post("settings/style-sheet", {"shown": realm.shown(), "css": ""})


@pytest.mark.case("B5")
@pytest.mark.parametrize(
    ("css", "status"),
    [("a{}" * 30_000, 422), (".a" + ",.a" * 10_000 + "{color:red}", 422), ("x" * 1_048_576, 413)],
    ids=["size", "selectors", "a megabyte"],
)
def test_a_sheet_beyond_its_limits_is_refused(realm: Realm, css: str, status: int) -> None:
    answer = realm.browser.post("settings/style-sheet", {"shown": realm.shown(), "css": css})
    assert answer.status_code == status
    assert CSS not in realm.attributes()


@pytest.mark.case("S6")
def test_a_viewer_sees_the_look_and_changes_nothing(realm: Realm) -> None:
    viewer: Client = realm.enter(realm.join("view-realm"))
    assert "Save branding" not in viewer.get("settings/branding").text
    assert viewer.get("settings/style-sheet").status_code == 403
    for path in ("branding", "style-sheet", "return"):
        assert viewer.post(f"settings/{path}", {"shown": "{}", "css": "a{}", "primary": "#000000"}).status_code == 403
