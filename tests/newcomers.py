"""Invited people without an account: what they press, what Keycloak has then, and the mail that sets a password."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urljoin

import requests
from cast import PASSWORD, Client, Person
from invited import link
from stack import Stack
from waiting import eventually

from portal.store.models_organizations import AccountOwner


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
