"""A connection's life: going live, resting, coming back, ending. Each is one write at Keycloak, read back after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.connections_allowed import DOMAINS, LIVE_FLOW, PENDING, POST_FLOW
from portal.clients.connections_types import IdentityProvider, joined
from portal.errors import Conflict, NotFound
from portal.organizations.lock import locked
from portal.sso import gates
from portal.sso.drafting import DRAFT_FIELDS, MANAGE, check_kept
from portal.sso.effects import check_ways_in, effect
from portal.store import connections, now
from portal.store.connections import ACTIVE, DISABLED, DRAFT
from portal.store.models_sso import Connection

OVERRIDE = "sso.override"
LIVE_FIELDS: Mapping[str, Any] = {
    "enabled": True, "hideOnLogin": True, "storeToken": False, "addReadTokenRoleOnCreate": False, "trustEmail": True,
    "firstBrokerLoginFlowAlias": LIVE_FLOW, "postBrokerLoginFlowAlias": POST_FLOW,
}  # fmt: skip


def activate(actor: Actor, alias: str, reason: str = "") -> Connection:
    """Let people sign in by a connection. Raises `Conflict` with what is missing.

    An operator who gives a reason goes without a passed test or a verified domain; that is recorded.
    """
    row = _row(actor, alias)
    if row.state == ACTIVE:
        raise Conflict(_("This connection is active already."))
    granted = grant(actor, OVERRIDE if reason else MANAGE, actor.here.id, alias)
    with _deed(actor, OVERRIDE if reason else MANAGE, row, {"deed": "activate", "reason": reason, "state": ACTIVE}):
        if not reason:
            gates.check_proved(actor, row, actor.services.connections.get(granted, actor.here.id, alias))
        gates.check_alone(actor, granted, row)
        config = {DOMAINS: joined(row.domains), PENDING: None}
        _put(actor, granted, alias, LIVE_FIELDS, config)
        waived = {"waived_by_name": actor.label[:255]} if reason and not row.tested else {}
        connections.change(actor.services.store, row, state=ACTIVE, activated=now(), **waived)
    return row


def disable(actor: Actor, alias: str) -> Connection:
    """Let nobody sign in by a connection for the time being. Raises `Conflict` if administrators were locked out."""
    row = _row(actor, alias)
    if row.state != ACTIVE:
        raise Conflict(_("This connection is not active."))
    granted = grant(actor, MANAGE, actor.here.id, alias)
    found = effect(actor, alias)
    with _deed(actor, MANAGE, row, {"deed": "disable", "state": DISABLED, "people": found.people}):
        check_ways_in(actor, found)
        _put(actor, granted, alias, {"enabled": False})
        connections.change(actor.services.store, row, state=DISABLED)
    return row


def enable(actor: Actor, alias: str, reason: str = "") -> Connection:
    """Let people sign in again by a connection that rested. The same stands in the way as when it first went live."""
    return activate(actor, alias, reason)


def reopen(actor: Actor, alias: str) -> Connection:
    """Make a resting connection a draft again, so that it can be tested. Who came by it before is still checked."""
    row = _row(actor, alias)
    if row.state != DISABLED:
        raise Conflict(_("Only a disabled connection can be made a draft again."))
    granted = grant(actor, MANAGE, actor.here.id, alias)
    fields = {**DRAFT_FIELDS, "postBrokerLoginFlowAlias": POST_FLOW if row.activated else None}
    with _deed(actor, MANAGE, row, {"deed": "reopen", "state": DRAFT}):
        _put(actor, granted, alias, fields, {PENDING: "true"})
        connections.change(actor.services.store, row, state=DRAFT)
    return row


def delete(actor: Actor, alias: str) -> None:
    """Remove a connection for good; accounts stay. Raises `Conflict` as `disable` does.

    One that was made outside the portal can be removed as well, and the record of one that is gone from Keycloak.
    """
    granted = grant(actor, MANAGE, actor.here.id, alias)
    row = connections.find(actor.services.store, actor.realm.name, actor.here.id, alias)
    present = _present(actor, granted, alias)
    if present is None and row is None:
        raise NotFound("no such connection of this organization")
    found = effect(actor, alias) if present else None
    before = {"state": row.state if row else "", "domains": list(present.domains) if present else []}
    after = {"deed": "delete", "people": found.people if found else 0}
    with locked(actor, actor.here.id), audited(actor, MANAGE, alias, before, after):
        if found and present and present.enabled and (row is None or row.state != DRAFT):
            check_ways_in(actor, found)
        if present:
            actor.services.connections.delete(granted, actor.here.id, alias)
        if row:
            connections.remove(actor.services.store, row)


def _present(actor: Actor, granted: Grant, alias: str) -> IdentityProvider | None:
    try:
        return actor.services.connections.get(granted, actor.here.id, alias)
    except NotFound:
        return None


def _row(actor: Actor, alias: str) -> Connection:
    return connections.get(actor.services.store, actor.realm.name, actor.here.id, alias)


@contextmanager
def _deed(actor: Actor, tag: str, row: Connection, after: Mapping[str, Any]) -> Iterator[None]:
    """Under the organization's lock, with a record; the row is read again, for somebody may have been quicker."""
    before = {"state": row.state, "domains": row.domains}
    with locked(actor, actor.here.id), audited(actor, tag, row.alias, before, after):
        if _row(actor, row.alias).state != row.state:
            raise Conflict(_("Somebody else has changed this connection in the meantime."))
        yield


def _put(
    actor: Actor, granted: Grant, alias: str, fields: Mapping[str, Any], config: Mapping[str, Any] | None = None
) -> None:
    known = actor.services.connections
    known.update(granted, actor.here.id, alias, {**fields, **({"config": config} if config else {})})
    check_kept(known.get(granted, actor.here.id, alias), fields)
