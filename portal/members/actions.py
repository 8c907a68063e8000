"""Reading and removing members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.audit import audited, last_record, own, take_back
from portal.clients.orgs_types import SYNTHETIC, Member
from portal.errors import Conflict, Denied, NotFound, Upstream
from portal.members.rules import check_rank, check_stays
from portal.organizations.lock import locked
from portal.rank import grantable, is_operator

SEARCHED = 100


@dataclass(frozen=True)
class Origin:
    """How somebody came here. `joined` is naive UTC, None where it is not recorded; providers by alias."""

    joined: datetime | None
    providers: tuple[str, ...]


@dataclass(frozen=True)
class Removed:
    """Who was removed, and the audit row that could be undone."""

    name: str
    record: str


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
            return known.with_roles(member.roles)
    if len(found) < SEARCHED or not actor.orgs.is_member(actor.here.id, user_id):
        raise NotFound("no such member")
    return known.with_roles(actor.orgs.roles_of(actor.here.id, user_id))


def origin(actor: Actor, member: Member) -> Origin:
    """How somebody joined, as far as the portal recorded it, and through which providers he signs in."""
    row = last_record(actor, member.id, "invitations.answer")
    accepted = row is not None and row.after.get("answer") == "accept"
    return Origin(row.at if row and accepted else None, member.providers)


def removable(actor: Actor, user_id: str) -> Member:
    """A member whom the actor may remove. One's own membership ends by leaving. Raises `NotFound`, `Denied`."""
    member = find(actor, user_id)
    if member.id == actor.sub:
        raise Denied("target: oneself leaves")
    check_rank(actor, member)
    return member


def remove(actor: Actor, user_id: str) -> Removed:
    """End a membership; the account stays. Raises `NotFound`, `Denied` by rank, `Conflict` for the last administrator.

    DELETE of the membership also ends roles and invitations of the person there.
    """
    with locked(actor, actor.here.id):
        member = removable(actor, user_id)
        check_stays(actor, "members.remove", member)
        before = {"name": member.label, "roles": sorted(member.roles)}
        with audited(actor, "members.remove", target=user_id, before=before) as record:
            actor.orgs.remove_member(actor.here.id, user_id)
            if actor.orgs.is_member(actor.here.id, user_id):
                raise Upstream("the membership is still there", unknown=True)
        return Removed(member.label, record.id)


def restore(actor: Actor, record_id: str) -> str:
    """Undo one's own removal once: membership, and the roles within one's present ceiling. Returns the name."""
    row = own(actor, record_id, "members.remove")
    if row.organization != actor.here.id:
        raise NotFound("another organization's record")
    with locked(actor, actor.here.id):
        if actor.orgs.is_member(actor.here.id, row.target):
            raise Conflict(_("The person belongs to the organization again already."))
        known = actor.services.admin.person(grant(actor, "members.remove", actor.here.id, row.target), row.target)
        # Whoever may only remove people may give no role, not even one that was held before.
        given = row.before["roles"] if actor.may("roles.grant") else []
        wanted = grantable(actor.roles, is_operator(actor.facts), given)
        take_back(actor, row)
        with audited(actor, "members.restore", target=row.target, after={"roles": sorted(wanted)}):
            actor.orgs.add_member(actor.here.id, row.target)
            give(actor, row.target, wanted)
    return known.label


def give(actor: Actor, user_id: str, roles: Iterable[str]) -> None:
    """Grant roles and raise `Upstream` unless each of them was granted."""
    refused = [each for each in actor.orgs.grant_roles(actor.here.id, user_id, roles) if not each.done]
    if refused:
        raise Upstream(f"{len(refused)} roles were not granted", unknown=True)
