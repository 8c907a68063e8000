"""IT contacts, as far as they map: those to whom the active setup link of an organization was mailed.

Operators invite them on the organization's page after a fresh sign-in, which no key has.
"""

from __future__ import annotations

from typing import Any

from portal.actor import Actor
from portal.compat import ids
from portal.compat.face import moment
from portal.compat.listing import Part, envelope
from portal.keys.scopes import beyond_key
from portal.links import actions, inviting
from portal.store import links, public_ids
from portal.store.models_keys import PublicId
from portal.store.models_links import LinkToken, SetupLink
from portal.web.vendor import ScopeNeeded, Unknown

WHAT, KIND = "IT contact", "it_contact"


def listed(actor: Actor) -> dict[str, Any]:
    """All of them, in the order in which they were invited."""
    row = actions.active(actor)
    tokens = _mailed(actor, row) if row else {}
    known = _ids(actor, tokens)
    shown = [_shown(known[actor.here.id, contact], token) for contact, token in tokens.items()]
    return envelope(shown, Part([], None, None))


def _mailed(actor: Actor, row: SetupLink) -> dict[str, LinkToken]:
    """By address, the newest of each."""
    return {each.contact: each for each in links.tokens(actor.services.store, row.id) if each.contact}


def _ids(actor: Actor, contacts: dict[str, LinkToken]) -> dict[tuple[str, str], PublicId]:
    things = [(actor.here.id, contact) for contact in contacts]
    store, realm = actor.services.store, actor.realm.name
    return public_ids.ids(store, realm, KIND, things, lambda: ids.made(ids.CONTACT))


def _shown(known: PublicId, token: LinkToken) -> dict[str, Any]:
    return {
        "object": "it_contact", "id": known.id, "email": known.reference, "created_at": moment(known.created),
        "updated_at": moment(max(known.created, token.created)),
    }  # fmt: skip


def revoke(actor: Actor, contact_id: str) -> None:
    """End the active link, for everybody whom it was mailed to. Raises `Unknown`, `ScopeNeeded`."""
    row = actions.active(actor)
    contacts = _ids(actor, _mailed(actor, row)).values() if row else ()
    if row is None or contact_id not in {each.id for each in contacts}:
        raise Unknown(WHAT, contact_id)
    if beyond := beyond_key(actor, row.intents):
        raise ScopeNeeded(beyond)
    inviting.revoke(actor, row.id)
