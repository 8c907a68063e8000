"""Ending sessions: ours at Keycloak, and Keycloak's here."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import note
from portal.errors import PortalError
from portal.services import Services
from portal.settings import Realm
from portal.signin.provider import SignInRefused
from portal.signin.sessions import Browser, digest
from portal.store import now
from portal.store.models import UsedToken

# What a browser keeps when its person has gone.
KEPT = ("return_link",)
REMEMBERED = timedelta(minutes=10)


def end_at_keycloak(services: Services, realm: Realm, browser: Browser) -> bool:
    """End the Keycloak session with the refresh token. False when Keycloak did not answer."""
    if browser.row is None:
        return True
    try:
        services.provider(realm.name).logout(services.sessions.secret(browser.row, "refresh_token"))
    except PortalError as error:
        # A refused refresh token belongs to a session that is over already.
        return not getattr(error, "retryable", False)
    return True


def leave(someone: Actor, browser: Browser) -> bool:
    """End the Keycloak session and this one; whether Keycloak is known to have ended its own."""
    ended = end_at_keycloak(someone.services, someone.realm, browser)
    note(someone, "session.signout", after={"keycloak": ended})
    kept = {key: browser[key] for key in KEPT if browser.get(key)}
    someone.services.sessions.end(browser)
    browser.update(kept)
    return ended


def by_token(services: Services, realm: Realm, token: str) -> int:
    """End the sessions a logout token names; returns how many. Raises `SignInRefused`, `Upstream`."""
    claims = services.provider(realm.name).logout_claims(token)
    _use_once(services, realm, str(claims["jti"]))
    return services.sessions.end_where(realm.name, sid=str(claims.get("sid") or ""), sub=str(claims.get("sub") or ""))


def _use_once(services: Services, realm: Realm, jti: str) -> None:
    try:
        with services.store.write() as transaction:
            transaction.execute(delete(UsedToken).where(UsedToken.expires < now()))
            transaction.add(UsedToken(jti=digest(f"{realm.name} {jti}"), expires=now() + REMEMBERED))
    except IntegrityError as error:
        raise SignInRefused("logout token used before") from error
