"""The link of an invitation and the page behind it: who may accept, what he gets, and what others are told."""

from __future__ import annotations

import html
import re
import secrets
from typing import Any

import pytest
from cast import Client, make_person
from conftest import eventually, violations
from invited import (
    account,
    address,
    age,
    answer,
    arrive,
    at_keycloak,
    expire,
    invite,
    link,
    mail,
    members,
    row,
    token,
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


def verify(stack: Stack, someone: Any, *, verified: bool) -> None:
    """Set whether the address counts as verified."""
    admin = stack.admin()
    path = f"/admin/realms/demo/users/{someone.id}"
    admin.put(path, {**admin.get(path), "emailVerified": verified})
    admin.close()


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


@pytest.mark.case("I1")
def test_another_account_is_told_so_and_may_come_back_as_the_right_one(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    someone, other = account(stack, email), make_person(stack)
    browser = arrive(stack, link(stack, email), other)
    page = browser.get("invitation/answer")
    assert page.status_code == 403
    assert f"It was sent to {email}. You are signed in with {other.email}." in page.text
    assert answer(browser).status_code == 403
    assert answer(browser, "decline").status_code == 403
    assert answer(browser, invitation=row(stack, email).id).status_code == 403
    assert row(stack, email).state == "pending"
    assert other.id not in members(place)
    page = browser.post("invitation/switch", follow=True)
    assert "Sign in to decide" in page.text
    page = browser.get("invitation/sign-in")
    page = browser.send_keycloak_form(page, username=someone.username, password=someone.password)
    assert f"Join {place.name.capitalize()}?" in page.text
    assert answer(browser).status_code == 303
    assert someone.id in members(place)


@pytest.mark.case("I1")
def test_without_the_link_an_invitation_of_others_is_not_there(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    browser = Client(stack).sign_in(make_person(stack))
    known = row(stack, email).id
    for invitation in (known, secrets.token_hex(16), "..%2f", "x" * 300):
        assert browser.get(f"invitation/answer?invitation={invitation}").status_code == 404
        assert answer(browser, invitation=invitation).status_code == 404
    assert email not in browser.get("invitations").text


@pytest.mark.case("I2")
def test_an_unverified_address_gets_nothing(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    verify(stack, someone, verified=False)
    page = browser.get("invitation/answer")
    assert page.status_code == 403
    assert "not verified yet" in page.text
    assert answer(browser).status_code == 403
    assert someone.id not in members(place)
    assert "not verified" in browser.get("invitations").text
    verify(stack, someone, verified=True)
    assert answer(browser).status_code == 303
    assert someone.id in members(place)


@pytest.mark.feature("SV-103")
@pytest.mark.case("I4")
def test_expired_and_used_links_say_so(place: Place, stack: Stack) -> None:
    late, used = address(), address()
    for email in (late, used):
        invite(place, email, *ROLES)
    someone = account(stack, late)
    browser = arrive(stack, link(stack, late), someone)
    expire(stack, late)
    for page in (browser.get("invitation/answer"), answer(browser), Client(stack).get(link(stack, late))):
        assert page.status_code == 410
        assert "has expired" in page.text
    assert someone.id not in members(place)
    browser = arrive(stack, link(stack, used), account(stack, used))
    assert answer(browser).status_code == 303
    page = browser.get(link(stack, used))
    assert (page.status_code, "used already" in page.text) == (410, True)


@pytest.mark.case("I12")
def test_a_forged_or_edited_token_is_refused(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    good = token(link(stack, email))
    edited = ("B" if good[0] == "A" else "A") + good[1:]
    for wrong in (edited, good[:-1], good + "A", "", "x" * 500, row(stack, email).token, "%00"):
        page = Client(stack).get(f"invitation?token={wrong}")
        assert page.status_code == 410, wrong
        assert "This link does not work" in page.text
        assert email not in page.text


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


@pytest.mark.case("I4")
def test_one_deleted_at_keycloak_is_taken_back(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    admin = stack.admin()
    admin.delete(f"/realms/demo/orgs/{place.id}/invitations/{at_keycloak(place, email)[0]['id']}")
    admin.close()
    for page in (browser.get("invitation/answer"), answer(browser)):
        assert (page.status_code, "taken back" in page.text) == (410, True)
    assert someone.id not in members(place)
    page = place.browser.get(f"o/{place.name}/invitations/{row(stack, email).id}").text
    assert "The sign-in service used it up" in page


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


def test_where_registration_is_open_it_leads_there_and_back(stack: Stack, spare_realm: str) -> None:
    place = Place(stack, realm=spare_realm)
    admin = stack.admin()
    realm = admin.get(f"/admin/realms/{spare_realm}")
    admin.put(f"/admin/realms/{spare_realm}", {**realm, "registrationAllowed": True})
    admin.close()
    email = address()
    assert invite(place, email).status_code == 303
    path = link(stack, email)

    def offered() -> bool:
        # Each process of the portal learns it by itself, within seconds.
        return all("Make an account" in Client(stack, spare_realm).get(path).text for _ in range(8))

    eventually(offered, 30)
    browser = Client(stack, spare_realm)
    browser.get(path)
    page = browser.get("invitation/register")
    assert 'id="kc-register-form"' in page.text, "Keycloak shows its registration"
    page = browser.send_keycloak_form(
        page, username=email.partition("@")[0], password="Correct-Horse-7-Battery", email=email, firstName="N",
        lastName="N", **{"password-confirm": "Correct-Horse-7-Battery"},
    )  # fmt: skip
    browser.get(verification(stack, email))
    assert f"Join {place.name.capitalize()}?" in browser.get("invitation/answer").text
    assert answer(browser).status_code == 303
    assert row(stack, email).state == "accepted"
    assert len(members(place)) == 3, "the synthetic administrator, the inviter, the new one"


def verification(stack: Stack, email: str) -> str:
    """The link of Keycloak's own mail that verifies an address."""
    found = eventually(
        lambda: [link for each in stack.mails(email) for link in each["links"] if "action-token" in link], 30
    )
    return str(found[0])


def test_a_switched_off_section_has_no_such_pages(stack: Stack, make_realm: Any) -> None:
    realm = make_realm(**{"_providerConfig.portal.org.invitations.enabled": "false"})
    assert Client(stack, realm).get("invitation").status_code == 404


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


@pytest.mark.case("I1")
def test_the_way_from_a_wrong_account_to_the_right_one_in_a_browser(place: Place, stack: Stack, open_page: Any) -> None:
    email = address()
    invite(place, email)
    someone, other = account(stack, email), make_person(stack)
    page = open_page("/demo/profile", other)
    page.goto(link(stack, email))
    page.get_by_role("link", name="Decide").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation is for somebody else")
    page.get_by_role("button", name="Sign out and use another account").click()
    page.get_by_role("link", name="Sign in to decide").click()
    page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Join")


def test_the_mail_speaks_the_language_that_was_chosen(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, locale="de")
    assert '<html lang="de">' in str(mail(stack, email))


@pytest.mark.case("I2")
def test_the_address_is_verified_on_the_way_and_the_question_comes_back(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    someone = account(stack, email)
    browser = arrive(stack, link(stack, email), someone)
    verify(stack, someone, verified=False)
    assert "/invitation/verify" in browser.get("invitation/answer").text
    page = browser.get("invitation/verify")
    asked = re.search(r'<a href="([^"]+/required-action[^"]+)"', page.text)
    assert asked, page.text
    browser.get(html.unescape(asked[1]))
    page = browser.get(verification(stack, email))
    assert someone.read()["emailVerified"], page.text
    assert f"Join {place.name.capitalize()}?" in browser.get("invitation/answer").text
