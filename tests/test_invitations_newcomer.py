"""Invited people without an account: accepting makes it, and a mail of Keycloak sets its password."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from cast import Client, Person
from conftest import eventually, violations
from invited import account, address, age, answer, arrive, at_keycloak, expire, invite, link, mail, members, row
from organization_holdings import Place
from playwright.sync_api import expect
from recorder import Recorder
from stack import Stack

from portal.demo.organizations import ALL_ROLES
from portal.invitations.actions import HOUR, MAILS_OF_ONE
from portal.store.counters import hit
from portal.store.models_organizations import AccountOwner

ROLES = ("view-members", "view-organization")
PASSWORD = "Correct-Horse-7-Battery"


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


def accounts(stack: Stack, email: str, realm: str = "demo") -> list[dict[str, Any]]:
    """Accounts of an address, as Keycloak has them."""
    admin = stack.admin()
    try:
        return list(admin.get(f"/admin/realms/{realm}/users", email=email, exact="true"))
    finally:
        admin.close()


def opened(stack: Stack, email: str, realm: str = "demo") -> tuple[Client, requests.Response]:
    """Open the link of the mail in a new browser."""
    browser = Client(stack, realm)
    return browser, browser.get(link(stack, email))


def press(browser: Client, page: requests.Response, what: str = "accept", path: str = "invitation/join") -> Any:
    """Press a button of the page for people without a session."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return browser.post(path, {"answer": what, "csrf_token": found[1]}, token=False)


def newcomer(stack: Stack, email: str) -> Person:
    """Whoever the account of an address belongs to."""
    [found] = accounts(stack, email)
    return Person(stack, "demo", found["username"], email, PASSWORD, found["id"])


def owner_of(stack: Stack, someone: Person) -> str:
    """The organization to which the portal counts an account."""
    store = stack.store()
    with store.read() as session:
        found = session.get(AccountOwner, ("demo", someone.id))
    store.engine.dispose()
    return found.organization if found else ""


def password_links(stack: Stack, email: str) -> list[str]:
    """Links of Keycloak's mails that set a password, newest first."""
    return [each for found in stack.mails(email) for each in found["links"] if "action-token" in each]


def choose_password(stack: Stack, email: str) -> requests.Response:
    """Follow Keycloak's mail and choose a password; ends on Keycloak's last page."""
    browser = Client(stack)
    page = browser.get(str(eventually(lambda: password_links(stack, email), 30)[0]))
    onward = re.search(r'<a href="([^"]+/required-action[^"]+|[^"]+action-token[^"]+)"', page.text)
    page = browser.get(urljoin(page.url, html.unescape(onward[1]))) if onward else page
    return browser.send_keycloak_form(page, **{"password-new": PASSWORD, "password-confirm": PASSWORD})


@pytest.mark.feature("UM-10")
def test_a_stranger_accepts_and_signs_in_with_the_password_he_chose(
    place: Place, stack: Stack, recorder: Recorder
) -> None:
    email = address()
    invite(place, email, *ROLES, locale="de")
    browser, page = opened(stack, email)
    assert f"Accepting makes one for Nora New {email}." in page.text
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


def test_the_mail_can_be_asked_for_again_for_a_while(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, *ROLES)
    browser, page = opened(stack, email)
    press(browser, page)
    shown = browser.get("invitation/joined")
    assert press(browser, shown, path="invitation/password").status_code == 303
    assert "A new mail is on its way" in browser.get("invitation/joined").text
    assert [press(browser, shown, path="invitation/password").status_code for _ in range(2)] == [303, 429]
    sent = [each for each in place.records("invitations.password") if each.target == email]
    assert [each.state for each in sent] == ["done"] * 3
    assert len(eventually(lambda: len(each := password_links(stack, email)) == 3 and each, 30)) == 3
    expire(stack, email)
    page = browser.get("invitation/joined")
    assert "Send the mail again" not in page.text
    assert press(browser, shown, path="invitation/password").status_code == 404


def test_without_the_client_or_a_mail_server_nobody_is_promised_an_account(stack: Stack, make_realm: Any) -> None:
    realm = make_realm()
    admin = stack.admin()
    admin.put(f"/admin/realms/{realm}", {**admin.get(f"/admin/realms/{realm}"), "smtpServer": {}})
    admin.close()
    for place in (Place(stack, realm="other"), Place(stack, realm=realm)):
        email = address()
        assert invite(place, email).status_code == 303
        browser, page = opened(stack, email, place.realm)
        assert "/invitation/sign-in" in page.text and "/invitation/join" not in page.text
        assert ("You need an account with this address." in page.text) is (place.realm == realm)
        assert browser.get("invitation/register").status_code == 404, "nobody registers here"
        assert accounts(stack, email, place.realm) == []


def test_the_page_of_a_newcomer_is_for_every_reader(place: Place, stack: Stack, open_page: Any) -> None:
    email = address()
    invite(place, email, *ROLES)
    page = open_page(link(stack, email), bypass_csp=True, java_script_enabled=True)
    assert violations(page) == []
    page.get_by_role("button", name="Accept and make my account").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You belong to")
    assert violations(page) == []
    page.get_by_role("button", name="Send the mail again").click()
    expect(page.get_by_text(f"A new mail is on its way to {email}.")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page.locator("#username")).to_be_visible()


@pytest.mark.case("I8")
def test_a_hundred_mails_an_hour_of_one_organization(stack: Stack) -> None:
    place = Place(stack)
    email = address()
    assert invite(place, email).status_code == 303
    store = stack.store()
    for _ in range(MAILS_OF_ONE - 1):
        hit(store, f"invitations of demo {place.id}", MAILS_OF_ONE, HOUR)
    store.engine.dispose()
    path = f"o/{place.name}/invitations/{row(stack, email).id}/resend"
    refused = place.browser.post(path, {"confirm": "yes"})
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 3000
    assert invite(place, address()).status_code == 429
    mail(stack, email)
    assert len(stack.mails(email)) == 1 and row(stack, email).sent_count == 1
    assert invite(Place(stack), address()).status_code == 303, "another organization has its own"
