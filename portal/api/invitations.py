"""Invitations as JSON: one by one, many as a job, and those that wait for the caller's own answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal import standing
from portal.actor import Actor
from portal.api.filling import data, objects, of_form, valid
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.paging import Page, page
from portal.errors import Conflict, Denied, Invalid, NotFound
from portal.invitations import actions, answering, words
from portal.invitations.actions import Listed
from portal.invitations.answering import Unanswerable
from portal.invitations.forms import NO_ROLE, InviteForm
from portal.invitations.placing import MEMBER, Already, applications
from portal.store.models_organizations import Invitation
from portal.web.language import locale_tag, offered


@dataclass(frozen=True)
class InvitationDocument:
    """An invitation. `mail` and `mail_reason` say how its newest mail stands; no answer holds its link."""

    id: str
    email: str
    state: str
    first_name: str
    last_name: str
    roles: list[str]
    inviter: str
    message: str
    locale: str
    client: str
    created: datetime | None
    expires: datetime | None
    ended: datetime | None
    last_sent: datetime | None
    sent_count: int
    mail: str
    mail_reason: str


@dataclass(frozen=True)
class ReceivedInvitation:
    """An invitation to the caller's own address."""

    id: str
    organization: str
    organization_name: str
    inviter: str
    message: str
    roles: list[str]
    expires: datetime


@dataclass(frozen=True)
class Answered:
    """What answering came to. `roles` were given, `lost` could be given no more."""

    organization: str
    answer: str
    roles: list[str]
    lost: list[str]


def listed(actor: Actor, body: Body) -> Page[InvitationDocument]:
    """A page of invitations: those made elsewhere first, then ours, newest first."""
    state, search = str(body.get("state", "")), str(body.get("q", "")).lower()
    states = [value for value, _label in words.states()]
    if state and state not in states:
        raise Invalid({"state": _("Choose one of: %(values)s.", values=", ".join(states))})

    def fetch(first: int, maximum: int) -> Sequence[Listed]:
        return actions.listed(actor, search, state, first, maximum)[0]

    found = page(body, f"invitations {actor.here.id}", fetch, lambda each: each.id)
    return Page([_document(each) for each in found.items], found.next)


def _document(each: Listed) -> InvitationDocument:
    return InvitationDocument(
        each.id, each.email, each.state, each.first_name, each.last_name, sorted(each.roles), each.inviter,
        each.message, each.locale, each.client, each.created, each.expires, each.ended, each.last_sent,
        each.sent_count, each.mail, each.reason,
    )  # fmt: skip


def read(actor: Actor, _body: Body, invitation: str) -> InvitationDocument:
    """One invitation."""
    return _document(actions.find(actor, invitation))


def create(actor: Actor, body: Body) -> InvitationDocument:
    """Invite one person; the mail is on its way."""
    try:
        made = actions.invite(actor, valid(form_of(actor, InviteForm, body)).wanted())
    except Already as error:
        member = error.kind == MEMBER
        said = _("This person is a member already.") if member else _("This address is invited already.")
        raise Conflict(said) from error
    return read(actor, {}, made)


def form_of(actor: Actor, kind: type[InviteForm], body: Body) -> InviteForm:
    """The form of the page, filled in; without a language or roles it is the caller's and none."""
    asked = {"locale": locale_tag(), "days": 7, "client": "", **body, "roles": body.get("roles") or [NO_ROLE]}
    form = kind(formdata=data(asked))
    form.offer(offered(), applications(actor.services, actor.realm.name))
    form.names = [role.name for role in actions.roles(actor)]
    return form


def resend(actor: Actor, _body: Body, invitation: str) -> InvitationDocument:
    """Send it again with a new link; the old one dies."""
    return _document(actions.resend(actor, invitation))


def revoke(actor: Actor, _body: Body, invitation: str) -> None:
    """Take it back."""
    actions.revoke(actor, invitation)


def received(actor: Actor, _body: Body) -> list[ReceivedInvitation]:
    """Those that wait for the caller's answer; none while the address is not verified."""
    return [_received(row) for row in answering.received(actor)[0]]


def _received(row: Invitation) -> ReceivedInvitation:
    return ReceivedInvitation(
        row.id, row.organization, row.organization_name, row.inviter_name, row.message, sorted(row.roles), row.expires
    )


def answer(actor: Actor, body: Body, invitation: str) -> Answered:
    """Accept or decline."""
    try:
        if body["answer"] == "decline":
            row = answering.decline(actor, invitation, "")
            return Answered(row.organization, "decline", [], [])
        found = answering.accept(actor, invitation, "")
    except Unanswerable as error:
        raise _trouble(error) from error
    standing.learn(actor)
    return Answered(found.row.organization, "accept", sorted(found.roles), sorted(found.lost))


def _trouble(error: Unanswerable) -> Exception:
    if error.kind == answering.GONE:
        return NotFound("no such invitation")
    if error.kind in {answering.ACCOUNT, answering.UNVERIFIED}:
        return Denied(f"invitation: {error.kind}")
    member = error.kind == answering.MEMBER
    return Conflict(_("You are a member already.") if member else _("This invitation has ended already."))


ONE = f"{HERE}/invitations/<invitation>"
INVITE: Mapping[str, object] = of_form(InviteForm, "email", "first_name", "last_name")
ANSWER = objects(("answer",), answer={"type": "string", "enum": ["accept", "decline"]})
FILTER = {"q": "Part of the address", "state": "pending, elsewhere, accepted, declined, expired or revoked"}

OPERATIONS = (
    Operation(
        "GET", f"{HERE}/invitations", "invitations.view", "listInvitations", "Who was invited, and what became of it",
        listed, InvitationDocument, paged=True, query=FILTER,
    ),
    Operation(
        "POST", f"{HERE}/invitations", "invitations.create", "createInvitation", "Invite one person by mail", create,
        InvitationDocument, body=INVITE, code=201,
    ),
    Operation("GET", ONE, "invitations.view", "getInvitation", "One invitation", read, InvitationDocument),
    Operation(
        "POST", f"{ONE}/resend", "invitations.manage", "resendInvitation", "Send it again with a new link", resend,
        InvitationDocument,
    ),
    Operation("DELETE", ONE, "invitations.manage", "revokeInvitation", "Take an invitation back", revoke),
    Operation(
        "GET", "/invitations", "invitations.received", "listReceivedInvitations", "Invitations to the caller",
        received, ReceivedInvitation, many=True,
    ),
    Operation(
        "POST", "/invitations/<invitation>/answer", "invitations.answer", "answerInvitation",
        "Accept or decline an invitation", answer, Answered, body=ANSWER,
    ),
)  # fmt: skip
