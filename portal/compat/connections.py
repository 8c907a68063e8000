"""Connections of organizations, to look at: they are made with a setup link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.actor import Actor
from portal.compat import ids, shapes
from portal.compat.listing import Window, envelope, part
from portal.errors import NotFound
from portal.sso import actions
from portal.sso.actions import GONE, Shown
from portal.store import connections, public_ids
from portal.store.models_keys import PublicId
from portal.web.vendor import Unknown

WHAT = "Connection"


def of_organization(actor: Actor) -> list[dict[str, Any]]:
    """Those of the organization of the request, the oldest first."""
    found = [each for each in actions.listed(actor) if each.state != GONE]
    known = _ids(actor, found)
    return [shapes.connection(actor, actor.here.id, each, known[actor.here.id, each.alias]) for each in found]


def _ids(actor: Actor, found: list[Shown]) -> dict[tuple[str, str], PublicId]:
    things = [(actor.here.id, each.alias) for each in found]
    store, realm = actor.services.store, actor.realm.name
    return public_ids.ids(store, realm, public_ids.CONNECTION, things, lambda: ids.made(ids.CONNECTION))


def owners(actor: Actor) -> list[str]:
    """Organizations that have connections made with the portal."""
    rows = connections.of_realm(actor.services.store, actor.realm.name)
    return sorted({row.organization for row in rows})


def page(found: list[dict[str, Any]], wanted: Window, asked: Mapping[str, str]) -> dict[str, Any]:
    """One page of these, by kind, domain and text if they are asked for."""
    kind, domain, search = (asked.get(name, "") for name in ("connection_type", "domain", "search"))
    chosen = [
        each
        for each in found
        if kind in {"", each["connection_type"]} and search.casefold() in each["name"].casefold()
        if not domain or domain.lower() in {one["domain"] for one in each["domains"]}
    ]
    by_id = {each["id"]: each for each in sorted(chosen, key=lambda each: (each["created_at"], each["id"]))}
    wanted_part = part(list(by_id), wanted)
    return envelope([by_id[each] for each in wanted_part.ids], wanted_part)


def known(actor: Actor, public_id: str) -> PublicId:
    """What an id stands for. Raises `Unknown`."""
    if not ids.is_made(public_id, ids.CONNECTION):
        raise Unknown(WHAT, public_id)
    row = public_ids.find(actor.services.store, actor.realm.name, public_ids.CONNECTION, public_id)
    if row is None:
        raise Unknown(WHAT, public_id)
    return row


def one(actor: Actor, row: PublicId) -> dict[str, Any]:
    """The connection as it is now. Raises `Unknown`."""
    try:
        found = actions.find(actor, row.reference)
        if found.state == GONE:
            raise NotFound("gone from Keycloak")
    except NotFound as error:
        public_ids.forget(actor.services.store, row)
        raise Unknown(WHAT, row.id) from error
    return shapes.connection(actor, actor.here.id, found, row)
