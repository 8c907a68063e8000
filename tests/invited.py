"""Invitations of the tests: sent through the portal, found in the inbox, answered by people with accounts."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from cast import Client, Person, make_person
from organization_holdings import Place
from sqlalchemy import select, update
from stack import Stack
from waiting import eventually

from portal.store import now
from portal.store.models_organizations import Invitation

INVITER = ("view-organization", "view-invitations", "view-roles", "manage-invitations")


def address() -> str:
    """An address nobody has."""
    return f"new-{uuid.uuid4().hex[:10]}@tests.test"


def form(email: str, *roles: str, **more: str) -> list[tuple[str, str]]:
    """What the form for one person sends."""
    given = {"email": email, "first_name": "Nora", "last_name": "New", "locale": "en", "days": "7", **more}
    return [*given.items(), *(("roles", role) for role in roles or ("none",))]


def invite(place: Place, email: str, *roles: str, browser: Client | None = None, **more: str) -> requests.Response:
    """Send the form."""
    return (browser or place.browser).post(f"o/{place.name}/invitations/new", form(email, *roles, **more))


def rows(stack: Stack, **where: str) -> list[Invitation]:
    """Invitations as the portal keeps them, oldest first."""
    store = stack.store()
    query = select(Invitation).filter_by(**where).order_by(Invitation.created)
    with store.read() as session:
        found = list(session.scalars(query))
    store.engine.dispose()
    return found


def row(stack: Stack, email: str) -> Invitation:
    """The newest invitation of an address."""
    return rows(stack, email=email)[-1]


def age(stack: Stack, email: str, **values: Any) -> None:
    """Set columns of the invitations of an address, so that time need not pass."""
    store = stack.store()
    with store.write() as session:
        session.execute(update(Invitation).where(Invitation.email == email).values(**values))
    store.engine.dispose()


def expire(stack: Stack, email: str) -> None:
    """Let its time be over."""
    age(stack, email, expires=now() - timedelta(minutes=1))


def mail(stack: Stack, email: str, count: int = 1) -> dict[str, Any]:
    """The newest of `count` mails to an address, once it has arrived."""
    found = eventually(lambda: len(each := stack.mails(email)) >= count and each, 30, f"no mail for {email}")
    return dict(found[0])


def link(stack: Stack, email: str, count: int = 1) -> str:
    """The path that the newest mail leads to."""
    [address] = {each for each in mail(stack, email, count)["links"] if "token=" in each}
    parts = urlsplit(address)
    assert address.startswith(stack.portal_url)
    return f"{parts.path}?{parts.query}"


def token(path: str) -> str:
    """The token of a link."""
    return parse_qs(urlsplit(path).query)["token"][0]


def account(stack: Stack, email: str, **about: Any) -> Person:
    """An account for an invited address."""
    return make_person(stack, email=email, **about)


def arrive(stack: Stack, path: str, someone: Person) -> Client:
    """Open the link of the mail in a new browser and sign in on the way; ends on the question."""
    browser = Client(stack)
    page = browser.get(path)
    assert "Sign in to decide" in page.text, page.text
    page = browser.get("invitation/sign-in")
    browser.send_keycloak_form(page, username=someone.username, password=someone.password)
    return browser


def answer(browser: Client, what: str = "accept", invitation: str = "") -> requests.Response:
    """Press a button of the question."""
    return browser.post("invitation/answer", {"invitation": invitation, "answer": what})


def at_keycloak(place: Place, email: str = "") -> list[dict[str, Any]]:
    """Invitations as the extension keeps them."""
    admin = place.stack.admin()
    try:
        found = admin.get(f"/realms/{place.realm}/orgs/{place.id}/invitations", search=email, max=1000)
    finally:
        admin.close()
    return [each for each in found or () if not email or each["email"] == email]


def members(place: Place) -> set[str]:
    """Ids of those who belong to the organization."""
    admin = place.stack.admin()
    try:
        found = admin.get(f"/realms/{place.realm}/orgs/{place.id}/members", max=1000)
    finally:
        admin.close()
    return {each["id"] for each in found or ()}


def listed(browser: Client, place: Place, query: str = "") -> str:
    return str(browser.get(f"o/{place.name}/invitations?size=100{query}").text)


def line(page: str, email: str) -> str:
    """The row of an address, as text."""
    found = next(each for each in page.split("<tr")[2:] if email in each)
    return " ".join(re.sub(r"<[^>]+>", " ", found.partition("</tr>")[0]).split())


def verify(stack: Stack, someone: Any, *, verified: bool) -> None:
    """Set whether the address counts as verified."""
    admin = stack.admin()
    path = f"/admin/realms/demo/users/{someone.id}"
    admin.put(path, {**admin.get(path), "emailVerified": verified})
    admin.close()
