"""What belongs to the request at hand."""

from __future__ import annotations

from typing import cast

from flask import current_app, g, session

from portal.actor import Actor
from portal.errors import SessionEnded
from portal.services import Services
from portal.settings import Realm
from portal.signin.sessions import Browser


def services() -> Services:
    """The parts of this application."""
    return cast(Services, current_app.extensions["portal"])


def realm() -> Realm | None:
    """The realm named by the address, None outside realms."""
    return cast("Realm | None", g.get("realm"))


def browser() -> Browser:
    """The browser's session, signed in or not."""
    return cast(Browser, session._get_current_object())  # type: ignore[attr-defined]


def actor() -> Actor:
    """Who acts. Raises `SessionEnded` when nobody is signed in."""
    found = g.get("actor")
    if found is None:
        raise SessionEnded("nobody is signed in")
    return cast(Actor, found)
