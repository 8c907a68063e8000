"""Members and roles as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.actor import Actor
from portal.api.filling import TEXTS, data, objects, of_form, valid
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.paging import Page, page
from portal.clients.orgs_types import Member, Role
from portal.members import actions
from portal.organizations.words import role_text
from portal.roles import actions as roles
from portal.roles.forms import DescriptionForm, RoleForm

GRANTED, REVOKED, REFUSED, KEPT = "granted", "revoked", "refused", "kept"


@dataclass(frozen=True)
class MemberDocument:
    """A member with the roles held in this organization. `providers` is told of one member, not in lists."""

    id: str
    username: str
    email: str
    email_verified: bool
    first_name: str
    last_name: str
    enabled: bool
    roles: list[str]
    providers: list[str]
    created: datetime | None
    joined: datetime | None


@dataclass(frozen=True)
class Removal:
    """That somebody was removed. `record` names it for taking it back."""

    id: str
    name: str
    record: str


@dataclass(frozen=True)
class RoleDocument:
    """A role. `standard` ones every organization has."""

    name: str
    description: str
    standard: bool


@dataclass(frozen=True)
class RoleOutcome:
    """What became of one role: granted, revoked, refused by Keycloak, or kept as it was."""

    role: str
    status: int
    outcome: str


@dataclass(frozen=True)
class RoleChange:
    """What became of each role that was asked for. `record` names the change for taking it back."""

    results: list[RoleOutcome]
    record: str


def listed(actor: Actor, body: Body) -> Page[MemberDocument]:
    """A page of members."""

    def fetch(first: int, maximum: int) -> Sequence[Member]:
        return actions.members(actor, str(body.get("q", "")), first, maximum)

    found = page(body, f"members {actor.here.id}", fetch, lambda each: each.id)
    return Page([_document(each) for each in found.items], found.next)


def _document(each: Member, joined: datetime | None = None) -> MemberDocument:
    return MemberDocument(
        each.id, each.username, each.email, each.email_verified, each.first_name, each.last_name, each.enabled,
        sorted(each.roles), list(each.providers), each.created, joined,
    )  # fmt: skip


def read(actor: Actor, _body: Body, member: str) -> MemberDocument:
    """One member."""
    found = actions.find(actor, member)
    return _document(found, actions.origin(actor, found).joined)


def remove(actor: Actor, _body: Body, member: str) -> Removal:
    """End a membership; the account stays."""
    removed = actions.remove(actor, member)
    return Removal(member, removed.name, removed.record)


def restore(actor: Actor, _body: Body, record: str) -> None:
    """Take one's own removal back, once."""
    actions.restore(actor, record)


def known(actor: Actor, _body: Body) -> list[RoleDocument]:
    """All roles of the organization."""
    return [_role(each) for each in roles.roles(actor)]


def _role(each: Role) -> RoleDocument:
    return RoleDocument(each.name, each.description or role_text(each.name), each.name in roles.STANDARD)


def create(actor: Actor, body: Body) -> RoleDocument:
    """Make a role of the organization's own."""
    form = valid(RoleForm(formdata=data(body)))
    made = Role(str(form.name.data), str(form.description.data or ""))
    roles.create(actor, made.name, made.description)
    return _role(made)


def describe(actor: Actor, body: Body, role: str) -> RoleDocument:
    """Change what it says of itself."""
    roles.find_role(actor, role)
    form = valid(DescriptionForm(formdata=data(body)))
    roles.describe(actor, role, str(form.description.data or ""))
    return _role(roles.find_role(actor, role))


def delete(actor: Actor, _body: Body, role: str) -> None:
    """Delete it; whoever held it holds it no more."""
    roles.delete(actor, role)


def change(actor: Actor, body: Body, member: str) -> RoleChange:
    """Give and take roles; the answer says of each what became of it."""
    give, take = frozenset(body.get("grant", ())), frozenset(body.get("revoke", ()))
    present = actions.find(actor, member).roles
    changed = roles.change(actor, member, (present | give) - take, present)
    return RoleChange([_outcome(changed, each) for each in sorted(give | take)], changed.record)


def _outcome(changed: roles.Changed, role: str) -> RoleOutcome:
    for outcome, found in ((GRANTED, changed.granted), (REVOKED, changed.revoked), (REFUSED, changed.refused)):
        if role in found:
            return RoleOutcome(role, 409 if outcome == REFUSED else 200, outcome)
    return RoleOutcome(role, 200, KEPT)


def undo(actor: Actor, _body: Body, record: str) -> RoleChange:
    """Take one's own change of roles back, once, while it still stands."""
    changed = roles.undo(actor, record)
    every = changed.granted | changed.revoked | changed.refused
    return RoleChange([_outcome(changed, each) for each in sorted(every)], changed.record)


SEARCH = {"q": "Part of a name or an address"}
ONE = f"{HERE}/members/<member>"
WANTED = objects(grant=TEXTS, revoke=TEXTS)

OPERATIONS = (
    Operation(
        "GET", f"{HERE}/members", "members.view", "listMembers", "Who belongs to it, with roles", listed,
        MemberDocument, paged=True, query=SEARCH,
    ),
    Operation("GET", ONE, "members.view", "getMember", "One member", read, MemberDocument),
    Operation("DELETE", ONE, "members.remove", "removeMember", "End a membership", remove, Removal),
    Operation(
        "POST", f"{HERE}/removals/<record>/undo", "members.remove", "restoreMember", "Take back a removal", restore,
    ),
    Operation(
        "PATCH", f"{ONE}/roles", "roles.grant", "changeMemberRoles", "Give and take roles", change, RoleChange,
        body=WANTED, code=207,
    ),
    Operation(
        "POST", f"{HERE}/role-changes/<record>/undo", "roles.grant", "undoRoleChange", "Take back a change of roles",
        undo, RoleChange, code=207,
    ),
    Operation(
        "GET", f"{HERE}/roles", "roles.view", "listRoles", "Roles of the organization", known, RoleDocument, many=True,
    ),
    Operation(
        "POST", f"{HERE}/roles", "roles.manage", "createRole", "Make a role of its own", create, RoleDocument,
        body=of_form(RoleForm, "name"), code=201,
    ),
    Operation(
        "PATCH", f"{HERE}/roles/<role>", "roles.manage", "describeRole", "Change what a role says of itself", describe,
        RoleDocument, body=of_form(DescriptionForm, "description"),
    ),
    Operation("DELETE", f"{HERE}/roles/<role>", "roles.manage", "deleteRole", "Delete a role of its own", delete),
)  # fmt: skip
