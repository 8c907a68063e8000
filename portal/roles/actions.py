"""Giving and taking roles, and an organization's own roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import MANAGE_ROLES, VIEW_ROLES
from portal.actor import Actor
from portal.audit import audited, own, take_back
from portal.clients.orgs_types import Member, Role
from portal.errors import Conflict, Denied, Invalid, NotFound
from portal.members.actions import find
from portal.members.rules import check_rank, check_stays
from portal.organizations.lock import locked
from portal.rank import grantable, is_operator
from portal.sso.policy import check_managed

STANDARD = VIEW_ROLES | MANAGE_ROLES
# Roles of its own: everybody's are read with each request.
MOST = 100


@dataclass(frozen=True)
class Changed:
    """What a change of roles did, as Keycloak answered and was read back. `record` is the audit row."""

    name: str
    granted: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    record: str = ""


def roles(actor: Actor) -> list[Role]:
    """All roles of the organization: the eleven of each organization, then its own."""
    found = actor.orgs.roles(actor.here.id)
    return sorted(found, key=lambda role: (role.name not in VIEW_ROLES, role.name not in STANDARD, role.name))


def within_reach(actor: Actor, names: Iterable[str]) -> frozenset[str]:
    """Those of `names` the actor may give to others or take from them."""
    return grantable(actor.roles, is_operator(actor.facts), names)


def change(actor: Actor, user_id: str, wanted: Iterable[str], shown: Iterable[str]) -> Changed:
    """Make the roles of a member what was ticked, as far as `shown` says what the form knew.

    Raises `Denied` by rank or ceiling, `Conflict` for the last administrator or when the roles changed since, and
    `Invalid` for a role the organization does not have.
    """
    check_managed(actor)
    with locked(actor, actor.here.id):
        member, target, before = find(actor, user_id), frozenset(wanted), frozenset(shown)
        check_rank(actor, member)
        _check_known(actor, target)
        if before != member.roles:
            raise Conflict(_("The roles were changed by somebody else meanwhile. Look at them and decide again."))
        return _apply(actor, member, target - member.roles, member.roles - target)


def _check_known(actor: Actor, names: frozenset[str]) -> None:
    if unknown := sorted(names - {role.name for role in roles(actor)}):
        raise Invalid({"roles": _("This organization has no role %(names)s.", names=", ".join(unknown))})


def _apply(actor: Actor, member: Member, give: frozenset[str], take: frozenset[str], undoes: str = "") -> Changed:
    if not give and not take:
        return Changed(member.label)
    beyond = (give | take) - within_reach(actor, give | take)
    own_loss = take if member.id == actor.sub else frozenset()
    if beyond - own_loss:
        raise Denied("target: beyond the ceiling")
    check_stays(actor, "roles.grant", member, (member.roles | give) - take)
    notes = {"name": member.label, "granted": sorted(give), "revoked": sorted(take), "undoes": undoes}
    with audited(actor, "roles.grant", target=member.id, after=notes) as record:
        answers = actor.orgs.grant_roles(actor.here.id, member.id, give)
        # Taken last: somebody who gives up his own rights must not lose them before the rest is done.
        answers += actor.orgs.revoke_roles(actor.here.id, member.id, take)
        refused = frozenset(each.role for each in answers if not each.done)
        record.after["refused"] = sorted(refused)
    return Changed(member.label, give - refused, take - refused, refused, record.id)


def undo(actor: Actor, record_id: str) -> Changed:
    """Take one's own change of roles back once, while it still stands, within one's present ceiling."""
    row = own(actor, record_id, "roles.grant")
    if row.organization != actor.here.id or row.after.get("undoes"):
        raise NotFound("nothing that can be undone")
    refused = frozenset(row.after["refused"])
    granted, revoked = frozenset(row.after["granted"]) - refused, frozenset(row.after["revoked"]) - refused
    with locked(actor, actor.here.id):
        member = find(actor, row.target)
        check_rank(actor, member)
        if not granted <= member.roles or revoked & member.roles:
            raise Conflict(_("The roles were changed again since. Look at them and change what you want by hand."))
        back = within_reach(actor, revoked)
        take_back(actor, row)
        return _apply(actor, member, back, granted, undoes=row.id)


def create(actor: Actor, name: str, description: str) -> None:
    """Make a role of the organization's own. Raises `Invalid` for a name that is taken, or too many."""
    if sum(role.name not in STANDARD for role in actor.orgs.roles(actor.here.id)) >= MOST:
        raise Invalid({"name": _("An organization can have %(most)d roles of its own here.", most=MOST)})
    with audited(
        actor, "roles.manage", target=name, after={"deed": "create", "role": name, "description": description}
    ):
        try:
            actor.orgs.create_role(actor.here.id, name, description)
        except Conflict as error:
            raise Invalid({"name": _("There is a role of this name already.")}) from error


def find_role(actor: Actor, name: str) -> Role:
    """One of the organization's own roles. Raises `NotFound`, also for the eleven of every organization."""
    for role in actor.orgs.roles(actor.here.id):
        if role.name == name and name not in STANDARD:
            return role
    raise NotFound("no such role of its own")


def describe(actor: Actor, name: str, description: str) -> None:
    """Change what a role of the organization's own says of itself."""
    role = find_role(actor, name)
    before = {"role": role.name, "description": role.description}
    after = {"deed": "describe", "role": name, "description": description}
    with audited(actor, "roles.manage", target=name, before=before, after=after):
        actor.orgs.describe_role(actor.here.id, name, description)


def delete(actor: Actor, name: str) -> None:
    """Delete a role of the organization's own; whoever held it holds it no more."""
    role = find_role(actor, name)
    before = {"role": role.name, "description": role.description}
    with audited(actor, "roles.manage", target=name, before=before, after={"deed": "delete", "role": name}):
        actor.orgs.delete_role(actor.here.id, name)
