"""A sign-in under way: from the address at Keycloak to the session, for people, step-ups and Keycloak actions alike.

Sources: OpenID Connect Core 1.0 (3.1), RFC 7636, RFC 9207, Keycloak's application-initiated actions.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from portal.services import Services
from portal.settings import Realm
from portal.signin import operator_tokens
from portal.signin.provider import Provider, SignInRefused, Tokens
from portal.signin.sessions import Browser, digest
from portal.store import now
from portal.store.models import Preference, SignInRow
from portal.store.vault import VaultError

LIFE = timedelta(minutes=30)
CLOCK_LEEWAY = 10


@dataclass(frozen=True)
class Errand:
    """Why the browser goes to Keycloak, and what happens when it comes back.

    `sub` is who must come back; `max_age` (seconds) how fresh the sign-in must then be; `action` a `kc_action`;
    `operator` asks with the client for the realm's settings, and takes a sign-in that is fresh enough as it is.
    """

    next: str
    sub: str = ""
    max_age: int = 0
    action: str = ""
    then: str = ""
    snapshot: dict[str, Any] = field(default_factory=dict)
    begun: float = 0.0
    operator: bool = False


@dataclass(frozen=True)
class Arrival:
    """A sign-in that came back well."""

    errand: Errand
    claims: dict[str, Any]
    status: str = ""


def callback_address(services: Services, realm: Realm, *, operator: bool = False) -> str:
    """The redirect address registered at Keycloak."""
    return f"{services.settings.public_url}/{realm.name}/{'settings' if operator else 'signin'}/callback"


def _provider(services: Services, realm: Realm, errand: Errand) -> Provider:
    return services.operator_provider(realm.name) if errand.operator else services.provider(realm.name)


def begin(services: Services, realm: Realm, browser: Browser, errand: Errand, **hints: str) -> str:
    """Remember the errand for this browser and return the address at Keycloak. Raises `Upstream`, `SignInRefused`."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    back = callback_address(services, realm, operator=errand.operator)
    wishes = {key: value for key, value in hints.items() if value}
    address = _provider(services, realm, errand).authorization_url(
        state=state, nonce=nonce, verifier=verifier, redirect_uri=back, **_asked(errand), **wishes
    )
    if browser.row is None:
        services.sessions.create(realm.name, browser)
    assert browser.row is not None
    key = digest(state)
    sealed = services.vault.seal(json.dumps([nonce, verifier]), realm.name, "sign_in", "secrets", key)
    data = {**errand.__dict__, "begun": time.time()}
    row = SignInRow(state=key, session_id=browser.row.id, realm=realm.name, created=now(), secrets=sealed, data=data)
    with services.store.write() as transaction:
        transaction.add(row)
    return address


def _asked(errand: Errand) -> dict[str, str]:
    if errand.action:
        return {"kc_action": errand.action}
    if errand.operator:
        return {"max_age": str(errand.max_age)}
    return {"prompt": "login", "max_age": "0"} if errand.max_age else {}


def finish(services: Services, realm: Realm, browser: Browser, answer: Mapping[str, str]) -> Arrival:
    """Check the answer and sign the browser in. Raises `SignInRefused`, `Upstream`.

    The state is looked at before anything else of the answer, and is good once and in its own browser only.
    """
    errand, tokens, claims = _checked(services, realm, browser, answer, operator=False)
    _forget_another_person(browser, claims["sub"])
    services.sessions.sign_in(realm.name, browser, tokens, claims)
    _bring_preferences(services, realm, browser)
    return Arrival(errand, claims, answer.get("kc_action_status", ""))


def finish_operator(services: Services, realm: Realm, browser: Browser, answer: Mapping[str, str]) -> Arrival:
    """Check the answer and keep the operator's own tokens in the session. Raises `SignInRefused`, `Upstream`."""
    errand, tokens, claims = _checked(services, realm, browser, answer, operator=True)
    seen = int(claims.get("auth_time") or 0)
    operator_tokens.renumber(services.sessions, realm.name, browser, seen)
    assert browser.row is not None
    operator_tokens.keep(services.sessions, browser.row, tokens, seen + errand.max_age)
    return Arrival(errand, claims)


def _checked(
    services: Services, realm: Realm, browser: Browser, answer: Mapping[str, str], *, operator: bool
) -> tuple[Errand, Tokens, dict[str, Any]]:
    """The errand of an answer that is good in every respect, with what Keycloak gave for it."""
    row = _taken(services, realm, browser, answer.get("state", ""))
    errand = Errand(**row.data)
    if errand.operator != operator:
        raise Returned(errand, "answer at the wrong address")
    if answer.get("iss") != realm.issuer:
        raise Returned(errand, "iss")
    if "error" in answer or not answer.get("code"):
        raise Returned(errand, f"answer {answer.get('error', 'without a code')[:40]}")
    try:
        nonce, verifier = json.loads(services.vault.open(row.secrets, realm.name, "sign_in", "secrets", row.state))
    except VaultError as error:
        raise Returned(errand, "secrets") from error
    provider = _provider(services, realm, errand)
    tokens = provider.exchange(answer["code"], verifier, callback_address(services, realm, operator=operator))
    claims = provider.id_claims(tokens, nonce)
    _check_person(errand, claims)
    return errand, tokens, claims


class Returned(SignInRefused):
    """Keycloak sent the person back without success; the errand says where to."""

    def __init__(self, errand: Errand, reason: str) -> None:
        super().__init__(reason)
        self.errand = errand


def _taken(services: Services, realm: Realm, browser: Browser, state: str) -> SignInRow:
    """The sign-in row of this state, deleted in the same step: who loses the race has nothing."""
    if not state or browser.row is None:
        raise SignInRefused("no state of this browser")
    key = digest(state)
    with services.store.write() as transaction:
        row = transaction.get(SignInRow, key)
        good = row is not None and row.realm == realm.name and row.session_id == browser.row.id
        if row is None or not good or row.created < now() - LIFE:
            raise SignInRefused("state unknown, used, old, or of another browser")
        transaction.execute(delete(SignInRow).where(SignInRow.state == key))
        transaction.expunge(row)
    return row


def _check_person(errand: Errand, claims: dict[str, Any]) -> None:
    if errand.sub and claims["sub"] != errand.sub:
        raise Returned(errand, "another person came back")
    oldest = errand.begun - (errand.max_age if errand.operator else 0) - CLOCK_LEEWAY
    if errand.max_age and float(claims.get("auth_time") or 0) < oldest:
        raise Returned(errand, "not signed in again")


def _forget_another_person(browser: Browser, sub: str) -> None:
    if browser.row is not None and browser.row.sub not in {None, sub}:
        kept = browser.get("return_link")
        browser.clear()
        if kept:
            browser["return_link"] = kept


def _bring_preferences(services: Services, realm: Realm, browser: Browser) -> None:
    assert browser.row is not None
    for key in ("theme", "locale"):
        with services.store.read() as transaction:
            found = transaction.get(Preference, (realm.name, browser.row.sub, key))
        if found:
            browser[key] = found.value
        else:
            browser.pop(key, None)
