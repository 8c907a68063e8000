"""Test sign-ins as the portal keeps them: states, the token of the address, what is sealed."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.access_grant import Grant, upkeep
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import NotFound
from portal.services import Services
from portal.settings import Realm
from portal.store import now, trials
from portal.store.models_sso import Trial
from portal.store.vault import VaultError

WAITING, OPENED, PASSED, FAILED, EXPIRED = "waiting", "opened", "passed", "failed", "expired"
OVER = (PASSED, FAILED, EXPIRED)
KEYCLOAK, OIDC, SAML, PASTED = "keycloak", "oidc", "saml", "pasted"
LIFE = timedelta(minutes=60)
# Keycloak lets a sign-in that was begun go on for half an hour: until then something may still come.
LATE = timedelta(minutes=35)
# Ends at which the answer itself was not seen.
UNSEEN = ("", KEYCLOAK)
RIGHT = "sso.try"


@dataclass(frozen=True)
class Run:
    """A test under way, with what it needs."""

    services: Services
    realm: Realm
    row: Trial


def hashed(token: str) -> str:
    """As a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def state_of(row: Trial) -> str:
    """The state as people see it: one that waited past its time has expired."""
    return EXPIRED if row.state in {WAITING, OPENED} and row.expires <= now() else row.state


def may_go_on(row: Trial) -> bool:
    """Whether the person may be sent off (again): not after it passed, nor past its time."""
    return row.state in {OPENED, FAILED} and row.expires > now()


def alive(services: Services, realm: str, token: str) -> Trial:
    """The one of this address, whatever came of it. Raises `NotFound` for none, and past its time."""
    row = trials.by_token(services.store, realm, hashed(token)) if token else None
    if row is None or row.expires <= now():
        raise NotFound("no such test, or past its time")
    return row


def secrets_of(services: Services, row: Trial) -> dict[str, Any]:
    """What is sealed of a test under way."""
    return _opened(services, row, "secrets")


def report_of(services: Services, row: Trial) -> dict[str, Any]:
    """The sealed report; empty while there is none."""
    return _opened(services, row, "report")


def _opened(services: Services, row: Trial, column: str) -> dict[str, Any]:
    sealed = getattr(row, column)
    try:
        text = services.vault.open(sealed, row.realm, "trial", column, row.id) if sealed else "{}"
    except VaultError:
        return {}
    return dict(json.loads(text))


def sealed(services: Services, row: Trial, column: str, value: dict[str, Any]) -> bytes:
    """`value` for this column of the row."""
    return services.vault.seal(json.dumps(value), row.realm, "trial", column, row.id)


def keep(services: Services, row: Trial, **values: Any) -> None:
    """Seal more of a test under way."""
    together = {**secrets_of(services, row), **values}
    trials.change(services.store, row, secrets=sealed(services, row, "secrets", together))


def same(kept: str, came: str) -> bool:
    """Whether what came back is what was sent along; nothing was sent where `kept` is empty."""
    return bool(kept) and secrets.compare_digest(kept.encode(), came.encode())


def leave(row: Trial, *objects: str) -> Grant:
    """The grant by which the portal reads a connection for its test, and takes back what the test left."""
    return upkeep(row.realm, RIGHT, row.organization, row.alias, *objects)


def itself(run: Run) -> Actor:
    """Whoever holds the test address, for the audit."""
    here = Organization(run.row.organization, run.row.organization)
    return Actor("link", run.realm, "", organization=here, client=f"test {run.row.id}", own_services=run.services)
