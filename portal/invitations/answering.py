"""Answering an invitation: who may, what he gets, and what is told to whom it is not meant for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from portal.access import Grant, Roles, grant
from portal.access_grant import own_standing
from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.errors import NotFound, PortalError
from portal.invitations import rows
from portal.invitations.actions import held
from portal.invitations.issuer import still_given
from portal.services import Services
from portal.store.models_organizations import Invitation

ACCOUNT, UNVERIFIED, MEMBER, GONE = "account", "unverified", "member", "gone"


class Unanswerable(PortalError):
    """An invitation that cannot be answered, or not by this person.

    `kind` is account, unverified, member, gone, or the state in which it ended.
    """

    def __init__(self, kind: str, row: Invitation | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.row = row


@dataclass(frozen=True)
class Offer:
    """What accepting brings: `roles`, and `lost` those that the inviter may give no more. `member` is so already."""

    row: Invitation
    roles: Roles
    lost: Roles
    member: bool


def opened(services: Services, realm: str, token: str) -> Invitation:
    """The invitation of a mailed link (`token` is hashed), if it can still be answered. Raises `Unanswerable`."""
    return _alive(rows.by_token(services.store, realm, token) if token else None)


def _alive(row: Invitation | None) -> Invitation:
    if row is None or not row.keycloak_id:
        raise Unanswerable(GONE)
    if rows.state_of(row) != rows.PENDING:
        raise Unanswerable(rows.state_of(row), row)
    return row


def received(actor: Actor) -> list[Invitation]:
    """Invitations to the actor's address; nothing while that address is not verified."""
    email, verified = _mailbox(actor)
    return rows.answerable(actor.services.store, actor.realm.name, email) if verified else []


def notices(actor: Actor) -> list[Invitation]:
    """The same, without a call for the many who have none."""
    found = rows.answerable(actor.services.store, actor.realm.name, actor.email)
    return received(actor) if found else []


def verified(actor: Actor) -> bool:
    """Whether the actor's address is verified, read now."""
    return _mailbox(actor)[1]


def _mailbox(actor: Actor) -> tuple[str, bool]:
    person = actor.services.admin.person(own_standing(actor.realm.name, actor.sub), actor.sub)
    return person.email.casefold(), person.email_verified


def named(actor: Actor, invitation_id: str, token: str) -> Invitation:
    """The invitation that a link of the mail or an entry of one's own list stands for.

    Raises `Unanswerable` for whoever has the link but not the address, `NotFound` for whoever has neither.
    """
    email, is_verified = _mailbox(actor)
    store, realm = actor.services.store, actor.realm.name
    row = rows.by_id(store, realm, invitation_id) if invitation_id else rows.by_token(store, realm, token)
    linked = bool(token) and row is not None and row.token == token
    if invitation_id and not linked and (row is None or row.email.casefold() != email or not is_verified):
        raise NotFound("no such invitation of this person")
    row = _alive(row)
    if row.email.casefold() != email:
        raise Unanswerable(ACCOUNT, row)
    if not is_verified:
        raise Unanswerable(UNVERIFIED, row)
    return row


def offer(actor: Actor, invitation_id: str, token: str) -> Offer:
    """What the invitation offers now. Raises `Unanswerable`, `NotFound`."""
    row = named(actor, invitation_id, token)
    given = still_given(actor.services, row)
    ask = grant(actor, "invitations.answer", row.organization, actor.sub)
    orgs = actor.services.orgs
    member = orgs.is_member(ask, row.organization, actor.sub)
    if member and given <= orgs.roles_of(ask, row.organization, actor.sub):
        raise Unanswerable(MEMBER, row)
    if not member and orgs.invitation_of(ask, row.organization, row.email) is None:
        # Deleted where this portal is not asked. A sign-in that used it up would have made a member.
        raise Unanswerable(rows.REVOKED, row)
    return Offer(row, given, frozenset(row.roles) - given, member)


def accept(actor: Actor, invitation_id: str, token: str) -> Offer:
    """Become a member with the roles that may still be given. Raises `Unanswerable`, `NotFound`, `Conflict`."""
    with held(actor, named(actor, invitation_id, token).id):
        found = offer(actor, invitation_id, token)
        row = found.row
        with audited(_at(actor, row), "invitations.answer", target=row.email, before=_before(row)) as record:
            given = _join(actor, found)
            record.after = {"answer": "accept", "roles": sorted(given), "lost": sorted(set(row.roles) - given)}
            rows.end(actor.services.store, row, rows.ACCEPTED)
    return dataclasses.replace(found, roles=given, lost=frozenset(row.roles) - given)


def _join(actor: Actor, found: Offer) -> Roles:
    """Write at the back end, decided anew before each call; returns the roles that were given."""
    row, orgs = found.row, actor.services.orgs
    here = row.organization
    if not found.member:
        orgs.add_member(_ask(actor, row), here, actor.sub)
    results = orgs.grant_roles(_ask(actor, row), here, actor.sub, found.roles)
    orgs.revoke_invitation(_ask(actor, row), here, row.keycloak_id)
    return frozenset(result.role for result in results if result.done)


def _ask(actor: Actor, row: Invitation) -> Grant:
    return grant(actor, "invitations.answer", row.organization, actor.sub)


def decline(actor: Actor, invitation_id: str, token: str) -> Invitation:
    """Say no: the invitation is over. Raises `Unanswerable`, `NotFound`, `Conflict`."""
    with held(actor, named(actor, invitation_id, token).id):
        row = named(actor, invitation_id, token)
        with audited(_at(actor, row), "invitations.answer", target=row.email, before=_before(row)) as record:
            rows.end(actor.services.store, row, rows.DECLINED)
            actor.services.orgs.revoke_invitation(_ask(actor, row), row.organization, row.keycloak_id)
            record.after = {"answer": "decline"}
    return row


def _before(row: Invitation) -> dict[str, object]:
    return {"roles": sorted(row.roles), "inviter": row.inviter}


def _at(actor: Actor, row: Invitation) -> Actor:
    """The actor at the organization that invites, for the record to stand there too."""
    return dataclasses.replace(actor, organization=Organization(row.organization, row.organization_name))
