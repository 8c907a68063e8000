"""The link of an invitation: whom it lets in, and that nothing but it does."""

from __future__ import annotations

import html
import re
import secrets
from typing import Any

import pytest
from cast import Client, make_person
from invited import (
    account,
    address,
    answer,
    arrive,
    at_keycloak,
    expire,
    invite,
    link,
    members,
    row,
    token,
    verify,
)
from organization_holdings import Place
from playwright.sync_api import expect
from stack import Stack
from waiting import eventually

ROLES = ("view-members", "view-organization")


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


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
