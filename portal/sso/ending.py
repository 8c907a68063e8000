"""When certificates of identity providers end, as the store knows it: told where people look, at no call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal.actor import Actor
from portal.errors import Invalid
from portal.sso.actions import vendor
from portal.sso.certificates import read_certificates
from portal.store import connections, now
from portal.store.connections import ACTIVE

NOTICED = timedelta(days=60)


@dataclass(frozen=True)
class Ending:
    """A live connection whose last certificate ends soon. `days` is negative once it has."""

    alias: str
    name: str
    days: int


def ends(config: Mapping[str, str | None]) -> datetime | None:
    """When the last certificate of a configuration ends, naive UTC; None where there is none that can be read."""
    body = config.get("signingCertificate") or ""
    try:
        found = read_certificates(body) if body else ()
    except Invalid:
        return None
    return max((each.not_after.astimezone(UTC).replace(tzinfo=None) for each in found), default=None)


def ending(actor: Actor) -> list[Ending]:
    """Live connections of the organization whose certificate ends within sixty days, for who may see them."""
    if actor.organization is None or not actor.may("sso.view"):
        return []
    rows = connections.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    return [
        Ending(row.alias, vendor(actor, row) or row.alias, (row.certificate_ends - now()).days)
        for row in rows
        if row.state == ACTIVE and row.certificate_ends and row.certificate_ends - now() <= NOTICED
    ]
