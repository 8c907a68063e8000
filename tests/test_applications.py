"""The applications room on the running portal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from background import use_in_background, works
from cast import Person
from playwright.sync_api import Page, expect


def use_calendar(page: Page, someone: Person) -> None:
    """Sign in to the application that asks for consent, and grant it."""
    page.goto(f"{someone.stack.sample_url}/calendar/sign-in")
    if page.locator("#username").count():
        page.fill("#username", someone.username)
        page.fill("#password", someone.password)
        page.click("#kc-login")
    page.locator("#kc-login[name=accept], [name=accept]").first.click()
    page.wait_for_url(f"{someone.stack.sample_url}/**")


def test_what_was_granted_is_shown_and_taken_away(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/applications", someone)
    use_calendar(page, someone)
    page.goto("/demo/applications")
    calendar = page.locator("li", has_text="Calendar")
    expect(calendar).to_contain_text("May see:")
    [consent] = someone.read("/consents")
    assert consent["clientId"] == "calendar-app"
    calendar.get_by_role("link", name=re.compile("^Take access away")).click()
    page.get_by_role("button", name="Take access away").click()
    expect(page.locator(".toast")).to_contain_text("has no access any more.")
    assert someone.read("/consents") == []


def test_an_application_without_a_grant_has_nothing_to_take_away(person: Any, client: Any) -> None:
    browser = client(person())
    page = browser.get("applications").text
    assert "Take access away" not in page
    assert "it needs no grant of yours" in page
    assert browser.get("applications/revoke/portal").status_code == 404
    assert browser.post("applications/revoke/portal", {"confirm": "yes"}).status_code == 404


def test_the_portal_itself_is_where_one_is(person: Any, open_page: Any) -> None:
    page = open_page("/demo/applications", person())
    [portal] = page.get_by_role("listitem").filter(has_text="You are here").all()
    expect(portal).to_contain_text("Portal")
    expect(portal.get_by_role("link")).to_have_count(0)


def test_work_in_the_background_is_taken_away(person: Any, client: Any, background_app: str) -> None:
    browser = client(person())
    token = use_in_background(browser, background_app)
    assert "Works while you are away" in browser.get("applications").text
    question = browser.get(f"applications/revoke/{background_app}").text
    assert "in the background while you are away stops" in question
    assert "loses what you granted" not in question, "it was granted nothing"
    address = f"applications/revoke/{background_app}"
    assert browser.post(address).status_code == 422
    assert works(browser, background_app, token)
    answer = browser.post(address, {"confirm": "yes"}, follow=True)
    assert "has no access any more." in answer.text
    assert "Works while you are away" not in answer.text
    assert not works(browser, background_app, token)


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        (("view-applications",), 403),
        (("manage-consent",), 403),
        (("view-applications", "manage-consent"), 404),
        (("manage-account",), 404),
    ],
)
def test_taking_away_takes_its_roles(person: Any, client: Any, roles: Any, status: int) -> None:
    browser = client(person(roles=roles))
    assert browser.get("applications/revoke/calendar-app").status_code == status
    assert browser.post("applications/revoke/calendar-app", {"confirm": "yes"}).status_code == status


def test_the_section_switched_off_refuses(make_realm: Any, person: Any, client: Any) -> None:
    realm = make_realm(**{"_providerConfig.portal.profile.enabled": "false"})
    browser = client(person(realm))
    assert browser.get("applications").status_code == 404
    assert browser.post("applications/revoke/calendar-app", {"confirm": "yes"}).status_code == 404


@pytest.mark.parametrize(
    ("roles", "see"),
    [(("view-profile",), 403), (("view-applications",), 200), (("manage-account",), 200), (("manage-consent",), 403)],
)
def test_seeing_takes_a_role(person: Any, client: Any, roles: Any, see: int) -> None:
    assert client(person(roles=roles)).get("applications").status_code == see
