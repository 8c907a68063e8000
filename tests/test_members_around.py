"""Around the members: choosing an organization, what its pages are called, and what each sees of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cast import of_the_cast
from organization_holdings import Place
from playwright.sync_api import expect
from stack import Stack

from portal.demo.organizations import VIEW_ROLES


@pytest.mark.feature("SV-12")
@pytest.mark.feature("SV-13")
@pytest.mark.feature("SV-14")
@pytest.mark.feature("SV-15")
def test_the_selector_names_the_organization_and_keeps_stars(stack: Stack, open_page: Any, client: Any) -> None:
    place, second = Place(stack), Place(stack)
    second.put(place.someone, *VIEW_ROLES)
    page = open_page(f"/demo/o/{place.name}/members", place.someone)
    selector = page.locator("nav details").first
    expect(selector.locator("summary")).to_contain_text(place.name.capitalize())
    selector.locator("summary").click()
    with page.expect_response(lambda answer: answer.url.endswith("/members") and answer.ok):
        selector.get_by_role("button", name=f"Star {second.name.capitalize()}").click()
    expect(selector).not_to_have_attribute("open", "")
    selector.locator("summary").click()
    expect(selector.get_by_role("heading", name="Starred")).to_be_visible()
    selector.get_by_role("link", name=second.name.capitalize()).click()
    page.wait_for_url(f"**/o/{second.name}/members")
    expect(selector.locator("summary")).to_contain_text(second.name.capitalize())
    page.go_back()
    page.wait_for_url(f"**/o/{place.name}/members")
    elsewhere = client(place.someone).get("organizations").text
    assert f'aria-pressed="true" aria-label="Star {second.name.capitalize()}"' in elsewhere


@pytest.mark.feature("SV-16")
@pytest.mark.feature("SV-17")
def test_the_palette_switches_organizations_by_keyboard_alone(stack: Stack, open_page: Any) -> None:
    place, second = Place(stack), Place(stack)
    second.put(place.someone, *VIEW_ROLES)
    page = open_page(f"/demo/o/{place.name}/members", place.someone)
    page.get_by_label("Name, email or username").focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing")
    expect(page.get_by_text("Nothing has “no such thing”")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Name, email or username")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type(second.name[-6:])
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/o/{second.name}/members")


@pytest.mark.feature("P2-58")
@pytest.mark.feature("P2-32")
def test_a_member_without_a_role_sees_what_he_is_and_nothing_of_the_rest(stack: Stack) -> None:
    place = Place(stack, roles=())
    shown = place.browser.get(f"o/{place.name}")
    assert shown.url.endswith("/membership") and "You are a member without a role" in shown.text
    assert place.browser.get(f"o/{place.name}/members").status_code == 403
    listed = place.browser.get("organizations").text
    assert place.name in listed and listed.count('scope="row"') == 1


@pytest.mark.feature("SV-26")
def test_every_list_is_named_in_heading_and_title(stack: Stack) -> None:
    place = Place(stack)
    lists = {
        "members": "Members",
        "invitations": "Invitations",
        "roles": "Roles",
        "domains": "Domains",
        "events": "Events",
    }
    for path, name in lists.items():
        page = place.browser.get(f"o/{place.name}/{path}").text
        assert re.search(rf"<title>{name} · {place.name.capitalize()}\b", page), path
        assert re.search(rf"<h1[^>]*>{name}</h1>", page), path


@pytest.mark.feature("SV-19")
def test_opening_an_organization_leads_to_its_people(stack: Stack) -> None:
    place = Place(stack)
    assert place.browser.get(f"o/{place.name}").url.endswith(f"/o/{place.name}/members")


def test_the_cast_sees_what_its_roles_allow(stack: Stack, client: Any) -> None:
    expected = {"olivia": 200, "vera": 200, "mona": 200, "una": 403, "nils": 404, "bea": 200, "rita": 200, "sam": 404}
    for name, status in expected.items():
        assert client(of_the_cast(stack, name)).get("o/umbrella/members").status_code == status, name
