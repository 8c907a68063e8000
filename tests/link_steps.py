"""Setup links in tests: made by the portal's own code in the place of a page, opened without an account."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import requests
from cast import Client
from connection_steps import actor_of
from inside import background
from organization_holdings import Place
from sqlalchemy import select, update
from stack import Stack
from waiting import eventually

from portal.links import actions
from portal.store.models import AuditRow
from portal.store.models_links import GuestSession, LinkToken, SetupLink

ALL = ("sso", "domain_verification", "certificate_renewal", "audit_logs")


def make_link(place: Place, *intents: str, **more: Any) -> tuple[SetupLink, str]:
    """A link made by the place's administrator, and its raw token."""
    someone = actor_of(place)
    return actions.create(someone, someone.here, intents or ALL, **more)


def another_token(place: Place, contact: str = "") -> str:
    """A further token of the active link, as a mail to this address would carry it."""
    someone = actor_of(place)
    row = actions.active(someone)
    assert row is not None
    return actions.add_token(someone, row, contact or f"it-{uuid.uuid4().hex[:10]}@customer.test")


def revoke(place: Place, link: SetupLink) -> None:
    """Its maker takes it back."""
    actions.revoke(actor_of(place), link.id)


def again(place: Place, link: SetupLink) -> SetupLink:
    """The link as it is now."""
    with background(place.stack).store.read() as session:
        found = session.get(SetupLink, link.id)
    assert found is not None
    return found


def pass_time(place: Place, link: SetupLink, passed: timedelta) -> None:
    """Let that much time pass for a link, its codes and its guests."""
    store = background(place.stack).store
    with store.write() as session:
        row = session.get(SetupLink, link.id)
        assert row is not None
        row.created, row.expires = row.created - passed, row.expires - passed
        for guest in session.scalars(select(GuestSession).where(GuestSession.link == link.id)):
            guest.started, guest.seen, guest.expires = (
                guest.started - passed,
                guest.seen - passed,
                guest.expires - passed,
            )
        for token in session.scalars(select(LinkToken).where(LinkToken.link == link.id)):
            token.code_until = token.code_until - passed if token.code_until else None


def change(place: Place, link: SetupLink, **values: Any) -> None:
    """Change columns of a link."""
    with background(place.stack).store.write() as session:
        session.execute(update(SetupLink).where(SetupLink.id == link.id).values(**values))


def guests(place: Place, link: SetupLink) -> list[GuestSession]:
    """The sessions at work with it."""
    with background(place.stack).store.read() as session:
        return list(session.scalars(select(GuestSession).where(GuestSession.link == link.id)))


def records(place: Place, link: SetupLink) -> list[AuditRow]:
    """What the guests of a link did, oldest first."""
    with background(place.stack).store.read() as session:
        mine = select(AuditRow).where(AuditRow.sub == link.id)
        return list(session.scalars(mine.order_by(AuditRow.at)))


class Guest(Client):
    """A browser without scripts and without an account. Short paths are below the organization of the link."""

    def __init__(self, stack: Stack, place: Place) -> None:
        super().__init__(stack, place.realm)
        self.place = place

    def url(self, path: str) -> str:
        """An address; a path without a leading slash is below the guest's pages."""
        below = f"/setup/{self.realm}/o/{self.place.name}"
        return super().url(path if path.startswith(("http", "/")) else f"{below}/{path}" if path else below)

    def open(self, token: str) -> requests.Response:
        """Follow the link."""
        return self.get(f"/portal/launch?token={token}")

    def key(self) -> str:
        """The form token of the launch page that was shown last."""
        assert self.last is not None
        found = re.search(r'name="key" value="([^"]*)"', self.last.text)
        return found[1] if found else ""

    def begin(self, token: str = "", **fields: str) -> requests.Response:
        """Open the link and press the button."""
        if token:
            self.open(token)
        answer: requests.Response = self.post("/portal/launch/begin", {"key": self.key(), **fields}, token=False)
        return answer

    def enter(self, token: str) -> Guest:
        """Become a guest; proves that it worked."""
        answer = self.begin(token)
        assert answer.status_code == 303, answer.text
        assert self.get("").status_code == 200
        return self

    def token(self) -> str:
        """The form token of this guest's session."""
        page = self.http.get(self.url(""), timeout=30).text
        found = re.search(r'name="csrf-token" content="([^"]*)"', page)
        return found[1] if found else ""


def mailed_code(place: Place, somebody: Guest, contact: str) -> str:
    """Ask for a code and read the mail."""
    before = len(place.stack.mails(contact))
    somebody.get("/portal/launch")
    answer = somebody.post("/portal/launch/code", {"key": somebody.key()}, token=False)
    assert answer.status_code == 303, answer.text
    return newest_code(place, contact, before)


def newest_code(place: Place, contact: str, before: int = 0) -> str:
    """The code of the mail that comes after `before` others."""
    found = eventually(lambda: place.stack.mails(contact)[: len(place.stack.mails(contact)) - before], 30, "no code")
    code = re.search(r"\b(\d{6})\b", found[0]["subject"])
    assert code, found[0]
    return code[1]
