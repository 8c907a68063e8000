"""Those who may manage an organization give it a logo, a background and a bar, and nothing else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cast import Client
from organization_holdings import Place
from PIL import Image
from playwright.sync_api import Page
from stack import Stack
from test_branding_portal import style

SEE = ("view-organization",)


@pytest.fixture(scope="session")
def place(stack: Stack) -> Place:
    """An organization of this file's own."""
    return Place(stack, roles=(*SEE, "manage-organization"))


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "#1b5e20").save(out, "PNG")
    return out.getvalue()


@pytest.mark.feature("SV-116")
@pytest.mark.feature("SV-117")
@pytest.mark.feature("SV-118")
@pytest.mark.feature("SV-119")
def test_an_organization_wears_its_own_and_others_do_not(stack: Stack, place: Place, open_page: Any) -> None:
    other = Place(stack, roles=SEE)
    other.put(place.someone, *SEE)
    path = f"o/{place.name}/details/look"
    assert "Change the branding" in place.browser.get(f"o/{place.name}/details").text
    form, files = {"background": "#1b5e20", "header": "filled"}, {"logo_file": ("logo.png", picture())}
    assert place.browser.post(path, form, files=files).status_code == 303
    page: Page = open_page(f"/demo/o/{place.name}/details", place.someone, color_scheme="light")
    assert page.locator("nav img.logo").evaluate("node => node.complete && node.naturalWidth > 0")
    worn = style(page, ".top", "backgroundColor")
    page.goto(f"/demo/o/{other.name}/details")
    assert style(page, ".top", "backgroundColor") != worn
    assert page.locator("link[href*='branding/organization']").count() == 0
    assert place.browser.post(path, {"logo_none": "yes"}).status_code == 303
    assert not any(key.startswith("portal.") for key in place.read()["attributes"])


def test_nobody_fills_the_store_with_pictures(stack: Stack) -> None:
    place = Place(stack, roles=(*SEE, "manage-organization"))
    path, files = f"o/{place.name}/details/look", {"logo_file": ("logo.png", b"no picture")}
    for _number in range(20):
        assert place.browser.post(path, {}, files=files).status_code == 422
    assert place.browser.post(path, {}, files=files).status_code == 429
    assert place.browser.post(path, {"logo": "https://pictures.test/logo.png"}).status_code == 429
    assert place.browser.post(path, {"background": "#1b5e20"}).status_code == 303


@pytest.mark.feature("SV-120")
@pytest.mark.case("S7")
def test_there_are_predefined_options_only(place: Place) -> None:
    path = f"o/{place.name}/details/look"
    page = place.browser.get(path).text
    assert "textarea" not in page
    before = place.read()["attributes"]
    for forged in ({"background": "red;} body{display:none"}, {"header": "top: 0; position: fixed"}):
        assert place.browser.post(path, forged).status_code == 422
    forged = {"css": "body{display:none}", "_providerConfig.assets.portal.css": "a{}", "layout": "top"}
    assert place.browser.post(path, forged).status_code == 303
    assert place.read()["attributes"] == before
    viewer = place.join(*SEE)
    assert Client(place.stack).sign_in(viewer).post(path, {"header": "filled"}).status_code == 403
