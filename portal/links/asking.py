"""A link that has ended: its holder asks for a new one, of its maker or of whoever can make one now."""

from __future__ import annotations

from contextlib import suppress

from portal.access_grant import upkeep
from portal.clients.orgs_types import SYNTHETIC, Organization
from portal.errors import Invalid, NotFound
from portal.invitations.issuer import issuer
from portal.links.letters import wish
from portal.mail.outbox import enqueue
from portal.services import Services
from portal.store import links
from portal.store.counters import hit
from portal.store.models_links import LinkToken, SetupLink

ASKS, DAY, MOST = 3, 24 * 3600, 10
ROLE = "manage-organization"


def ask(services: Services, link: SetupLink, token: LinkToken | None = None) -> int:
    """Write to the maker, or to the managers of the organization if he may make links no more; how many mails.

    `token` is the one that was opened: the mail says whom it was sent to. Raises `NotFound` where a program made the
    link, `TooMany` beyond three a day.
    """
    origin = _origin(services, link)
    if origin.maker_kind != "person":
        raise NotFound("nobody to ask")
    hit(services.store, f"setup link asked {link.id}", ASKS, DAY)
    people = _maker(services, origin) or _managers(services, link)
    for email, locale in people:
        letter = wish(services, link, token.contact if token else "", locale)
        with suppress(Invalid):
            enqueue(services, link.realm, email, letter, organization=link.organization, about=link.id)
    return len(people)


def _origin(services: Services, link: SetupLink) -> SetupLink:
    """The link that people made; what was handed over leads to it."""
    above = links.by_id(services.store, link.realm, link.parent) if link.parent else None
    return above or link


def _maker(services: Services, link: SetupLink) -> list[tuple[str, str]]:
    """His address and language, while he may make links."""
    here = Organization(link.organization, link.organization_name)
    maker = issuer(services, link.realm, here, link.maker)
    return [(maker.email, maker.locale)] if maker.email and maker.may("links.create") else []


def _managers(services: Services, link: SetupLink) -> list[tuple[str, str]]:
    granted = upkeep(link.realm, "links.create", link.organization)
    try:
        people = services.orgs.holders(granted, link.organization, ROLE)
    except NotFound:
        return []
    found = [each for each in people if each.enabled and each.email]
    return [(each.email, each.locale) for each in found if each.username != f"{SYNTHETIC}{link.organization}"][:MOST]
