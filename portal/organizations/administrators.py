"""Who administers an organization, and that somebody always does."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.access import Grant
from portal.actor import Actor
from portal.clients.orgs_types import Member
from portal.errors import Conflict
from portal.rank import ADMINISTRATOR


def administrators(actor: Actor, granted: Grant) -> set[str]:
    """Ids of the enabled members who hold the two roles that make others, without the synthetic one.

    Read by a service client: who may remove members need not see who holds which role.
    """
    return {each.id for each in administrators_of(actor, granted)}


def administrators_of(actor: Actor, granted: Grant) -> list[Member]:
    """The same with their names."""
    holders = [actor.services.orgs.holders(granted, actor.here.id, role) for role in sorted(ADMINISTRATOR)]
    ids = set.intersection(*({each.id for each in held if each.enabled} for held in holders))
    return [each for each in holders[0] if each.id in ids]


def check_last(actor: Actor, granted: Grant, user_id: str) -> None:
    """Raise `Conflict` if nobody but this person administers the organization. Called under its lock."""
    if administrators(actor, granted) - {user_id}:
        return
    name = actor.here.label
    if user_id == actor.sub:
        raise Conflict(_("You are the last administrator of %(name)s. Make somebody else one first.", name=name))
    raise Conflict(_("This is the last administrator of %(name)s. Make somebody else one first.", name=name))
