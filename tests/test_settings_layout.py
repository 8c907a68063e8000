"""The second layout, where the style sheet counts, and the additional script, on the running portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import sign_in
from layout_steps import CODE, form, hash_of
from organization_holdings import Place
from playwright.sync_api import Page
from realm_holdings import Realm
from stack import Stack
from test_branding_portal import colour, dress, picture, style

from portal.styles.branding import CSS, LOGO, PRIMARY
from portal.styles.extras import LAYOUT, SCRIPT, TARGET


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file."""
    return Realm(stack, make_realm)


@pytest.mark.feature("SV-123")
def test_the_operator_puts_the_navigation_on_top(realm: Realm, open_page: Any) -> None:
    page: Page = open_page(f"/{realm.name}/profile", realm.join())
    assert page.locator("nav.side").bounding_box()["height"] > 500
    assert realm.browser.post("settings/layout", form(realm, layout="top")).status_code == 303
    page.reload()
    box = page.locator("nav.side").bounding_box()
    assert box["width"] > 1200 and box["height"] < 250 and box["y"] + page.evaluate("scrollY") == 0
    page.set_viewport_size({"width": 360, "height": 720})
    assert not page.locator("nav.side").is_visible(), "a phone keeps its menu"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    (change,) = [each for each in realm.changes() if each.area == "layout"][-1:]
    assert "Navigation on top" in realm.browser.get("settings/changes").text
    answer = realm.browser.post(f"settings/changes/{change.id}/undo", {"confirm": "yes"})
    assert answer.status_code == 303 and LAYOUT not in realm.attributes()
    assert realm.browser.post("settings/layout", form(realm, layout="diagonal")).status_code == 422


@pytest.mark.feature("SV-123")
def test_no_organization_chooses_a_layout(stack: Stack, realm: Realm) -> None:
    place = Place(stack, realm=realm.name)
    page = place.browser.get(f"o/{place.name}/details/look").text
    assert 'name="background"' in page and 'name="layout"' not in page and "settings/layout" not in page
    assert place.browser.get("settings/layout").status_code == 403


@pytest.mark.feature("SV-121")
def test_the_style_sheet_counts_where_the_operator_wants_it(stack: Stack, realm: Realm, open_page: Any) -> None:
    place = Place(stack, realm=realm.name)
    realm.write(**{CSS: "h1 { letter-spacing: 7px }"})
    page: Page = open_page(f"/{realm.name}/o/{place.name}/details", place.someone)

    def spaced(path: str) -> bool:
        page.goto(f"/{realm.name}/{path}")
        return style(page, "h1", "letterSpacing") == "7px"

    for target, inside, outside in (("organization", True, False), ("account", False, True), ("", True, True)):
        assert realm.browser.post("settings/layout", form(realm, target=target)).status_code == 303
        assert (spaced(f"o/{place.name}/details"), spaced("profile")) == (inside, outside), target
    dress(stack, realm.name, **{CSS: "", TARGET: ""})


@pytest.mark.feature("SV-114")
@pytest.mark.feature("SV-115")
def test_a_new_organization_and_the_sign_in_page_wear_the_look_of_the_realm(
    stack: Stack, realm: Realm, open_page: Any, eventually: Any
) -> None:
    admin = stack.admin()
    admin.put(f"/admin/realms/{realm.name}", {"loginTheme": "portal"})
    dress(stack, realm.name, **{PRIMARY: "#7a1fa2", LOGO: picture()})
    place = Place(stack, realm=realm.name)
    page: Page = open_page(f"/{realm.name}/o/{place.name}/details", color_scheme="light")
    assert colour(page, "#kc-login") == [122, 31, 162]
    assert "data:image/png" in style(page, "#kc-header-wrapper", "content")
    sign_in(page, place.someone)

    def logo() -> bool:
        page.reload()
        return page.locator("nav img.logo").count() == 1

    eventually(logo, told="the picture is read once, beside the pages")
    assert colour(page, ".btn.primary") == [122, 31, 162]
    dress(stack, realm.name, **{PRIMARY: "", LOGO: ""})


@pytest.mark.feature("SV-122")
def test_with_several_realms_at_one_address_there_is_no_script(realm: Realm, open_page: Any) -> None:
    assert "serves several realms" in realm.browser.get("settings/layout").text
    wanted = form(realm, script="https://cdn.example.com/a.js", integrity=hash_of(CODE))
    assert realm.browser.post("settings/layout", wanted).status_code == 303
    assert SCRIPT not in realm.attributes()
    realm.write(**{SCRIPT: f"https://cdn.example.com/a.js {hash_of(CODE)}"})
    answer = realm.enter(realm.join()).get("profile")
    assert "cdn.example.com" not in answer.text + answer.headers["Content-Security-Policy"]
