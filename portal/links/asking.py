"""A link that has ended: its holder asks for a new one, of whoever handed it over, of its maker, or of whoever can make
one now."""

from __future__ import annotations

from contextlib import suppress

from portal.access_grant import upkeep
from portal.clients.orgs_types import SYNTHETIC, Organization
from portal.errors import Invalid, NotFound
from portal.invitations.issuer import issuer
from portal.links.letters import wish, wish_for_part
from portal.mail.letter import Letter
from portal.mail.outbox import enqueue
from portal.services import Services
from portal.store import links
from portal.store.counters import hit
from portal.store.models_links import LinkToken, SetupLink

# Wishes in a day: for one link, and for all parts of one together, of which any number can be made and taken back.
ASKS, ASKS_OF_PARTS, DAY = 3, 9, 24 * 3600
MOST = 10
ROLE = "manage-organization"
OVER = {links.EXPIRED, links.REVOKED, links.MAKER, links.PARENT}
GIVER, MAKER, MANAGERS, NOBODY = "giver", "maker", "managers", "nobody"


def possible(link: SetupLink) -> bool:
    """Whether the holder of a link that has ended may ask for a new one: what programs make, they make anew."""
    return link.kind != links.API and links.state_of(link) in OVER


def ask(services: Services, link: SetupLink, token: LinkToken | None = None) -> str:
    """Write to the first that can be reached of: whoever handed the link over, while his own works; its maker, while
    he may make links; those who manage the organization. Returns who it was: giver, maker, managers or nobody.

    `token` is the one that was opened: the mail says whom it was sent to. Raises `NotFound` for a link that cannot be
    asked for, `TooMany` beyond three a day.
    """
    if not possible(link):
        raise NotFound("nobody to ask")
    hit(services.store, f"setup link asked {link.id}", ASKS, DAY)
    contact, above = token.contact if token else "", _above(services, link)
    if above:
        hit(services.store, f"setup link parts asked {above.id}", ASKS_OF_PARTS, DAY)
    if above and (givers := _givers(services, above)):
        return GIVER if _send(services, link, givers, contact, part=True) else NOBODY
    if maker := _maker(services, above or link):
        return MAKER if _send(services, link, maker, contact) else NOBODY
    return MANAGERS if _send(services, link, _managers(services, link), contact) else NOBODY


def _send(
    services: Services, link: SetupLink, people: list[tuple[str, str]], contact: str, *, part: bool = False
) -> int:
    sent, taken = 0, links.active(services.store, link.realm, link.organization) is not None
    for email, locale in people:
        letter: Letter = (
            wish_for_part(link, contact, locale) if part else wish(services, link, contact, locale, taken=taken)
        )
        with suppress(Invalid):
            enqueue(services, link.realm, email, letter, organization=link.organization, about=link.id)
            sent += 1
    return sent


def _above(services: Services, link: SetupLink) -> SetupLink | None:
    """The link that this one is a part of."""
    return links.by_id(services.store, link.realm, link.parent) if link.parent else None


def _givers(services: Services, above: SetupLink) -> list[tuple[str, str]]:
    """To whom a link was mailed that still works: its holder can hand the part over once more."""
    if links.state_of(above) != links.ACTIVE:
        return []
    contacts = {each.contact for each in links.tokens(services.store, above.id)} - {""}
    return [(contact, above.locale) for contact in sorted(contacts)][:MOST]


def _maker(services: Services, link: SetupLink) -> list[tuple[str, str]]:
    """His address and language, while he may make links."""
    if link.maker_kind != "person":
        return []
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
