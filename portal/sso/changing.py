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
from portal.sso.ending import ends
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
    right: str = "",
    **about: Any,
) -> Connection:
    """Change what is given and leave the rest; a test of the connection as it was counts no more.

    A secret is written last, because the old one cannot be put back: Keycloak shows none. Raises `NotFound` for a
    connection that the portal did not make, `Conflict` or `Invalid` with the step that failed. `right` is the one to
    decide by, if another than usual.
    """
    row = connections.get(actor.services.store, actor.realm.name, actor.here.id, alias)
    tag = SETUP if row.state == DRAFT else MANAGE
    granted = grant(actor, right or tag, actor.here.id, alias)
    new = {**(config or {}), **({DOMAINS: joined(domains)} if domains is not None else {})}
    fields = {**({"displayName": display_name} if display_name else {}), **({"config": new} if new else {})}
    after = {"deed": "change", "changes": sorted({*(config or {}), *(attributes or {})})}
    if domains is not None:
        after["domains"] = sorted(domains)
    with (
        locked(actor, actor.here.id),
        audited(actor, tag, alias, {"domains": row.domains}, after),
        together() as work,
    ):
        if config or secret or attributes is not None:
            _untested(actor, work, row)
        if attributes is not None:
            _mappers(actor, granted, work, row, attributes)
        _fields(actor, granted, work, alias, fields)
        if "signingCertificate" in (config or {}):
            about["certificate_ends"] = ends(config or {})
        _row(actor, work, row, {**about, **({"domains": sorted(domains)} if domains is not None else {})})
        if secret:
            work.step = _("the secret")
            actor.services.connections.update(granted, actor.here.id, alias, {"config": {"clientSecret": secret}})
    return row


def _untested(actor: Actor, work: Together, row: Connection) -> None:
    _row(actor, work, row, {"tested": None, "waived_by_name": ""})


def _row(actor: Actor, work: Together, row: Connection, values: Mapping[str, Any]) -> None:
    before = {key: getattr(row, key) for key in values}
    if values:
        work.begin(_("the portal's own record"), lambda: connections.change(actor.services.store, row, **before))
        connections.change(actor.services.store, row, **values)


def _fields(actor: Actor, granted: Grant, work: Together, alias: str, fields: Mapping[str, Any]) -> None:
    if not fields:
        return
    known, here = actor.services.connections, actor.here.id
    before = known.get(granted, here, alias)
    old = {key: before.config.get(key) for key in fields.get("config", {})}
    back = {**({"displayName": before.display_name} if "displayName" in fields else {}), "config": old}
    work.begin(_("the identity provider"), lambda: known.update(granted.for_undoing(), here, alias, back))
    known.update(granted, here, alias, fields)


def _mappers(actor: Actor, granted: Grant, work: Together, row: Connection, attributes: Mapping[str, str]) -> None:
    """Make the portal's mappers of fields those that are wanted; others, such as of roles, stay."""
    known, here, alias = actor.services.connections, actor.here.id, row.alias
    wanted = {each.name: each for each in mappers_of(row.protocol, attributes)}
    present = {each.name: each for each in known.mappers(granted, here, alias) if _feeds_person(each)}
    for name in sorted(wanted.keys() | present.keys()):
        new, old = wanted.get(name), present.get(name)
        if new and old and dict(new.config) == dict(old.config):
            continue
        undo = partial(_put, actor, granted.for_undoing(), alias, name, old)
        work.begin(_("the mapper for %(field)s", field=name.removeprefix(OWN)), undo)
        _put(actor, granted, alias, name, new)


def _put(actor: Actor, granted: Grant, alias: str, name: str, wanted: Mapper | None) -> None:
    """Let the mapper of this name be as wanted, or not be there, whatever is there now."""
    known, here = actor.services.connections, actor.here.id
    found = next((each for each in known.mappers(granted, here, alias) if each.name == name), None)
    if found and wanted:
        known.update_mapper(granted, here, alias, found.id, wanted.config)
    elif found:
        known.remove_mapper(granted, here, alias, found.id)
    elif wanted:
        known.add_mapper(granted, here, alias, wanted)


def _feeds_person(mapper: Mapper) -> bool:
    return mapper.name.startswith(OWN) and "user.attribute" in mapper.config
