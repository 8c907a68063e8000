"""Keys as their page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _

from portal.keys.owners import DISABLED, GONE, RIGHTS
from portal.keys.scopes import label
from portal.store import now
from portal.store.models_keys import ApiKey

WORKS, SUSPENDED, EXPIRED = "works", "suspended", "expired"


@dataclass(frozen=True)
class Shown:
    """A key without its secret. Times are in UTC; `why` says what suspended it."""

    id: str
    name: str
    shown: str
    scopes: list[str]
    organizations: int
    networks: list[str]
    owner: str
    created: datetime
    expires: datetime
    last_used: datetime | None
    state: str
    why: str = ""


def of_key(row: ApiKey) -> Shown:
    """For pages."""
    return Shown(
        row.id, row.name, row.shown, [label(scope) for scope in row.scopes], len(row.organizations), row.networks,
        row.owner_name, row.created.replace(tzinfo=UTC), row.expires.replace(tzinfo=UTC),
        row.last_used.replace(tzinfo=UTC) if row.last_used else None, state_of(row),
        reason(row.reason, row.owner_name) if row.suspended else "",
    )  # fmt: skip


def state_of(row: ApiKey) -> str:
    """Whether it works."""
    if row.expires <= now():
        return EXPIRED
    return SUSPENDED if row.suspended else WORKS


def reason(reason: str, owner: str) -> str:
    """Why a key is suspended."""
    return {
        RIGHTS: _("%(name)s may not manage keys any more.", name=owner),
        DISABLED: _("The account of %(name)s is disabled.", name=owner),
        GONE: _("The account of %(name)s is gone.", name=owner),
    }.get(reason, "")


def scope_choices(scopes: Iterable[str]) -> list[tuple[str, str]]:
    """Scopes with their words, for a form."""
    return [(scope, label(scope)) for scope in scopes]
