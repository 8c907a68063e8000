"""A test sign-in through Keycloak itself, from the button to what the identity provider said.

Sources: OpenID Connect Core 1.0 (3.1), RFC 7636, RFC 9207, Keycloak's broker (`/broker/{alias}/token`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests
import structlog

from portal.errors import Upstream
from portal.services import Services
from portal.settings import Realm
from portal.signin.provider import Provider, SignInRefused, Tokens
from portal.sso import trial_apart, trial_clean, trial_end, trial_rows
from portal.sso.trial_rows import Run
from portal.store import now, trials

log = structlog.get_logger("portal.sso")


def provider(services: Services, realm: Realm) -> Provider:
    """The realm's OpenID provider, asked by the client for tests."""
    tester = replace(realm, client_id=realm.test_client_id, client_secret=realm.test_client_secret)
    return Provider(tester, services.http)


def callback_address(services: Services, realm: Realm) -> str:
    """The redirect address registered at Keycloak."""
    return f"{services.settings.public_url}/{realm.name}/sso/test/callback"


def opened(run: Run) -> None:
    """The button was pressed: from now on something may be left at Keycloak."""
    values = {"state": trial_rows.OPENED} if run.row.state == trial_rows.WAITING else {}
    trials.change(run.services.store, run.row, opened=run.row.opened or now(), **values)


def away(run: Run, locale: str) -> str:
    """The address at Keycloak that leads to the identity provider. Raises `Upstream`, `SignInRefused`."""
    if not run.realm.test_client_secret:
        raise Upstream(f"client {run.realm.test_client_id} is not configured", retryable=False)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    again = run.row.state == trial_rows.FAILED
    trial_rows.keep(run.services, run.row, state=state, nonce=nonce, verifier=verifier, asked=True, again=again)
    back_to = callback_address(run.services, run.realm)
    return provider(run.services, run.realm).authorization_url(
        state=state, nonce=nonce, verifier=verifier, redirect_uri=back_to, prompt="login",
        kc_idp_hint=run.row.alias, ui_locales=locale,
    )  # fmt: skip


def back(run: Run, answer: Mapping[str, str]) -> None:
    """Keycloak sent the person back: read what came, write the report, leave nothing behind.

    Raises `SignInRefused` for an answer that does not belong to this test.
    """
    kept = trial_rows.secrets_of(run.services, run.row)
    state = str(kept.get("state", ""))
    if not trial_rows.same(state, answer.get("state", "")) or answer.get("iss") != run.realm.issuer:
        raise SignInRefused("state or issuer of another test")
    trial_rows.keep(run.services, run.row, state="", again=False)
    try:
        _read(run, kept, answer)
    finally:
        trial_clean.try_to_clean(run.services, run.row)


def _read(run: Run, kept: dict[str, Any], answer: Mapping[str, str]) -> None:
    if "error" in answer or not answer.get("code"):
        trial_end.nothing(run, answer.get("error_description") or answer.get("error", ""))
        return
    asked = provider(run.services, run.realm)
    tokens = asked.exchange(answer["code"], kept["verifier"], callback_address(run.services, run.realm))
    claims = asked.id_claims(tokens, kept["nonce"])
    # Before anything else: whatever happens now, the worker knows what to take back.
    sid = str(claims.get("sid", ""))
    known = sorted({*trial_apart.codes(run.services, run.row), sid} - {""})
    trial_rows.keep(run.services, run.row, sid=sid, sub=claims["sub"], codes=known)
    trial_end.seen(run, _said(run, tokens), claims)


def _said(run: Run, tokens: Tokens) -> requests.Response | None:
    """What the identity provider said, from the token that the draft keeps; None if Keycloak does not give it."""
    found = run.services.trials.broker_token(run.realm, run.row.alias, tokens.access)
    if found.ok:
        return found
    log.warning("no stored answer", trial=run.row.id, status=found.status_code)
    return None
