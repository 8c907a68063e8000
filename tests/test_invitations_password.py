"""The mail that sets the first password, what is said where it cannot be sent, and how many mails there may be."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import violations
from invited import address, expire, invite, link, mail, members, row
from newcomers import accounts, opened, password_links, press
from organization_holdings import Place
from playwright.sync_api import expect
from stack import Stack
from waiting import eventually

from portal.invitations.actions import HOUR, MAILS_OF_ONE
from portal.store.counters import hit

ROLES = ("view-members", "view-organization")


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


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


def test_a_mail_that_cannot_be_sent_is_said_and_sent_later(stack: Stack, make_realm: Any) -> None:
    place = Place(stack, realm=make_realm())
    admin, path = stack.admin(), f"/admin/realms/{place.realm}"
    right = admin.get(path)["smtpServer"]
    admin.put(path, {**admin.get(path), "smtpServer": {**right, "port": "9"}})
    email = address()
    invite(place, email, *ROLES)
    browser, page = opened(stack, email, place.realm)
    assert press(browser, page).status_code == 303
    page = browser.get("invitation/joined")
    assert "The mail for your password could not be sent" in page.text
    assert "its link lets you choose" not in page.text
    [made] = accounts(stack, email, place.realm)
    assert made["id"] in members(place), "he belongs to it all the same"
    assert [each.state for each in place.records("invitations.password")] in (["failed"], ["unknown"])
    admin.put(path, {**admin.get(path), "smtpServer": right})
    admin.close()
    assert press(browser, page, path="invitation/password").status_code == 303
    assert "its link lets you choose" in browser.get("invitation/joined").text
    assert len(eventually(lambda: password_links(stack, email), 30)) == 1
