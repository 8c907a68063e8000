"""Whom somebody may act on: rank, and the administrator who must stay."""

from __future__ import annotations

from portal.access import grant
from portal.actor import Actor
from portal.clients.orgs_types import Member
from portal.errors import Denied
from portal.organizations.administrators import check_last
from portal.rank import is_administrator, is_operator, outranks


def may_touch(actor: Actor, member: Member) -> bool:
    """Whether rank lets the actor act on this member. Oneself is decided by each deed."""
    return member.id == actor.sub or outranks(actor.roles, member.roles, is_operator(actor.facts))


def check_rank(actor: Actor, member: Member) -> None:
    """Raise `Denied` for somebody the actor does not outrank."""
    if not may_touch(actor, member):
        raise Denied("target: not outranked")


def check_stays(actor: Actor, right: str, member: Member, left: frozenset[str] = frozenset()) -> None:
    """Raise `Conflict` if with only the roles `left` to this member nobody would administer the organization."""
    if is_administrator(member.roles) and not is_administrator(left):
        check_last(actor, grant(actor, right, actor.here.id, member.id), member.id)
