"""Inviting one person, seeing what was sent, sending again and taking back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Invited, Role
from portal.errors import Conflict, Denied, NotFound
from portal.invitations import rows
from portal.invitations.placing import Wanted, applications, hashed, mail_of, new_token, own_ways, place
from portal.mail import outbox
from portal.moments import aware
from portal.rank import grantable, is_operator
from portal.sso.policy import check_managed
from portal.store import now
from portal.store.counters import hit
from portal.store.leases import lease
from portal.store.models_organizations import Invitation

# Beside the states of rows: made by others, and used up by Keycloak at a sign-in through an identity provider.
ELSEWHERE, USED = "elsewhere", "used"
HOUR = 3600
MAILS_TO_ONE, MAILS_OF_ONE = 3, 100
# How many of the back end's invitations are looked through: for a list of everything, and when asked for them alone.
LOOK, LOOK_ALL = 200, 5000


@dataclass(frozen=True)
class Listed:
    """An invitation in a list. Times are aware UTC; `mail` and `reason` say how its newest mail stands."""

    id: str
    email: str
    state: str
    first_name: str = ""
    last_name: str = ""
    roles: tuple[str, ...] = ()
    client: str = ""
    inviter: str = ""
    message: str = ""
    locale: str = ""
    created: datetime | None = None
    expires: datetime | None = None
    ended: datetime | None = None
    last_sent: datetime | None = None
    sent_count: int = 0
    mail: str = ""
    reason: str = ""

    @property
    def name(self) -> str:
        """The name, as far as it is known."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def open(self) -> bool:
        """Whether it can be taken back."""
        return self.state in {rows.PENDING, rows.EXPIRED, ELSEWHERE, USED}

    @property
    def resendable(self) -> bool:
        """Whether it can be sent again."""
        return self.state in {rows.PENDING, USED}


def listed(actor: Actor, search: str, state: str, first: int, maximum: int) -> tuple[list[Listed], int]:
    """One page of invitations and how many there are: those made elsewhere first, then ours, newest first."""
    store, realm, here = actor.services.store, actor.realm.name, actor.here.id
    found = _at_back_end(actor, search, everything=state == ELSEWHERE) if state in {"", rows.PENDING, ELSEWHERE} else []
    outside = _foreign(actor, found) if state != rows.PENDING else []
    shown = outside[first : first + maximum]
    if state == ELSEWHERE:
        return shown, len(outside)
    left, skipped = maximum - len(shown), max(0, first - len(outside))
    ours = rows.some(store, realm, here, search, state, first=skipped, maximum=left) if left else []
    whole = state in {"", rows.PENDING} and len(found) < LOOK
    described_rows = described(actor, ours, {each.id for each in found} if whole else None)
    return [*shown, *described_rows], len(outside) + rows.total(store, realm, here, search, state)


def _at_back_end(actor: Actor, search: str, *, everything: bool) -> list[Invited]:
    found: list[Invited] = []
    while len(found) < (LOOK_ALL if everything else LOOK):
        some = actor.orgs.invitations(actor.here.id, search, len(found), LOOK)
        found += some
        if len(some) < LOOK:
            break
    return found


def _foreign(actor: Actor, found: Sequence[Invited]) -> list[Listed]:
    """Those that this portal did not make."""
    ours = rows.known(actor.services.store, actor.realm.name, actor.here.id, [each.id for each in found])
    return [
        Listed(each.id, each.email, ELSEWHERE, roles=each.roles, created=each.created)
        for each in found
        if each.id not in ours
    ]


def described(actor: Actor, found: Sequence[Invitation], present: set[str] | None = None) -> list[Listed]:
    """Rows with how their mails stand and the names of their applications.

    `present` are the back end's ids where all of them are known: a pending one that is not among them was used up.
    """
    mails = outbox.latest(actor.services, actor.realm.name, [row.id for row in found])
    names = applications(actor.services, actor.realm.name) if any(row.client for row in found) else {}
    return [
        replace(_listed(row, mails.get(row.id), names.get(row.client, row.client)), state=_state(row, present))
        for row in found
    ]


def _state(row: Invitation, present: set[str] | None) -> str:
    state = rows.state_of(row)
    gone = present is not None and row.keycloak_id and row.keycloak_id not in present
    return USED if gone and state == rows.PENDING else state


def _listed(row: Invitation, mail: outbox.Outcome | None, client: str) -> Listed:
    sent = mail.finished if mail and mail.state == outbox.SENT else None if mail else row.last_sent
    return Listed(
        id=row.id, email=row.email, state=row.state, first_name=row.first_name, last_name=row.last_name,
        roles=tuple(row.roles), client=client, inviter=row.inviter_name, message=row.message, locale=row.locale,
        created=aware(row.created), expires=aware(row.expires), ended=aware(row.ended), last_sent=aware(sent),
        sent_count=row.sent_count, mail=mail.state if mail else "", reason=mail.reason if mail else "",
    )  # fmt: skip


