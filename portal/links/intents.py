"""What links are for, and who may put what into one."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from portal.access import BY_NAME, switched_off
from portal.access_links import INTENT_DOORS, INTENT_ROLES, OFFERED
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import Denied, Invalid, NotFound
from portal.return_addresses import INTENTS


def checked_intents(intents: Iterable[str]) -> list[str]:
    """Those that were named, in the table's order. Raises `Invalid` with what is allowed."""
    named = set(intents)
    if not named:
        raise Invalid({"intents": _("Choose at least one thing to set up.")})
    if unknown := sorted(named - set(INTENTS)):
        text = _("“%(value)s” is not known. Use one of: %(all)s.", value=unknown[0][:80], all=", ".join(INTENTS))
        raise Invalid({"intents": text})
    if later := sorted(named - set(OFFERED)):
        text = _("“%(value)s” cannot be set up by a link yet. Use one of: %(all)s.", value=later[0],
                 all=", ".join(OFFERED))  # fmt: skip
        raise Invalid({"intents": text})
    return [intent for intent in OFFERED if intent in named]


def check_right(actor: Actor, organization: Organization, right: str, intents: Iterable[str]) -> None:
    """Raise `NotFound` for another organization, `Denied` for who may not hand all of this out, `Invalid` for what is
    switched off in the realm."""
    if actor.here.id != organization.id:
        raise NotFound("another organization")
    if not actor.may(right):
        raise Denied(f"no {right}")
    only = actor.facts.only
    for intent in intents:
        if _off(actor, intent):
            text = _("“%(value)s” is switched off in this realm, so nobody could set it up.", value=intent)
            raise Invalid({"intents": text})
        if not INTENT_ROLES[intent] <= actor.roles or (only is not None and f"links:{intent}" not in only):
            raise Denied(f"may not hand out {intent}")


def offered_to(actor: Actor) -> list[str]:
    """The intents that somebody may put into a link of the organization of the request."""
    return [intent for intent in OFFERED if INTENT_ROLES[intent] <= actor.roles and not _off(actor, intent)]


def _off(actor: Actor, intent: str) -> bool:
    """Whether the section of an intent is switched off in the realm: for guests it is off whoever made their link."""
    off = switched_off(dict(actor.services.realm_facts(actor.realm.name).attributes))
    return bool(off.intersection(BY_NAME[INTENT_DOORS[intent]].sections))
