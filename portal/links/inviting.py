"""Inviting an IT administrator: a link by mail to each of several addresses, or one to be copied.

What the store knows of a link is in `portal.links.actions`; here are the mails, and what the page about it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Invalid, NotFound
from portal.links import actions
from portal.links.letters import invitation
from portal.links.progress import Step, progress
from portal.mail import outbox
from portal.mail.outbox import Outcome
from portal.return_addresses import return_default, return_origins
from portal.services import Services
from portal.store import links
from portal.store.counters import hit
from portal.store.models_links import SetupLink

MOST_CONTACTS = 10
LONGEST_LOOK = 2000
# Mails with links: to one address in an hour, and of one organization in a day.
PER_ADDRESS, PER_ORGANIZATION, HOUR, DAY = 3, 50, 3600, 24 * 3600


@dataclass(frozen=True)
class Wanted:
    """A link as somebody asks for it. Without `contacts` it is copied."""

    intents: tuple[str, ...]
    contacts: tuple[str, ...]
    days: int
    return_url: str = ""
    success_url: str = ""
    locale: str = ""


@dataclass(frozen=True)
class Way:
    """One address of a link: whom it was mailed to (empty: copied), how the mail stands, when it was first opened."""

    contact: str
    created: datetime
    opened: datetime | None
    mail: Outcome | None


@dataclass(frozen=True)
class Managed:
    """A living link as its page shows it. `seen` is when a guest was last at work, `handed` what was handed over."""

    row: SetupLink
    steps: list[Step]
    ways: list[Way]
    guests: int
    seen: datetime | None
    handed: list[SetupLink]


def ready(actor: Actor) -> bool:
    """Whether the realm has a return address: without one nobody finds his way back from a link."""
    attributes = actor.services.realm_facts(actor.realm.name).attributes
    return return_default(attributes, loopback=actor.services.settings.loopback) is not None


def origins(actor: Actor) -> list[str]:
    """Where a link may lead."""
    return sorted(return_origins(actor.services.realm_facts(actor.realm.name).attributes))


def invite(actor: Actor, wanted: Wanted) -> tuple[SetupLink, str]:
    """Make a link and mail it, each recipient with a token of his own; returns its row, and the raw token of one to
    be copied. Raises `Denied`, `Invalid`, `OneActive`, `TooMany`.
    """
    if len(wanted.contacts) > MOST_CONTACTS:
        raise Invalid({"contacts": _("At most %(most)d addresses get a link.", most=MOST_CONTACTS)})
    count_mails(actor, wanted.contacts)
    row, raw = actions.create(
        actor, actor.here, wanted.intents, contact=next(iter(wanted.contacts), ""), days=wanted.days,
        return_url=wanted.return_url, success_url=wanted.success_url, locale=wanted.locale,
    )  # fmt: skip
    look = {key: value for key, value in actor.here.look.items() if len(value) <= LONGEST_LOOK}
    links.change(actor.services.store, row, details={**row.details, "look": look})
    if not wanted.contacts:
        return row, raw
    for position, contact in enumerate(wanted.contacts):
        token = actions.add_token(actor, row, contact) if position else raw
        mail(actor.services, row, contact, token)
    return row, ""


def count_mails(actor: Actor, contacts: tuple[str, ...]) -> None:
    """Raise `TooMany` if these mails would be more than an address or the organization of the request gets."""
    store = actor.services.store
    for contact in contacts:
        hit(store, f"links:mail:{actor.realm.name}:{actor.here.id}", PER_ORGANIZATION, DAY)
        hit(store, f"links:mail:{actor.realm.name}:{contact.lower()}", PER_ADDRESS, HOUR)


def mail(services: Services, row: SetupLink, contact: str, token: str, locale: str = "") -> str:
    """Put the mail with a token on its way; returns its id. The token is sealed until it is sent."""
    return outbox.enqueue(
        services, row.realm, contact, invitation(services, row, token, locale), organization=row.organization,
        about=row.id, once=f"link {actions.hashed(token)}",
    )  # fmt: skip


def send_again(actor: Actor, link_id: str, contact: str) -> SetupLink:
    """Mail a recipient a new token; his old one is dead. Raises `NotFound`, `Denied`, `Conflict`, `TooMany`."""
    row = actions.find(actor, link_id)
    if not contact or contact not in {each.contact for each in actions.opened_by(actor, row)}:
        raise NotFound("this link was not mailed there")
    count_mails(actor, (contact,))
    with audited(actor, "links.send", target=row.id, after={"number": 1}):
        token = actions.add_token(actor, row, contact, replacing=True)
        mail(actor.services, row, contact, token)
    return row


def revoke(actor: Actor, link_id: str) -> SetupLink:
    """End a link at once; mails that have not left stay here. Raises `Denied`, `NotFound`, `Conflict`."""
    row = actions.revoke(actor, link_id)
    outbox.stop(actor.services, row.realm, row.id)
    return row


def managed(actor: Actor) -> Managed | None:
    """The active link of the organization of the request, with what became of it."""
    row = actions.active(actor)
    if row is None:
        return None
    services = actor.services
    mails = newest(services, row)
    ways = [
        Way(each.contact, each.created, each.at, mails.get(each.contact)) for each in actions.opened_by(actor, row)
    ]  # fmt: skip
    handed = links.children(services.store, row.id)
    guests = links.guests(services.store, [row.id, *(each.id for each in handed)])
    seen = guests[0].seen.replace(tzinfo=UTC) if guests else None
    return Managed(row, progress(services, row), ways, len(guests), seen, handed)


def newest(services: Services, row: SetupLink) -> Mapping[str, Outcome]:
    """How the newest mail about a link stands, by recipient."""
    return {each.recipient: each for each in outbox.about(services, row.realm, row.id)}


def past(actor: Actor) -> list[SetupLink]:
    """Links of the organization that people made and that work no more, newest first."""
    found = actions.listed(actor)
    return [each for each in found if each.kind == links.OPERATOR and links.state_of(each) != links.ACTIVE]
