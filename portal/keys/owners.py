"""What the owner of a key may at present: read again at most every minute, and never without an answer."""

from __future__ import annotations

import time

import structlog

from portal.access_grant import own_standing
from portal.errors import NotFound, Upstream
from portal.services import Services
from portal.store import keys, now
from portal.store.models_keys import ApiKey

REREAD = 60.0
# Whoever holds these makes keys; who loses them has none that work.
MAKER = frozenset({"view-realm", "manage-realm"})
RIGHTS, DISABLED, GONE = "rights", "disabled", "gone"
log = structlog.get_logger("portal.keys")


def present(services: Services, row: ApiKey) -> ApiKey:
    """The key with its owner's roles, a minute old at most; suspended if he may make no keys any more.

    Raises `Upstream`: what cannot be read opens nothing.
    """
    if row.suspended or time.time() - row.roles_at <= REREAD:
        return row
    roles, lost = _read(services, row)
    values = {"roles": sorted(roles), "roles_at": time.time()}
    if lost:
        log.warning("key suspended", key=row.id, realm=row.realm, reason=lost)
        values |= {"suspended": now(), "reason": lost}
    keys.change(services.store, row, **values)
    return row


def _read(services: Services, row: ApiKey) -> tuple[frozenset[str], str]:
    """The owner's roles, and why his keys may not work any more, if so."""
    granted = own_standing(row.realm, row.owner)
    try:
        someone = services.admin.person(granted, row.owner)
        roles = services.admin.realm_roles(granted, row.owner)
    except NotFound:
        return frozenset(), GONE
    if not someone.enabled:
        return frozenset(), DISABLED
    if not roles and not services.admin.shows_roles(granted):
        raise Upstream("the server shows nobody's roles", retryable=False)
    return roles, "" if roles >= MAKER else RIGHTS
