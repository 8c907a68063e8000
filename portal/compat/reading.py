"""All organizations of a realm for a list, read from Keycloak a hundred at once and kept for the pages that follow."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from portal.actor import Actor
from portal.clients.orgs import PAGE_LIMIT
from portal.clients.orgs_bound import BoundOrgs
from portal.clients.orgs_types import Organization
from portal.errors import NotFound
from portal.store import public_ids

# Seconds, as long as a page may reuse what was read. What this API changes itself is read anew at once, everywhere.
KEPT, MOST_KEPT, MOST_LISTS = 5.0, 5000, 8
Version = tuple[int, datetime | None]
_known: dict[tuple[str, str], tuple[float, Version, list[Organization]]] = {}


def organizations(actor: Actor, search: str) -> list[Organization]:
    """Those that the actor reaches and that `search` finds."""
    orgs = actor.orgs
    if isinstance(orgs, BoundOrgs) and orgs.organizations is not None:
        return _named(orgs, orgs.organizations, search)
    key, version = (actor.realm.name, search), public_ids.version(actor.services.store, actor.realm.name)
    at, known, found = _known.get(key, (0.0, (0, None), []))
    if known == version and time.monotonic() - at < KEPT and at:
        return found
    found = every(actor, search)
    if len(found) <= MOST_KEPT:
        if len(_known) >= MOST_LISTS:
            _known.clear()
        _known[key] = (time.monotonic(), version, found)
    return found


def _named(orgs: BoundOrgs, wanted: Collection[str], search: str) -> list[Organization]:
    """Those a key is limited to; one that was deleted since is left out."""
    found = []
    for each in sorted(wanted):
        with suppress(NotFound):
            found.append(orgs.organization(each))
    text = search.casefold()
    return [one for one in found if text in one.name.casefold() or text in one.label.casefold()]


def every(actor: Actor, search: str = "") -> list[Organization]:
    """All that `search` finds, as Keycloak has them now."""
    found: list[Organization] = []
    while len(page := actor.orgs.search(search, len(found), PAGE_LIMIT)) == PAGE_LIMIT:
        found += page
    return [*found, *page]
