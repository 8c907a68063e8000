"""Accepting without an account: the link proves the mailbox, and the portal makes the account that belongs to it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import structlog
from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.errors import Conflict, NotFound, Upstream
from portal.invitations import answering, rows
from portal.invitations.actions import HOUR, MAILS_TO_ONE, held
from portal.invitations.answering import Offer, Unanswerable
from portal.invitations.issuer import still_given
from portal.services import Services
from portal.store import now
from portal.store.counters import hit
from portal.store.models_organizations import Invitation

log = structlog.get_logger("portal.invitations")
RIGHT = "invitations.join"
# What somebody who holds the link is to do: sign in, register, let an account be made for him, come through the
# organization's identity provider, or ask for an account.
SIGN_IN, REGISTER, MAKE, PROVIDER, ASK = "sign in", "register", "make", "provider", "ask"


@dataclass(frozen=True)
class Way:
    """How somebody without a session goes on. `provider` is the alias of the identity provider, if only one is on."""

    kind: str
    provider: str = ""


def holder(services: Services, row: Invitation, ip_address: str = "", request_id: str = "") -> Actor:
    """Whoever holds the link of an invitation, at the organization that invites."""
    return Actor(
        "link", services.realm(row.realm), "", email=row.email, locale=row.locale, client=f"invitation {row.id}",
        organization=Organization(row.organization, row.organization_name), own_services=services,
        ip_address=ip_address, request_id=request_id,
    )  # fmt: skip


def way(actor: Actor, row: Invitation) -> Way:
    """How the holder of the link goes on. Told to nobody else: it says whether the address has an account."""
    facts = actor.services.realm_facts(row.realm)
    if facts.registration_allowed:
        return Way(REGISTER)
    if not actor.services.accounts.configured(row.realm):
        return Way(ASK)
    if _known(actor, row) - {row.account}:
        return Way(SIGN_IN)
    alias = provider(actor, row)
    if alias is not None:
        return Way(PROVIDER, alias)
    # Without Keycloak's mail there would be no way into the new account.
    return Way(MAKE if facts.smtp_configured else ASK)


def _known(actor: Actor, row: Invitation) -> set[str]:
    """Ids of the accounts of this address."""
    return {each.id for each in actor.services.admin.at(_ask(actor, row, row.email), row.email)}


def provider(actor: Actor, row: Invitation) -> str | None:
    """The identity provider through which people of this address sign in, empty if it is one of several.

    None where they have passwords: the domain is not verified for the organization, or no provider of it is on.
    """
    orgs, domain = actor.services.orgs, row.email.rpartition("@")[2].lower()
    if not any(each.verified and each.name == domain for each in orgs.domains(_ask(actor, row), row.organization)):
        return None
    found = orgs.enabled_providers(_ask(actor, row), row.organization)
    return None if not found else next(iter(found)) if len(found) == 1 else ""


def _ask(actor: Actor, row: Invitation, *objects: str) -> Grant:
    return grant(actor, RIGHT, row.organization, *objects)


def offer(actor: Actor, row: Invitation) -> Offer:
    """What accepting brings the holder of the link. Raises `Unanswerable`."""
    given, orgs = still_given(actor.services, row), actor.services.orgs
    # An earlier attempt may have stopped half way.
    member = bool(row.account) and orgs.is_member(_ask(actor, row, row.account), row.organization, row.account)
    if not member and orgs.invitation_of(_ask(actor, row), row.organization, row.email) is None:
        raise Unanswerable(rows.REVOKED, row)
    return Offer(row, given, frozenset(row.roles) - given, member)


def accept(actor: Actor, token: str) -> Invitation:
    """Make the account, make it a member, and let Keycloak's mail set its password.

    Whoever comes again with the same link gets what is there. Raises `Unanswerable`, `Conflict`, `Invalid` for what
    the realm's user profile refuses, `Upstream`.
    """
    store, realm = actor.services.store, actor.realm.name
    with held(actor, answering.by_link(actor.services, realm, token).id):
        done = joined(actor.services, realm, token)
        if done:
            return done
        row = answering.opened(actor.services, realm, token)
        if way(actor, row).kind != MAKE:
            raise Conflict(_("Open the link of the mail again: it shows how to go on."))
        found = offer(actor, row)
        with audited(actor, "invitations.answer", target=row.email, before=answering.before(row)) as record:
            newcomer = dataclasses.replace(actor, sub=_account(actor, row))
            given = answering.join(newcomer, found, lambda: _ask(newcomer, row, newcomer.sub))
            record.after = {"answer": "accept", "account": "made", **answering.told(row, given)}
            rows.end(store, row, rows.ACCEPTED)
    mail_password(actor, row)
    return row


def _account(actor: Actor, row: Invitation) -> str:
    """The account made for this invitation, now or by an attempt that stopped half way."""
    if row.account and row.account in _known(actor, row):
        return row.account
    ask = _ask(actor, row, row.email)
    try:
        made = actor.services.accounts.create(ask, row.email, row.first_name, row.last_name, row.locale)
    except Conflict as error:
        text = _("An account of this address or name exists by now. Open the link of the mail again to go on.")
        raise Conflict(text) from error
    rows.made_account(actor.services.store, row, made)
    return made


def joined(services: Services, realm: str, token: str) -> Invitation | None:
    """The invitation of a link, if it was accepted by making an account."""
    row = rows.by_token(services.store, realm, token) if token else None
    return row if row is not None and row.account and row.state == rows.ACCEPTED else None


def mailable(row: Invitation) -> bool:
    """Whether the mail can be asked for again: as long as the link would have worked."""
    return row.expires > now()


def mail_again(actor: Actor, row: Invitation) -> None:
    """Send the mail that sets the password once more. Raises `NotFound` when the link is too old, `TooMany`."""
    if not mailable(row):
        raise NotFound("the link is too old")
    mail_password(actor, row)


def mail_password(actor: Actor, row: Invitation) -> None:
    """Let Keycloak mail a link that sets the password; the row says when it last could. Raises `TooMany`."""
    services = actor.services
    hit(services.store, f"password of {row.realm} {row.email}", MAILS_TO_ONE, HOUR)
    ask = _ask(actor, row, row.account)
    try:
        with audited(actor, "invitations.password", target=row.email):
            services.accounts.send_actions(ask, row.account, ["UPDATE_PASSWORD"], actor.realm.client_id)
    except Upstream as error:
        log.warning("password mail not sent", realm=row.realm, invitation=row.id, reason=str(error))
        rows.mark(services.store, row, password_mailed=None)
        return
    rows.mark(services.store, row, password_mailed=now())


def decline(actor: Actor, token: str) -> Invitation:
    """Say no without an account. Raises `Unanswerable`, `Conflict`."""
    services, realm = actor.services, actor.realm.name
    with held(actor, answering.opened(services, realm, token).id):
        row = answering.opened(services, realm, token)
        answering.refuse(actor, row, lambda: _ask(actor, row))
    return row
