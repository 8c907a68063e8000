"""Whom somebody may act on: rank, and the administrator who must stay (AUTHORIZATION rules of rank)."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.actor import Actor
from portal.clients.orgs_types import Member
from portal.errors import Conflict, Denied
from portal.rank import ADMINISTRATOR, is_administrator, is_operator, outranks

PAGE = 100


def may_touch(actor: Actor, member: Member) -> bool:
    """Whether rank lets the actor act on this member. Oneself is decided by each deed."""
    return member.id == actor.sub or outranks(actor.roles, member.roles, is_operator(actor.facts))


def check_rank(actor: Actor, member: Member) -> None:
    """Raise `Denied` for somebody the actor does not outrank."""
    if not may_touch(actor, member):
        raise Denied("target: outranked by nobody here")


def check_last_administrator(actor: Actor, member: Member, left: frozenset[str] = frozenset()) -> None:
    """Raise `Conflict` if without these roles of this member the organization had no administrator.

    Read under the organization's lock. An administrator is enabled and holds manage-organization and manage-roles.
    """
    if not is_administrator(member.roles) or is_administrator(left):
        return
    if not any(each.id != member.id for each in administrators(actor)):
        raise Conflict(_("This is the last administrator of the organization. Make somebody else one first."))


def administrators(actor: Actor) -> list[Member]:
    """The enabled people who administer the organization of the request."""
    holders = [actor.orgs.holders(actor.here.id, role) for role in sorted(ADMINISTRATOR)]
    both = set.intersection(*({member.id for member in each} for each in holders))
    return [member for member in holders[0] if member.id in both and member.enabled]
