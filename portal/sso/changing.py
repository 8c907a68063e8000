"""Changing a connection that exists: only the portal's part of it, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.connections_allowed import DOMAINS
from portal.clients.connections_types import Mapper, joined
from portal.organizations.lock import locked
from portal.sso.drafting import MANAGE, OWN, SETUP, mappers_of
from portal.sso.together import Together, together
from portal.store import connections
from portal.store.connections import DRAFT
from portal.store.models_sso import Connection


def change(
    actor: Actor,
    alias: str,
    *,
    config: Mapping[str, str | None] | None = None,
    secret: str = "",
    attributes: Mapping[str, str] | None = None,
    domains: Sequence[str] | None = None,
    display_name: str = "",
    **about: Any,
) -> Connection:
    """Change what is given and leave the rest; a test of the connection as it was counts no more.

    A secret is written last, because the old one cannot be put back: Keycloak shows none. Raises `NotFound` for a
    connection that the portal did not make, `Conflict` or `Invalid` with the step that failed.
    """
    row = connections.get(actor.services.store, actor.realm.name, actor.here.id, alias)
    right = SETUP if row.state == DRAFT else MANAGE
    granted = grant(actor, right, actor.here.id, alias)
    new = {**(config or {}), **({DOMAINS: joined(domains)} if domains is not None else {})}
    fields = {**({"displayName": display_name} if display_name else {}), **({"config": new} if new else {})}
    after = {"deed": "change", "changes": sorted({*(config or {}), *(attributes or {})})}
    if domains is not None:
        after["domains"] = sorted(domains)
    with (
        locked(actor, actor.here.id),
        audited(actor, right, alias, {"domains": row.domains}, after),
        together() as work,
    ):
        if config or secret or attributes is not None:
            _untested(actor, work, row)
        if attributes is not None:
            _mappers(actor, granted, work, row, attributes)
        _fields(actor, granted, work, alias, fields)
        _row(actor, work, row, {**about, **({"domains": sorted(domains)} if domains is not None else {})})
        if secret:
            work.step = _("the secret")
            actor.services.connections.update(granted, actor.here.id, alias, {"config": {"clientSecret": secret}})
    return row


def _untested(actor: Actor, work: Together, row: Connection) -> None:
    work.step = _("the portal's own record")
    before = {"tested": row.tested, "waived_by_name": row.waived_by_name}
    connections.change(actor.services.store, row, tested=None, waived_by_name="")
    work.done(lambda: connections.change(actor.services.store, row, **before))


def _row(actor: Actor, work: Together, row: Connection, values: Mapping[str, Any]) -> None:
    work.step = _("the portal's own record")
    before = {key: getattr(row, key) for key in values}
    if values:
        connections.change(actor.services.store, row, **values)
        work.done(lambda: connections.change(actor.services.store, row, **before))


def _fields(actor: Actor, granted: Grant, work: Together, alias: str, fields: Mapping[str, Any]) -> None:
    if not fields:
        return
    known, here = actor.services.connections, actor.here.id
    work.step = _("the identity provider")
    before = known.update(granted, here, alias, fields)
    old = {key: before.config.get(key) for key in fields.get("config", {})}
    back = {**({"displayName": before.display_name} if "displayName" in fields else {}), "config": old}
    work.done(lambda: known.update(granted, here, alias, back))


def _mappers(actor: Actor, granted: Grant, work: Together, row: Connection, attributes: Mapping[str, str]) -> None:
    """Make the portal's mappers of fields those that are wanted; others, such as of roles, stay."""
    known, here = actor.services.connections, actor.here.id
    fields = {each.name: each for each in mappers_of(row.protocol, attributes)}
    present = {each.name: each for each in known.mappers(granted, here, row.alias) if each.name.startswith(OWN)}
    for name, mapper in fields.items():
        work.step = _("the mapper for %(field)s", field=name.removeprefix(OWN))
        if name not in present:
            made = known.add_mapper(granted, here, row.alias, mapper)
            work.done(partial(known.remove_mapper, granted, here, row.alias, made))
        elif dict(present[name].config) != dict(mapper.config):
            old = known.update_mapper(granted, here, row.alias, present[name].id, mapper.config)
            work.done(partial(known.update_mapper, granted, here, row.alias, old.id, old.config))
    for name in present.keys() - fields.keys():
        if not _feeds_person(present[name]):
            continue
        work.step = _("the mapper for %(field)s", field=name.removeprefix(OWN))
        gone = known.remove_mapper(granted, here, row.alias, present[name].id)
        work.done(partial(known.add_mapper, granted, here, row.alias, gone))


def _feeds_person(mapper: Mapper) -> bool:
    return "user.attribute" in mapper.config
