"""One page of many organizations, without reading the others: their order is kept by the portal, as Keycloak has none.

Keycloak says how many there are. As long as that is how many the portal knows, a page is read from its own records and
each organization of it from Keycloak; otherwise, and every few minutes, all are read and the records put right.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from portal.actor import Actor
from portal.clients.orgs_bound import BoundOrgs
from portal.clients.orgs_types import Organization
from portal.compat import ids, reading
from portal.compat.listing import Part, Window, sides
from portal.errors import NotFound
from portal.store import now, public_ids
from portal.store.models_keys import OrganizationRecord

# Reading all of so few is no more work than reading a page one by one: Keycloak gives a hundred at once.
FEW, A_CALL_EACH = 200, 8
# Seconds after which all are read again: one deleted and one made past the portal leave the number as it was.
SETTLED = 300.0
_settled: dict[tuple[str, str], float] = {}


@dataclass(frozen=True)
class Page:
    """The organizations of one page in their order, and its cursors."""

    organizations: Sequence[Organization]
    part: Part


def page(actor: Actor, wanted: Window) -> Page | None:
    """The wanted page; None where all have to be read for it. Raises `Invalid` for a cursor that is none."""
    orgs = actor.orgs
    if isinstance(orgs, BoundOrgs) and orgs.organizations is not None:
        return None
    total = orgs.count()
    if total <= max(FEW, A_CALL_EACH * wanted.limit):
        return None
    if not _is_settled(actor, total):
        _settle(actor)
    records, window = _window(actor, wanted)
    found = _read(actor, records)
    return Page(found, window) if len(found) == len(records) else None


def _is_settled(actor: Actor, total: int) -> bool:
    key = (actor.services.store.url, actor.realm.name)
    young = time.monotonic() - _settled.get(key, -SETTLED) < SETTLED
    return young and len(public_ids.known(actor.services.store, actor.realm.name)) == total


def _settle(actor: Actor) -> None:
    """Make records of those that came past the portal, and forget those of which Keycloak says that they are gone."""
    store, realm, began = actor.services.store, actor.realm.name, now()
    present = {each.id for each in reading.every(actor)}
    public_ids.records(store, realm, present)
    for each in set(public_ids.known(store, realm)) - present:
        # Made while the others were read, or really gone: it is asked for by itself.
        try:
            actor.orgs.organization(each)
        except NotFound:
            public_ids.drop(store, realm, each, began)
    _settled[store.url, realm] = time.monotonic()


def _window(actor: Actor, wanted: Window) -> tuple[list[OrganizationRecord], Part]:
    store, realm = actor.services.store, actor.realm.name
    cursor, ahead = sides(wanted, lambda given: _record(actor, given))
    newest_first = (wanted.order != "asc") is not ahead
    rows = public_ids.beside(store, realm, cursor, wanted.limit + 1, newest_first=newest_first)
    more, shown = len(rows) > wanted.limit, rows[: wanted.limit]
    if ahead:
        shown.reverse()
    names = [ids.organization_id(row.organization) for row in shown]
    further = names[-1] if names and (more or ahead) else None
    back = names[0] if names and (more if ahead else cursor is not None) else None
    turned = wanted.order == "normal"
    return shown, Part(names, further, back) if turned else Part(names, back, further)


def _record(actor: Actor, given: str) -> OrganizationRecord | None:
    try:
        return public_ids.found(actor.services.store, actor.realm.name, ids.keycloak_id(given))
    except ValueError:
        return None


def _read(actor: Actor, records: Sequence[OrganizationRecord]) -> list[Organization]:
    """As Keycloak has them now; fewer if some of them are gone, and then nothing counts as settled."""
    found = []
    for each in records:
        with suppress(NotFound):
            found.append(actor.orgs.organization(each.organization))
    if len(found) < len(records):
        _settled.pop((actor.services.store.url, actor.realm.name), None)
    return found