def find(actor: Actor, invitation_id: str) -> Listed:
    """One invitation of the organization of the request, ours or made elsewhere. Raises `NotFound`."""
    try:
        row = rows.find(actor.services.store, actor.realm.name, actor.here.id, invitation_id)
    except NotFound:
        outside = _foreign(actor, _at_back_end(actor, "", everything=True))
        found = next((each for each in outside if each.id == invitation_id), None)
        if found is None:
            raise
        return found
    return described(actor, [row], {each.id for each in actor.orgs.invitations(actor.here.id, row.email)})[0]


def roles(actor: Actor) -> list[Role]:
    """All roles of the organization."""
    return actor.orgs.roles(actor.here.id)


def given(actor: Actor, known: Iterable[Role]) -> frozenset[str]:
    """Names of those that the actor may give."""
    return grantable(actor.roles, is_operator(actor.facts), [role.name for role in known])


def invite(actor: Actor, wanted: Wanted) -> str:
    """Invite one person; returns the id.

    Raises `Denied` for a role beyond the ceiling, `Already`, `TooMany`, and `Conflict` where people come from the
    identity provider alone.
    """
    check_managed(actor)
    if set(wanted.roles) - grantable(actor.roles, is_operator(actor.facts), wanted.roles):
        raise Denied("ceiling")
    count_mail(actor, wanted.email)
    after = {"roles": sorted(wanted.roles), "locale": wanted.locale, "days": wanted.days, "client": wanted.client}
    with audited(actor, "invitations.create", target=wanted.email, after=after):
        return place(actor, own_ways(actor), wanted)[0]


def count_mail(actor: Actor, email: str) -> None:
    """One more mail to this address and from this organization. Raises `TooMany`."""
    store, realm = actor.services.store, actor.realm.name
    hit(store, f"invitation to {realm} {email}", MAILS_TO_ONE, HOUR)
    hit(store, f"invitations of {realm} {actor.here.id}", MAILS_OF_ONE, HOUR)


def resend(actor: Actor, invitation_id: str) -> Listed:
    """Send again with a new link, for as long as the first one was to last; the old link dies.

    Raises `NotFound`, `Conflict` for one that has ended, `TooMany`.
    """
    with held(actor, invitation_id):
        row = rows.find(actor.services.store, actor.realm.name, actor.here.id, invitation_id)
        if rows.state_of(row) != rows.PENDING:
            raise Conflict(_("This invitation has ended. Invite the person anew."))
        count_mail(actor, row.email)
        with audited(actor, "invitations.manage", target=row.email, before=_times(row)) as record:
            _renew(actor, row)
            record.after = {"deed": "resend", **_times(row)}
    return described(actor, [row])[0]


def _times(row: Invitation) -> dict[str, str]:
    return {"expires": row.expires.isoformat(timespec="minutes")}


def _renew(actor: Actor, row: Invitation) -> None:
    token, present, services = new_token(), now(), actor.services
    lasts = row.expires - (row.last_sent or row.created)
    row.token, row.last_sent, row.expires, row.sent_count = hashed(token), present, present + lasts, row.sent_count + 1
    mail = mail_of(services, row, token, actor.here.look) if row.keycloak_id else None
    outbox.stop(services, row.realm, row.id)
    values = {"token": row.token, "last_sent": present, "expires": row.expires, "sent_count": row.sent_count}
    if not rows.change(services.store, row, **values):
        raise Conflict
    if mail:
        with services.store.write() as session:
            outbox.queue(session, mail)


def revoke(actor: Actor, invitation_id: str) -> Listed:
    """Take an invitation back: its link is dead and the back end forgets it. Raises `NotFound`, `Conflict`."""
    with held(actor, invitation_id):
        found = find(actor, invitation_id)
        if not found.open:
            raise Conflict(_("This invitation has ended already."))
        after = {"deed": "revoke", "made": found.state}
        with audited(actor, "invitations.manage", target=found.email, after=after):
            _take_back(actor, found)
    return found


def _take_back(actor: Actor, found: Listed) -> None:
    store = actor.services.store
    row = rows.by_id(store, actor.realm.name, found.id) if found.state != ELSEWHERE else None
    if row:
        # First here: from now on nobody can accept it, whatever the back end says.
        if not rows.end(store, row, rows.REVOKED):
            raise Conflict
        outbox.stop(actor.services, actor.realm.name, row.id)
    keycloak_id = row.keycloak_id if row else found.id
    if keycloak_id:
        try:
            actor.orgs.revoke_invitation(actor.here.id, keycloak_id)
        except NotFound:
            return


def held(actor: Actor, invitation_id: str) -> AbstractContextManager[str]:
    """Nobody answers, resends or takes back the same invitation at the same time. Raises `Conflict`."""
    return lease(actor.services.store, f"invitation {invitation_id}"[:160])
