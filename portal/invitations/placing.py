"""Putting an invitation in its place: in the back end without roles, here with them, and its mail into the outbox."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from portal.access import Grant
from portal.actor import Actor
from portal.clients.orgs_types import Invited
from portal.errors import Conflict
from portal.invitations import rows
from portal.invitations.letters import letter
from portal.mail import outbox
from portal.mail.letter import mailbox
from portal.return_addresses import return_origins
from portal.services import Services
from portal.store import now
from portal.store.models_organizations import Invitation, Mail

INVITED, MEMBER = "invited", "member"


class Already(Conflict):
    """Nothing to do: `kind` is invited or member; `invitation` is the id of the one that stands, if it is ours."""

    def __init__(self, kind: str, invitation: str = "") -> None:
        super().__init__()
        self.kind = kind
        self.invitation = invitation


@dataclass(frozen=True)
class Wanted:
    """An invitation to be made. `days` is how long it lasts; `client` the origin of an application, or nothing."""

    email: str
    first_name: str = ""
    last_name: str = ""
    roles: tuple[str, ...] = ()
    locale: str = "en"
    days: int = 7
    message: str = ""
    client: str = ""


@dataclass(frozen=True)
class Ways:
    """How the back end is reached: with the person's own token, or in his place by a service client."""

    invite: Callable[[str], str]
    find: Callable[[str], Invited | None]
    revoke: Callable[[str], None]


def own_ways(actor: Actor) -> Ways:
    """With the actor's own token."""
    here = actor.here.id

    def find(email: str) -> Invited | None:
        return next((each for each in actor.orgs.invitations(here, email) if each.email == email), None)

    return Ways(
        invite=lambda email: actor.orgs.invite(here, email, actor.sub), find=find,
        revoke=lambda invitation_id: actor.orgs.revoke_invitation(here, invitation_id),
    )  # fmt: skip


def service_ways(actor: Actor, grant: Callable[[], Grant]) -> Ways:
    """By service clients, decided anew by `grant` before each call."""
    here, orgs = actor.here.id, actor.services.orgs
    return Ways(
        invite=lambda email: orgs.invite(grant(), here, email, actor.sub),
        find=lambda email: orgs.invitation_of(grant(), here, email),
        revoke=lambda invitation_id: orgs.revoke_invitation(grant(), here, invitation_id),
    )


def place(actor: Actor, ways: Ways, wanted: Wanted, row_id: str = "", *, again: bool = False) -> tuple[str, str]:
    """Invite; returns the ids of the invitation and of its mail.

    An address that belongs to a member is told as `Already` to those who may see members. For others it becomes an
    invitation like any other, with nothing behind it and without a mail. `again` says that an earlier attempt may
    have reached the back end. Raises `Already`, `Invalid` for an address that cannot be one.
    """
    mailbox(wanted.email)
    _make_room(actor, ways, wanted.email)
    keycloak_id = _invited(actor, ways, wanted.email, again=again)
    if not keycloak_id and actor.may("members.view"):
        raise Already(MEMBER)
    row, token = _row(actor, wanted, keycloak_id, row_id)
    mail = mail_of(actor.services, row, token, actor.here.look) if keycloak_id else None
    with actor.services.store.write() as session:
        session.add(row)
        return row.id, outbox.queue(session, mail) if mail else ""


def _make_room(actor: Actor, ways: Ways, email: str) -> None:
    """An invitation that has expired makes room for a new one."""
    store = actor.services.store
    old = rows.waiting(store, actor.realm.name, actor.here.id, [email]).get(email)
    if old is None:
        return
    if rows.state_of(old) == rows.PENDING:
        raise Already(INVITED, old.id)
    if old.keycloak_id:
        ways.revoke(old.keycloak_id)
    rows.end(store, old, rows.EXPIRED)


def _invited(actor: Actor, ways: Ways, email: str, *, again: bool) -> str:
    """The back end's id of the new invitation; empty where it says no because of a membership."""
    try:
        return ways.invite(email)
    except Conflict:
        found = ways.find(email)
    if found is None:
        return ""
    ours = rows.known(actor.services.store, actor.realm.name, actor.here.id, [found.id])
    if again and found.inviter == actor.sub and not ours:
        return found.id
    raise Already(INVITED)


def _row(actor: Actor, wanted: Wanted, keycloak_id: str, row_id: str) -> tuple[Invitation, str]:
    token, present = new_token(), now()
    row = Invitation(
        id=row_id or secrets.token_hex(16), realm=actor.realm.name, organization=actor.here.id,
        organization_name=actor.here.label, keycloak_id=keycloak_id, email=wanted.email,
        first_name=wanted.first_name, last_name=wanted.last_name, roles=list(wanted.roles), locale=wanted.locale,
        message=wanted.message, client=wanted.client, inviter=actor.sub, inviter_name=actor.label, created=present,
        expires=present + timedelta(days=wanted.days), last_sent=present, sent_count=1, state=rows.PENDING,
        token=hashed(token),
    )  # fmt: skip
    return row, token


def mail_of(services: Services, row: Invitation, token: str, look: Mapping[str, str]) -> Mail:
    """The mail of an invitation, not stored yet, in the look of the organization."""
    name = applications(services, row.realm).get(row.client, "")
    about = replace(letter(services, row, token, name), wearer=row.organization_name, look=look)
    # Named after its token, so that whoever comes twice with the same one leaves one mail.
    return outbox.prepare(
        services, row.realm, row.email, about, organization=row.organization, about=row.id, once=f"invite {row.token}"
    )


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def applications(services: Services, realm: str) -> dict[str, str]:
    """Names of the applications an invitation may lead to, by origin."""
    return return_origins(services.realm_facts(realm).attributes)
