"""Setup links: made, listed, revoked. What guests hand over is in `portal.links.handing`.

The raw token exists in the answer of what makes one alone; the store knows its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.errors import Conflict, Denied, Invalid, NotFound
from portal.links import addresses
from portal.links.intents import check_right, checked_intents, offered_to
from portal.moments import aware
from portal.return_addresses import LONGEST_LINK_DAYS, api_link_minutes, link_days
from portal.services import Services
from portal.store import links, now
from portal.store.links import API, KEY, OPERATOR
from portal.store.models_links import LinkToken, SetupLink

LONGEST_ID = 255


class OneActive(Conflict):
    """The organization has an active operator link: `link`."""

    def __init__(self, link: SetupLink) -> None:
        text = _("There is an active setup link for this organization. Revoke it to make a new one.")
        super().__init__(text)
        self.link = link


@dataclass(frozen=True)
class Opening:
    """An address of a link: `contact` is whom it was mailed to (empty for a copied one), `at` its first opening."""

    contact: str
    created: datetime
    at: datetime | None


def create(
    actor: Actor,
    organization: Organization,
    intents: Iterable[str],
    *,
    kind: str = OPERATOR,
    days: int | None = None,
    contact: str = "",
    return_url: str = "",
    success_url: str = "",
    external_user_id: str = "",
    locale: str = "",
) -> tuple[SetupLink, str]:
    """Make a link for an organization, which must be the one of the request; returns its row and the raw token.

    `kind` operator: lives `days` (the realm's usual number without), one active per organization, right
    `links.create`. `kind` api: lives the realm's minutes, opens once, any number, right `links.generate`; the actor
    of a key must have its owner's id as `sub`, and `facts.only` must hold `links:<intent>` for each intent.
    `contact` is the address the token will be mailed to; further ones get theirs by `add_token`.
    Raises `Denied` (right or intent beyond the maker's own), `Invalid` by field (intents, days, return_url,
    success_url, or the form when the realm has no return address), `OneActive`.
    """
    wanted = checked_intents(intents)
    check_right(actor, organization, "links.create" if kind == OPERATOR else "links.generate", wanted)
    attributes = actor.services.realm_facts(actor.realm.name).attributes
    addresses.check(
        attributes, {"return_url": return_url, "success_url": success_url}, loopback=actor.services.settings.loopback
    )
    life = _days(days, link_days(attributes)) if kind == OPERATOR else timedelta(minutes=api_link_minutes(attributes))
    row = new_row(
        actor, organization, wanted, kind, life, return_url=return_url, success_url=success_url,
        external_user_id=external_user_id[:LONGEST_ID], locale=locale or actor.locale,
    )  # fmt: skip
    return keep(actor, row, contact)


def _days(wanted: int | None, usual: int) -> timedelta:
    days = usual if wanted is None else wanted
    if not 1 <= days <= LONGEST_LINK_DAYS:
        raise Invalid({"days": _("Enter a whole number from 1 to %(most)d.", most=LONGEST_LINK_DAYS)})
    return timedelta(days=days)


def new_row(
    actor: Actor, organization: Organization, intents: Sequence[str], kind: str, life: timedelta, **values: Any
) -> SetupLink:
    """A row that nobody has kept yet; `values` are further columns."""
    present = now()
    return SetupLink(
        id=secrets.token_hex(16), realm=actor.realm.name, organization=organization.id,
        organization_name=organization.label[:255], kind=kind, intents=list(intents), maker_kind=actor.kind,
        maker=actor.sub, maker_name=actor.label[:255], created=present,
        **{"parent": "", "progress": {}, "expires": present + life, **values},
        details={KEY: actor.key} if actor.key else {},
    )  # fmt: skip


def keep(actor: Actor, row: SetupLink, contact: str) -> tuple[SetupLink, str]:
    """Keep a new row with its first token, which is returned raw. Raises `OneActive`."""
    raw, token = _token(row, contact)
    after = {
        "kind": row.kind, "intents": list(row.intents), "expires": row.expires.isoformat(timespec="minutes"),
        "parent": row.parent, "mailed": bool(contact),
    }  # fmt: skip
    with audited(actor, "links.create", target=row.id, after=after):
        try:
            links.insert(actor.services.store, row, token)
        except Conflict as error:
            standing = links.active(actor.services.store, row.realm, row.organization)
            raise OneActive(standing) if standing else error from error
    return row, raw


def hashed(token: str) -> str:
    """What the store knows of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _token(row: SetupLink, contact: str) -> tuple[str, LinkToken]:
    raw = secrets.token_urlsafe(32)
    return raw, LinkToken(token=hashed(raw), link=row.id, contact=contact, created=now(), browser="", code="")


def address(services: Services, token: str) -> str:
    """The absolute address that opens a link."""
    return f"{services.settings.public_url.rstrip('/')}/portal/launch?token={token}"


def add_token(actor: Actor, row: SetupLink, contact: str, *, replacing: bool = False) -> str:
    """A further raw token of a living link, for another contact; with `replacing` his earlier ones die.

    Whoever may make links may do this; a mail that is sent again carries a new token. Raises `Denied`, `Conflict`.
    """
    check_right(actor, Organization(row.organization, ""), "links.create", row.intents)
    if links.state_of(row) != links.ACTIVE:
        raise Conflict(_("This link has ended. Make a new one."))
    raw, token = _token(row, contact)
    links.add_token(actor.services.store, token, replacing=replacing)
    return raw


def find(actor: Actor, link_id: str) -> SetupLink:
    """A link of the organization of the request. Raises `NotFound`, also for another organization's."""
    row = links.by_id(actor.services.store, actor.realm.name, link_id)
    if row is None or row.organization != actor.here.id:
        raise NotFound("no such link")
    return row


def active(actor: Actor) -> SetupLink | None:
    """The active operator link of the organization of the request."""
    return links.active(actor.services.store, actor.realm.name, actor.here.id)


def listed(actor: Actor, first: int = 0, maximum: int = 50) -> list[SetupLink]:
    """Links of the organization of the request, newest first, dead ones too."""
    return links.listed(actor.services.store, actor.realm.name, actor.here.id, first, maximum)


def opened_by(actor: Actor, row: SetupLink) -> list[Opening]:
    """Which addresses of a link were made for whom, and when each was first opened. Times are aware UTC."""
    found = links.tokens(actor.services.store, row.id)
    return [Opening(each.contact, aware(each.created), aware(each.used) if each.used else None) for each in found]


def revoke(actor: Actor, link_id: str) -> SetupLink:
    """End a link, its running guests and what it handed over, at once. Raises `Denied`, `NotFound`, `Conflict`."""
    if not actor.may("links.revoke"):
        raise Denied("no links.revoke")
    row = find(actor, link_id)
    with audited(actor, "links.revoke", target=row.id, before={"state": links.state_of(row)}):
        end(actor, row)
    return row


def end(actor: Actor, row: SetupLink) -> None:
    """Take a link back; whoever may do that decided it before. Raises `Conflict` for one that has ended."""
    if not links.end(actor.services.store, row, links.REVOKED, actor.label):
        raise Conflict(_("This link has ended already."))
    row.ended, row.ending = now(), links.REVOKED


def revoke_of_user(actor: Actor, external_user_id: str, organizations: frozenset[str] | None = None) -> int:
    """End all living links made for a user of another application, within `organizations` if some are named.

    The caller has decided that the actor may revoke links there. Returns how many ended.
    """
    ended = 0
    for row in links.of_external_user(actor.services.store, actor.realm.name, external_user_id):
        if organizations is None or row.organization in organizations:
            with audited(actor, "links.revoke", target=row.id, before={"state": links.state_of(row)}):
                ended += links.end(actor.services.store, row, links.REVOKED, actor.label)
    return ended


__all__ = [
    "API", "OPERATOR", "OneActive", "Opening", "active", "add_token", "address", "checked_intents", "create", "end",
    "find", "hashed", "keep", "listed", "new_row", "offered_to", "opened_by", "revoke", "revoke_of_user",
]  # fmt: skip
