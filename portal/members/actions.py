"""Reading and removing members."""

from __future__ import annotations

from portal.access import grant
from portal.actor import Actor
from portal.clients.orgs_types import SYNTHETIC, Member
from portal.errors import NotFound

SEARCHED = 100


def members(actor: Actor, search: str, first: int, maximum: int) -> list[Member]:
    """One page of members. A comma in a search would mean "or" to the back end, and is taken for a space."""
    return actor.orgs.members(actor.here.id, search.replace(",", " "), first, maximum)


def count(actor: Actor) -> int:
    """How many people belong to the organization, without its synthetic administrator."""
    return actor.orgs.count_members(actor.here.id)


def find(actor: Actor, user_id: str) -> Member:
    """One member of the organization of the request, with the roles held there, read now. Raises `NotFound`.

    The search is by the address that Keycloak gives for this id: names are the members' own to choose, so only the
    row whose id is equal counts. Beyond a hundred such rows the slow calls decide.
    """
    asked = grant(actor, "members.view", actor.here.id, user_id)
    known = actor.services.admin.person(asked, user_id)
    if known.username == f"{SYNTHETIC}{actor.here.id}":
        raise NotFound("the synthetic administrator")
    found = actor.orgs.members(actor.here.id, known.email or known.username, 0, SEARCHED)
    for member in found:
        if member.id == user_id:
            return member
    if len(found) < SEARCHED or not actor.orgs.is_member(actor.here.id, user_id):
        raise NotFound("no such member")
    return known.with_roles(actor.orgs.roles_of(actor.here.id, user_id))
