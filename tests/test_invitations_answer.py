"""The link of an invitation and the page behind it: who may accept, what he gets, and what others are told."""

from __future__ import annotations

from typing import Any

import pytest
from cast import Client
from conftest import violations
from invited import (
    account,
    address,
    age,
    answer,
    arrive,
    at_keycloak,
    invite,
    link,
    mail,
    members,
    row,
)
from organization_holdings import Place
from playwright.sync_api import expect
from recorder import Recorder
from stack import Stack

from portal.demo.organizations import ALL_ROLES

ROLES = ("view-members", "view-organization")


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


@pytest.mark.feature("P2-38")
@pytest.mark.feature("AS-05")
def test_the_link_leads_through_sign_in_to_the_question_and_the_roles(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES, message="See you on Monday")
    someone = account(stack, email)
    browser = Client(stack)
    page = browser.get(link(stack, email))
    assert page.url.endswith("/demo/invitation"), "the token stays in no address"
    for told in ("Tess Tester", place.name.capitalize(), email, "view-members", "See you on Monday"):
        assert told in page.text
    login = browser.get("invitation/sign-in")
    assert email in login.text, "the address is filled in"
    page = browser.send_keycloak_form(login, username=someone.username, password=someone.password)
    assert f"Join {place.name.capitalize()}?" in page.text
    assert someone.id not in members(place), "opening pages changes nothing"
    assert len(at_keycloak(place, email)) == 1
    done = answer(browser)
    assert done.status_code == 303
    assert f"You belong to {place.name.capitalize()} now." in browser.get(done.headers["Location"]).text
    assert place.roles_of(someone) == set(ROLES)
    assert at_keycloak(place, email) == []
    assert row(stack, email).state == "accepted"
    assert browser.get(f"o/{place.name}/members").status_code == 200


@pytest.mark.case("S2")
def test_what_joins_is_the_setup_client_and_nothing_before_the_click(
    place: Place, stack: Stack, recorder: Recorder
) -> None:
    email = address()
    invite(place, email, *ROLES)
    browser = arrive(stack, link(stack, email), account(stack, email))
    page = browser.get("invitation/answer")
    assert [call for call in recorder.of(page) if call.writes] == []
    done = answer(browser)
    assert {call.client for call in recorder.of(done) if call.writes} == {"portal-setup"}


def test_declining_ends_it(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    assert answer(browser, "perhaps").status_code == 422
    page = browser.get(answer(browser, "decline").headers["Location"])
    assert "You declined the invitation" in page.text
    assert someone.id not in members(place)
    assert at_keycloak(place, email) == []
    assert row(stack, email).state == "declined"
    page = Client(stack).get(link(stack, email))
    assert (page.status_code, "was declined" in page.text) == (410, True)


@pytest.mark.case("I6")
def test_nothing_of_the_answer_but_the_answer_counts(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, "view-organization")
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    forged = [("answer", "accept"), *(("roles", role) for role in ALL_ROLES), ("email", "x@y.test"), ("user", "1")]
    assert browser.post("invitation/answer", forged).status_code == 303
    assert place.roles_of(someone) == {"view-organization"}


@pytest.mark.case("R3")
def test_the_ceiling_is_that_of_the_moment_of_accepting(stack: Stack) -> None:
    place = Place(stack)
    inviter = place.join(*ALL_ROLES)
    first, second = address(), address()
    for email in (first, second):
        invite(place, email, "view-members", "manage-members", browser=Client(stack).sign_in(inviter))
    some, none = (arrive(stack, link(stack, email), account(stack, email)) for email in (first, second))
    place.take(inviter, "manage-members")
    page = some.get("invitation/answer")
    assert "Not all roles can be given any more" in page.text
    assert answer(some).status_code == 303
    [record] = place.records("invitations.answer")
    assert (record.after["roles"], record.after["lost"]) == (["view-members"], ["manage-members"])
    assert (record.before["inviter"], record.state) == (inviter.id, "done")
    place.drop(inviter)
    assert "You will be a member without a role." in none.get("invitation/answer").text
    assert answer(none).status_code == 303
    assert place.records("invitations.answer")[-1].after["lost"] == ["manage-members", "view-members"]


def test_an_inviter_who_is_gone_gives_no_roles(stack: Stack) -> None:
    place = Place(stack)
    inviter = place.join(*ALL_ROLES)
    email = address()
    invite(place, email, "view-members", browser=Client(stack).sign_in(inviter))
    admin = stack.admin()
    admin.delete(f"/admin/realms/demo/users/{inviter.id}")
    admin.close()
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    assert answer(browser).status_code == 303
    assert someone.id in members(place)
    assert place.roles_of(someone) == set()


def test_a_member_with_nothing_to_gain_is_told(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, "view-members")
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    place.put(someone)
    assert "You belong to" in browser.get("invitation/answer").text
    place.put(someone, "view-members")
    page = browser.get("invitation/answer")
    assert page.status_code == 409
    assert f"You belong to {place.name.capitalize()} already" in page.text


def test_the_invited_find_it_when_they_sign_in(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email.title(), *ROLES)
    mail(stack, email)
    someone = account(stack, email)
    browser = Client(stack).sign_in(someone)
    assert "/demo/invitations" in browser.get("organizations").text
    page = browser.get("invitations").text
    assert place.name.capitalize() in page
    known = row(stack, email).id
    assert f"invitation={known}" in page
    assert "Join" in browser.get(f"invitation/answer?invitation={known}").text
    assert answer(browser, invitation=known).status_code == 303
    assert place.roles_of(someone) == set(ROLES)
    assert "/demo/invitations" not in browser.get("organizations").text


@pytest.mark.feature("SV-102")
def test_after_accepting_the_way_leads_on_to_the_application(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    age(stack, email, client=stack.sample_url)
    browser = arrive(stack, link(stack, email), account(stack, email))
    page = browser.get(answer(browser).headers["Location"])
    assert f'href="{stack.sample_url}"' in page.text
    assert "Return to" in page.text


def test_every_page_is_for_every_reader(place: Place, stack: Stack, open_page: Any) -> None:
    email = address()
    invite(place, email, *ROLES)
    someone = account(stack, email)
    page = open_page(link(stack, email), bypass_csp=True)
    assert violations(page) == []
    page.get_by_role("link", name="Sign in to decide").click()
    page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Join")
    assert violations(page) == []
    page.get_by_role("button", name="Accept").press("Enter")
    expect(page.locator(".toast")).to_contain_text("You belong to")
    page.goto(link(stack, email))
    expect(page.get_by_role("heading", level=1)).to_contain_text("used already")
    assert violations(page) == []
    page.goto("/demo/invitations")
    assert violations(page) == []
