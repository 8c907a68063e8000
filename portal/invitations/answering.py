"""Answering an invitation: who may, what he gets, and what is told to whom it is not meant for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from portal.access import Grant, Roles, grant
from portal.access_grant import own_standing
from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.errors import Conflict, Denied, Invalid, NotFound, PortalError, Upstream
from portal.invitations import rows
from portal.invitations.actions import held
from portal.invitations.issuer import still_given
from portal.profile.actions import load, save
from portal.profile.forms import PREFIX
from portal.services import Services
from portal.store.models_organizations import Invitation

log = structlog.get_logger("portal.invitations")
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
    return alive(by_link(services, realm, token))


def by_link(services: Services, realm: str, token: str) -> Invitation:
    """The invitation of a mailed link, whatever became of it. Raises `Unanswerable`."""
    row = rows.by_token(services.store, realm, token) if token else None
    if row is None:
        raise Unanswerable(GONE)
    return row


def alive(row: Invitation | None) -> Invitation:
    """The row, if it can still be answered. Raises `Unanswerable`."""
    if row is None or not row.keycloak_id:
        raise Unanswerable(GONE)
    if rows.state_of(row) != rows.PENDING:
        raise Unanswerable(rows.state_of(row), row)
    return row


def received(actor: Actor) -> tuple[list[Invitation], bool]:
    """Invitations to the actor's address, and whether that is verified: while it is not, there are none."""
    email, is_verified = _mailbox(actor)
    return rows.answerable(actor.services.store, actor.realm.name, email) if is_verified else [], is_verified


def notices(actor: Actor) -> list[Invitation]:
    """The same, without a call for the many who have none."""
    found = rows.answerable(actor.services.store, actor.realm.name, actor.email)
    return received(actor)[0] if found else []


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
    row = alive(row)
    if row.email.casefold() != email:
        raise Unanswerable(ACCOUNT, row)
    if not is_verified:
        raise Unanswerable(UNVERIFIED, row)
    return row


def offer(actor: Actor, invitation_id: str, token: str) -> Offer:
    """What the invitation offers now. Raises `Unanswerable`, `NotFound`."""
    return offered(actor, named(actor, invitation_id, token))


def offered(actor: Actor, row: Invitation) -> Offer:
    """What this invitation offers the actor. Raises `Unanswerable`."""
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
        with audited(_at(actor, row), "invitations.answer", target=row.email, before=before(row)) as record:
            given = join(actor, found, lambda: _ask(actor, row))
            record.after = {"answer": "accept", **told(row, given)}
            rows.end(actor.services.store, row, rows.ACCEPTED)
    carry_names(actor, row)
    return dataclasses.replace(found, roles=given, lost=frozenset(row.roles) - given)


def join(actor: Actor, found: Offer, ask: Callable[[], Grant]) -> Roles:
    """Write at the back end, decided anew by `ask` before each call; returns the roles that were given."""
    row, orgs = found.row, actor.services.orgs
    here = row.organization
    if not found.member:
        orgs.add_member(ask(), here, actor.sub)
    results = orgs.grant_roles(ask(), here, actor.sub, found.roles)
    orgs.revoke_invitation(ask(), here, row.keycloak_id)
    return frozenset(result.role for result in results if result.done)


def carry_names(actor: Actor, row: Invitation) -> None:
    """Write the invited names into the actor's own profile where it has none: a person's own names are his.

    Who accepted belongs to the organization, whether his profile takes the names or not.
    """
    try:
        profile = load(actor)
        invited = {"firstName": row.first_name, "lastName": row.last_name}
        save(actor, profile, {f"{PREFIX}{key}": name for key, name in invited.items() if not profile.values(key)})
    except (Denied, Invalid, Conflict, Upstream) as error:
        log.info("names not written", realm=row.realm, invitation=row.id, error=type(error).__name__)


def _ask(actor: Actor, row: Invitation) -> Grant:
    return grant(actor, "invitations.answer", row.organization, actor.sub)


def decline(actor: Actor, invitation_id: str, token: str) -> Invitation:
    """Say no: the invitation is over. Raises `Unanswerable`, `NotFound`, `Conflict`."""
    with held(actor, named(actor, invitation_id, token).id):
        row = named(actor, invitation_id, token)
        refuse(_at(actor, row), row, lambda: _ask(actor, row))
    return row


def refuse(actor: Actor, row: Invitation, ask: Callable[[], Grant]) -> None:
    """End the invitation because the invited does not want it, under the caller's lease."""
    with audited(actor, "invitations.answer", target=row.email, before=before(row)) as record:
        rows.end(actor.services.store, row, rows.DECLINED)
        actor.services.orgs.revoke_invitation(ask(), row.organization, row.keycloak_id)
        record.after = {"answer": "decline"}


def before(row: Invitation) -> dict[str, object]:
    """What a record says of an invitation before its answer."""
    return {"roles": sorted(row.roles), "inviter": row.inviter}


def told(row: Invitation, given: Roles) -> dict[str, object]:
    """What a record says of the roles of an accepted invitation."""
    return {"roles": sorted(given), "lost": sorted(set(row.roles) - given)}


def _at(actor: Actor, row: Invitation) -> Actor:
    """The actor at the organization that invites, for the record to stand there too."""
    return dataclasses.replace(actor, organization=Organization(row.organization, row.organization_name))
