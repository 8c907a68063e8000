"""An organization's own look, and its details in the browser."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from conftest import violations
from organization_holdings import Place
from PIL import Image
from playwright.sync_api import Page, expect
from stack import Stack
from test_branding_portal import dress, style

from portal.clients.orgs_types import LOOK_BACKGROUND, LOOK_HEADER, LOOK_LOGO
from portal.styles.colour import Colour, contrast
from portal.styles.organization import Look, look_of, sheet

MANAGER = ("view-organization", "manage-organization")
PAINT = """name => { const probe = document.createElement("i"), context = new OffscreenCanvas(1, 1).getContext("2d");
    probe.style.color = `var(${name})`; document.body.append(probe);
    context.fillStyle = getComputedStyle(probe).color; context.fillRect(0, 0, 1, 1); probe.remove();
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3); }"""


def painted(page: Page, name: str) -> tuple[int, ...]:
    """A custom property as red, green and blue."""
    return tuple(page.evaluate(PAINT, name))


def hexed(rgb: tuple[int, ...]) -> str:
    return "#" + "".join(f"{part:02x}" for part in rgb)


def dot(colour: str) -> str:
    """The smallest picture there is: an attribute holds little."""
    out = io.BytesIO()
    Image.new("1", (1, 1), colour).save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def test_an_organizations_logo_stands_on_its_own_pages_alone(
    stack: Stack, spare_realm: str, open_page: Any, eventually: Any
) -> None:
    place, plain = Place(stack, MANAGER, spare_realm), Place(stack, MANAGER, spare_realm)
    plain.put(place.someone, *MANAGER)
    dress(stack, spare_realm, **{"_providerConfig.assets.logo.url": dot("white")})
    page = open_page(f"/{spare_realm}/o/{plain.name}/details", place.someone)
    logo = page.locator("nav .brand img.logo")

    def shown(path: str, *, but: str = "") -> str:
        page.goto(f"/{spare_realm}/{path}")
        source = str(logo.get_attribute("src")) if logo.count() else ""
        return source if source != but else ""

    base = eventually(lambda: shown(f"o/{plain.name}/details"), 20)
    expect(page.locator(".selector summary img")).to_have_count(0)
    place.write(attributes={LOOK_LOGO: [dot("black")]})
    own = eventually(lambda: shown(f"o/{place.name}/details", but=base), 20)
    expect(logo).to_have_attribute("alt", place.name.capitalize())
    expect(page.locator(".selector summary img")).to_have_attribute("src", own)
    assert logo.evaluate("node => node.complete && node.naturalWidth > 0")
    assert shown(f"o/{plain.name}/details") == base and shown("profile") == base
    place.write(attributes={LOOK_LOGO: []})
    eventually(lambda: shown(f"o/{place.name}/details") == base, 20)


@pytest.mark.feature("SV-118")
@pytest.mark.feature("SV-119")
def test_an_organizations_colours_win_on_its_own_pages_and_clearing_returns_to_the_realms(
    stack: Stack, spare_realm: str, open_page: Any, eventually: Any
) -> None:
    place, plain = Place(stack, MANAGER, spare_realm), Place(stack, MANAGER, spare_realm)
    plain.put(place.someone, *MANAGER)
    dress(stack, spare_realm, **{"portal.accentColor": "#fff8e1", "portal.headerStyle": "filled"})
    page = open_page(f"/{spare_realm}/profile", place.someone, color_scheme="light")

    def look(path: str) -> tuple[str, tuple[int, ...]]:
        page.goto(f"/{spare_realm}/{path}")
        return style(page, "header.top", "backgroundColor"), painted(page, "--canvas")

    base = eventually(lambda: (found := look("profile"))[0] != "rgba(0, 0, 0, 0)" and found, 20)
    assert look(f"o/{place.name}/details") == base
    place.write(attributes={LOOK_BACKGROUND: ["#0b6e4f"], LOOK_HEADER: ["plain"]})
    own = eventually(lambda: (found := look(f"o/{place.name}/details")) != base and found, 20)
    assert own[0] == "rgba(0, 0, 0, 0)", "the organization's plain header wins over the realm's filled one"
    red, green, _blue = own[1]
    assert green > red, "the ground has the organization's hue"
    page.goto(f"/{spare_realm}/o/{place.name}/leave")
    assert page.locator("link[href*='/branding/organization/']").count() == 1
    for path in ("profile", f"o/{plain.name}/details"):
        assert look(path) == base
    place.write(attributes={LOOK_HEADER: []})
    eventually(lambda: look(f"o/{place.name}/details") == (base[0], own[1]), 20)
    place.write(attributes={LOOK_BACKGROUND: []})
    eventually(lambda: look(f"o/{place.name}/details") == base, 20)


@pytest.mark.feature("SV-118")
def test_lettering_stays_readable_on_any_background(stack: Stack, open_page: Any, eventually: Any) -> None:
    place = Place(stack, MANAGER)
    page = open_page(f"/demo/o/{place.name}/details", place.someone)
    seen = {}
    for colour in ("#000000", "#ff0000", "#ffff00", "#0000ff", "#00ff00", "#808080", "#ffffff"):
        place.write(attributes={LOOK_BACKGROUND: [colour], LOOK_HEADER: ["filled"]})
        eventually(lambda wanted=colour: wearing(page, wanted), 20)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            ground = Colour.of(hexed(painted(page, "--canvas")))
            for name in ("--text", "--muted", "--link", "--here"):
                seen[colour, scheme, name] = contrast(Colour.of(hexed(painted(page, name))), ground)
    assert {key: ratio for key, ratio in seen.items() if ratio < 4.5} == {}


def wearing(page: Page, colour: str) -> bool:
    page.reload()
    return page.locator(f"link[href*='/branding/organization/{colour[1:]}-filled']").count() == 1


HOSTILE = [
    {LOOK_BACKGROUND: "red;} body { display: none"}, {LOOK_BACKGROUND: "#12345"}, {LOOK_BACKGROUND: "var(--x)"},
    {LOOK_HEADER: "filled; } * { display: none"}, {LOOK_HEADER: "none"}, {LOOK_LOGO: "javascript:alert(1)"},
    {LOOK_LOGO: "//evil.test/x"}, {LOOK_LOGO: "file:///etc/passwd"}, {LOOK_LOGO: "https://x.test/" + "x" * 2000},
]  # fmt: skip


@pytest.mark.case("B2")
def test_what_is_no_look_is_left_out(stack: Stack) -> None:
    for values in HOSTILE:
        assert look_of(values) == Look(), values
        assert sheet(look_of(values)) == ""
    place = Place(stack, MANAGER)
    place.write(attributes={LOOK_BACKGROUND: ["#111;}*{display:none"], LOOK_LOGO: [f"{stack.keycloak_url}/x.png"]})
    page = place.browser.get(f"o/{place.name}/details").text
    assert "branding/organization" not in page and "display:none" not in page
    for path in ("zzzzzz-filled", "base-none", "base-base", "1B5E20-plain", "1b5e20-filled;x", "1b5e2-base"):
        assert place.browser.get(f"branding/organization/{path}.css").status_code == 404, path
    answer = place.browser.get("branding/organization/1b5e20-filled.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.feature("P2-34")
@pytest.mark.case("Q2")
def test_two_browsers_edit_the_same_organization(stack: Stack, open_page: Any) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(attributes={"plan": ["gold"]})
    path = f"/demo/o/{place.name}/details"
    first, second = open_page(path, place.someone), open_page(path, place.join(*MANAGER))
    second.get_by_label("Display name").fill("Second")
    second.get_by_label("Value 1").fill("silver")
    second.get_by_role("button", name="Save details").click()
    expect(second.locator(".toasts").get_by_text("Details saved.")).to_be_visible()
    first.get_by_label("Display name").fill("First")
    first.get_by_role("button", name="Add an attribute").click()
    first.get_by_label("Name 2").fill("tier")
    first.get_by_label("Value 2").fill("2")
    first.get_by_role("button", name="Save details").click()
    expect(first.get_by_text("Somebody else changed the same in the meantime")).to_be_visible()
    clash = first.get_by_role("region", name="Display name")
    expect(clash).to_contain_text(re.compile(f"{place.name.capitalize()}.*First.*Second", re.DOTALL))
    expect(first.get_by_label("Value 2")).to_have_value("2")
    expect(first.get_by_label("Value 1")).to_have_value("silver")
    assert place.read()["displayName"] == "Second"
    clash.get_by_label("Keep mine").check()
    first.get_by_role("button", name="Save details").click()
    expect(first.locator(".toasts").get_by_text("Details saved.")).to_be_visible()
    now = place.read()
    assert (now["displayName"], now["attributes"]) == ("First", {"plan": ["silver"], "tier": ["2"]})
    first.get_by_role("button", name="Undo").click()
    expect(first.locator(".toasts").get_by_text("The details are as they were.")).to_be_visible()
    now = place.read()
    assert (now["displayName"], now["attributes"]) == ("Second", {"plan": ["silver"]})


@pytest.mark.feature("WO-04")
@pytest.mark.feature("P2-33")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_for_everybody(stack: Stack, open_page: Any, eventually: Any, scheme: str) -> None:
    place = Place(stack, roles=(*MANAGER, "delete-organization"))
    place.write(url="https://www.tests.test/" + "long" * 40, attributes={"k" * 60: ["v" * 200], "region": ["a", "b"]})
    someone = place.someone
    for viewport in ({"width": 320, "height": 700}, {"width": 1280, "height": 900}):
        page = open_page(
            f"/demo/o/{place.name}/details", someone, color_scheme=scheme, viewport=viewport, bypass_csp=True
        )
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert violations(page) == []
        page.get_by_role("button", name="Copy").click()
        eventually(lambda seen=page: seen.evaluate("navigator.clipboard.readText()") == place.id)
        for path in ("leave", "details/delete"):
            page.goto(f"/demo/o/{place.name}/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
            assert violations(page) == []
