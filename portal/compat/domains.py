"""Domains of organizations as programs add, check and remove them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.compat import ids, shapes
from portal.compat.shapes import Claimed
from portal.domains import actions, forms
from portal.errors import Invalid, NotFound
from portal.store import public_ids
from portal.store.models_keys import PublicId
from portal.web.vendor import Unknown

WHAT = "Organization domain"


def named(sent: Mapping[str, Any]) -> list[str] | None:
    """The domains of a body, in `domain_data` or `domains`; None where it says nothing of them. Raises `Invalid`.

    What a caller says of their state counts for nothing: each is proved by its record.
    """
    field = "domain_data" if sent.get("domain_data") is not None else "domains"
    found = sent.get(field)
    if found is None:
        return None
    if not isinstance(found, list) or len(found) > actions.MOST:
        raise Invalid({field: _("Send a list of at most %(most)d domains.", most=actions.MOST)})
    names = [each.get("domain") if isinstance(each, dict) else each for each in found]
    for place, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise Invalid({f"{field}.{place}": "error-invalid-value"})
    return [str(name).strip() for name in names]


def known(actor: Actor, public_id: str) -> PublicId:
    """What an id stands for. Raises `Unknown`."""
    if not ids.is_made(public_id, ids.DOMAIN):
        raise Unknown(WHAT, public_id)
    row = public_ids.find(actor.services.store, actor.realm.name, public_ids.DOMAIN, public_id)
    if row is None:
        raise Unknown(WHAT, public_id)
    return row


def find(actor: Actor, row: PublicId) -> Claimed:
    """The domain as it is now; its id goes with it. Raises `Unknown`."""
    for each in shapes.domains_of(actor):
        if each.row.name == row.reference:
            return each
    public_ids.forget(actor.services.store, row)
    raise Unknown(WHAT, row.id)


def add(actor: Actor, text: str) -> dict[str, Any]:
    """Claim a domain for the organization of the request; it is verified once its record was seen."""
    added = actions.add(actor, forms.read(actor, text))
    _touched(actor)
    return _shown(actor, added.name)


def _touched(actor: Actor) -> None:
    """The organization was changed just now: lists read it anew."""
    public_ids.change(actor.services.store, actor.realm.name, actor.here.id)


def _shown(actor: Actor, name: str) -> dict[str, Any]:
    return shapes.domain(next(each for each in shapes.domains_of(actor) if each.row.name == name))


def check(actor: Actor, row: PublicId) -> dict[str, Any]:
    """Look for its record now."""
    actions.check(actor, find(actor, row).row.name)
    _touched(actor)
    return _shown(actor, row.reference)


def remove(actor: Actor, row: PublicId) -> None:
    """Take it away from the organization."""
    actions.remove(actor, find(actor, row).row.name)
    public_ids.forget(actor.services.store, row)
    _touched(actor)


def replace(actor: Actor, wanted: list[str]) -> None:
    """Make these, and no others, the domains of the organization of the request. Raises `Invalid` before a change."""
    names = [forms.read(actor, each) for each in wanted]
    present = {each.row.name for each in actions.claims(actor)}
    for gone in sorted(present - {name.ascii for name in names}):
        _forget(actor, gone)
    for name in names:
        if name.ascii not in present:
            actions.add(actor, name)
            present.add(name.ascii)
    _touched(actor)


def _forget(actor: Actor, name: str) -> None:
    try:
        actions.remove(actor, name)
    except NotFound:
        return
    things = [(actor.here.id, name)]
    for row in public_ids.ids(
        actor.services.store, actor.realm.name, public_ids.DOMAIN, things, lambda: ids.made(ids.DOMAIN)
    ).values():
        public_ids.forget(actor.services.store, row)
