"""Sections of the organizations that are switched off are off on the server, each for itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cast import Client, make_person
from inside import background
from link_steps import Guest, again, make_link
from organization_holdings import Place
from realm_holdings import Realm
from stack import Stack

from portal.demo.people import give_client_roles
from portal.links import makers
from portal.return_addresses import ORIGINS, RETURN_DEFAULT

KEY = "_providerConfig.portal.{}.enabled"
PAGES = {
    "org.details": "details", "org.members": "members", "org.invitations": "invitations", "org.domains": "domains",
    "org.events": "events", "org.sso": "sso",
}  # fmt: skip


@pytest.mark.feature("P2-12")
@pytest.mark.feature("P2-13")
@pytest.mark.feature("P2-14")
@pytest.mark.feature("P2-15")
@pytest.mark.feature("P2-16")
@pytest.mark.feature("P2-17")
@pytest.mark.parametrize("section", PAGES)
def test_a_section_that_is_off_refuses_and_the_others_stay(
    stack: Stack, make_realm: Callable[..., str], section: str
) -> None:
    place = Place(stack, realm=make_realm(**{KEY.format(section): "false"}))
    for each, page in PAGES.items():
        answer = place.browser.get(f"o/{place.name}/{page}")
        assert answer.status_code == (404 if each == section else 200), each
        if each != section:
            assert f'/o/{place.name}/{PAGES[section]}"' not in answer.text, "no link to what is off"
    if section == "org.invitations":
        assert place.browser.get(f"o/{place.name}/invitations/new").status_code == 404
        assert "Invite" not in place.browser.get(f"o/{place.name}/members").text


@pytest.mark.feature("P2-11")
def test_with_the_whole_section_off_only_operators_see_organizations(
    stack: Stack, make_realm: Callable[..., str]
) -> None:
    realm = make_realm(**{KEY.format("org"): "false"})
    place = Place(stack, realm=realm)
    own = (*PAGES.values(), "membership", "leave", "setup-link", "setup-link/new")
    for page in ("organizations", f"o/{place.name}", *(f"o/{place.name}/{page}" for page in own)):
        assert place.browser.get(page).status_code == 404, page
    answer = place.browser.post(f"o/{place.name}/setup-link/new", {"intents": "sso", "confirm": "yes"})
    assert answer.status_code == 404
    assert "/organizations" not in place.browser.get("profile").text
    operator = make_person(stack, realm)
    admin = stack.admin()
    give_client_roles(admin, realm, operator.id, "realm-management", "view-organizations", "manage-organizations")
    admin.close()
    browser = Client(stack, realm).sign_in(operator)
    assert browser.get(f"o/{place.name}/members").status_code == 200
    assert place.name in browser.get("organizations").text


@pytest.mark.feature("P2-16")
@pytest.mark.feature("WO-05")
def test_a_link_for_what_is_off_is_not_made_and_one_that_was_made_waits(
    stack: Stack, make_realm: Callable[..., str]
) -> None:
    realm = Realm(stack, make_realm)
    realm.write(**{ORIGINS: "https://app.example.com Orders", RETURN_DEFAULT: "https://app.example.com/"})
    place = Place(stack, realm=realm.name)
    link, raw = make_link(place, "sso")
    guest = Guest(stack, place).enter(raw)
    assert realm.browser.post("settings/sections", realm.sections("org.sso")).status_code == 303
    assert guest.get("sso").status_code == 404, "off for the guests of links too"
    other = Place(stack, realm=realm.name)
    page = other.browser.get(f"o/{other.name}/setup-link/new").text
    assert 'value="domain_verification"' in page and 'value="sso"' not in page
    assert again(place, link).ended is None, "a section that is off ends no link"
    assert realm.browser.post("settings/sections", realm.sections("org")).status_code == 303
    assert makers.holds(background(stack), again(place, link)), "nor does the whole of the organizations"
    assert realm.browser.post("settings/sections", realm.sections()).status_code == 303
    assert guest.get("sso").status_code == 200


@pytest.mark.case("S5")
def test_a_session_of_one_realm_opens_nothing_in_another(stack: Stack, make_realm: Callable[..., str]) -> None:
    place = Place(stack)
    elsewhere = Place(stack, realm=make_realm())
    answer = place.browser.get(f"/{elsewhere.realm}/o/{elsewhere.name}/members", follow=False)
    assert answer.status_code == 302 and "/signin" in answer.headers["Location"]
