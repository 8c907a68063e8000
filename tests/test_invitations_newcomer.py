"""Invited people without an account: accepting makes it, and a mail of Keycloak sets its password."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cast import Client
from invited import account, address, age, answer, arrive, at_keycloak, expire, invite, link, members, row
from newcomers import accounts, choose_password, newcomer, opened, owner_of, password_links, press
from organization_holdings import Place
from recorder import Recorder
from stack import Stack

from portal.demo.organizations import ALL_ROLES

ROLES = ("view-members", "view-organization")


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


@pytest.mark.feature("UM-10")
def test_a_stranger_accepts_and_signs_in_with_the_password_he_chose(
    place: Place, stack: Stack, recorder: Recorder
) -> None:
    email = address()
    invite(place, email, *ROLES, locale="de")
    browser, page = opened(stack, email)
    assert f"Accepting makes one for Nora New ({email})." in page.text
    assert "Sign in to decide" not in page.text, "one way, not two"
    assert [call for call in recorder.of(page) if call.writes] == [] and accounts(stack, email) == []
    done = press(browser, page)
    assert done.status_code == 303, done.text
    writers = {call.client for call in recorder.of(done) if call.writes}
    assert writers == {"portal-accounts", "portal-setup"}
    page = browser.get(done.headers["Location"])
    assert f"You belong to {place.name.capitalize()} now." in page.text and email in page.text
    [made] = accounts(stack, email)
    assert (made["firstName"], made["lastName"], made["emailVerified"]) == ("Nora", "New", True)
    assert made["attributes"]["locale"] == ["de"]
    someone = newcomer(stack, email)
    assert someone.id in members(place) and place.roles_of(someone) == set(ROLES)
    assert at_keycloak(place, email) == [] and row(stack, email).state == "accepted"
    assert owner_of(stack, someone) == place.id
    page = choose_password(stack, email)
    assert f'href="{stack.portal_url}/demo/"' in page.text, "back to the portal"
    browser = Client(stack).sign_in(someone)
    shown = browser.get(f"o/{place.name}/members").text
    assert "Nora New" in shown
    assert "Nora New" in place.browser.get(f"o/{place.name}/members?q={email}").text


def test_the_record_names_the_link_and_what_was_given(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    browser, page = opened(stack, email)
    press(browser, page)
    record = place.records("invitations.answer")[-1]
    assert (record.state, record.target) == ("done", email)
    assert record.after == {"answer": "accept", "account": "made", "roles": sorted(ROLES), "lost": []}
    assert record.principal["kind"] == "link"
    assert row(stack, email).id in record.principal["client"]


def test_two_clicks_at_once_make_one_account(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    path = link(stack, email)
    browser, page = opened(stack, email)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: press(browser, page), range(3)))
    assert [each.status_code for each in done] == [303] * 3, [each.text for each in done]
    someone = newcomer(stack, email)
    assert place.roles_of(someone) == set(ROLES)
    assert len([each for each in place.records("invitations.answer") if each.target == email]) == 1
    assert len(password_links(stack, email)) == 1
    again = browser.get(path)
    assert again.url.endswith("/invitation/joined") and "Sign in" in again.text


def test_an_attempt_that_stopped_half_way_is_finished_by_the_next(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    half = account(stack, email, first_name="Nora", last_name="New")
    age(stack, email, account=half.id)
    browser, page = opened(stack, email)
    assert press(browser, page).status_code == 303
    assert newcomer(stack, email).id == half.id
    assert place.roles_of(half) == set(ROLES)


@pytest.mark.case("I4")
def test_ended_links_make_no_account(place: Place, stack: Stack) -> None:
    late, revoked, gone = address(), address(), address()
    for email in (late, revoked, gone):
        invite(place, email, *ROLES)
    browsers = {email: opened(stack, email) for email in (late, revoked, gone)}
    expire(stack, late)
    path = f"o/{place.name}/invitations/{row(stack, revoked).id}/delete"
    assert place.browser.post(path, {"confirm": "yes"}).status_code == 303
    admin = stack.admin()
    admin.delete(f"/realms/demo/orgs/{place.id}/invitations/{at_keycloak(place, gone)[0]['id']}")
    admin.close()
    for email, (browser, page) in browsers.items():
        for what in ("accept", "decline") if email != gone else ("accept",):
            assert press(browser, page, what).status_code == 410
        assert accounts(stack, email) == []
        assert Client(stack).get(link(stack, email)).status_code == 410
    assert not [each for email in browsers for each in password_links(stack, email)]


def test_declining_needs_no_account(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    browser, page = opened(stack, email)
    assert press(browser, page, "perhaps").status_code == 422
    done = browser.get(press(browser, page, "decline").headers["Location"])
    assert "was declined" in done.text
    assert row(stack, email).state == "declined" and accounts(stack, email) == []
    assert at_keycloak(place, email) == []


@pytest.mark.case("R3")
def test_the_ceiling_holds_for_newcomers_too(stack: Stack) -> None:
    place = Place(stack)
    inviter = place.join(*ALL_ROLES)
    email = address()
    invite(place, email, "view-members", "manage-members", browser=Client(stack).sign_in(inviter))
    browser, page = opened(stack, email)
    assert "Not all roles can be given any more" not in page.text
    place.take(inviter, "manage-members")
    assert "Not all roles can be given any more" in browser.get("invitation").text
    assert press(browser, page).status_code == 303
    assert place.roles_of(newcomer(stack, email)) == {"view-members"}
    assert place.records("invitations.answer")[-1].after["lost"] == ["manage-members"]


def test_only_a_form_of_the_page_counts_and_only_with_the_link(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    browser, page = opened(stack, email)
    for path in ("invitation/join", "invitation/password"):
        assert browser.post(path, {"answer": "accept"}, token=False).status_code == 403
    other, stranger = opened(stack, email)[1], Client(stack)
    assert press(stranger, other).status_code == 403
    assert press(browser, page, path="invitation/password").status_code == 404, "nothing was accepted yet"
    assert accounts(stack, email) == []
    for path in ("invitation", "invitation/joined"):
        answered = stranger.get(path)
        assert (answered.status_code, email in answered.text) == (410, False), "without the link nothing is told"


def test_whoever_has_an_account_signs_in(place: Place, stack: Stack) -> None:
    email, new = address(), address()
    for each in (email, new):
        invite(place, each, *ROLES)
    someone = account(stack, email)
    browser, page = opened(stack, email)
    assert "Sign in to decide" in page.text and "Accept and make my account" not in page.text
    own = opened(stack, new)[1]
    assert press(browser, own).status_code == 403, "a form of another browser"
    assert accounts(stack, email)[0]["id"] == someone.id


@pytest.mark.feature("UM-10")
def test_invited_names_are_written_where_the_account_has_none(place: Place, stack: Stack) -> None:
    bare, own = address(), address()
    for email in (bare, own):
        invite(place, email, *ROLES)
    nameless, named = account(stack, bare, last_name="Old"), account(stack, own)
    browsers = [arrive(stack, link(stack, each.email), each) for each in (nameless, named)]
    admin, path = stack.admin(), f"/admin/realms/demo/users/{nameless.id}"
    admin.put(path, {**nameless.read(), "firstName": ""})
    admin.close()
    assert [answer(browser).status_code for browser in browsers] == [303, 303]
    assert {nameless.id, named.id} <= members(place)
    assert (nameless.read()["firstName"], nameless.read()["lastName"]) == ("Nora", "Old")
    assert (named.read()["firstName"], named.read()["lastName"]) == ("Tess", "Tester")
    assert "Nora Old" in place.browser.get(f"o/{place.name}/members?q={bare}").text
