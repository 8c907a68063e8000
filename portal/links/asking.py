"""A link that has ended: its holder asks whoever made it for a new one."""

from __future__ import annotations

from portal.clients.orgs_types import Organization
from portal.errors import NotFound
from portal.invitations.issuer import issuer
from portal.mail.letter import Letter
from portal.mail.outbox import enqueue
from portal.mail.texts import Texts, plain, texts
from portal.services import Services
from portal.store.counters import hit
from portal.store.models_links import SetupLink

ASKS, DAY = 3, 24 * 3600


def ask(services: Services, link: SetupLink) -> None:
    """Write to the maker of a link. Raises `NotFound` where nobody can be asked, `TooMany` beyond three a day."""
    if link.maker_kind != "person":
        raise NotFound("nobody to ask")
    hit(services.store, f"setup link asked {link.id}", ASKS, DAY)
    maker = issuer(services, link.realm, Organization(link.organization, link.organization_name), link.maker)
    if maker.email and maker.facts.signed_in:
        letter = _letter(texts(maker.locale), services, link)
        enqueue(services, link.realm, maker.email, letter, organization=link.organization, about=link.id)


def _letter(_: Texts, services: Services, link: SetupLink) -> Letter:
    name = plain(link.organization_name)
    where = f"{services.settings.public_url}/{link.realm}/o/{link.organization}"
    return Letter(
        locale=_.locale, subject=_("A new setup link is wanted for %(organization)s", organization=name),
        paragraphs=(
            _("Somebody with the setup link that you made for %(organization)s asks for a new one: it has ended.",
              organization=name),
        ),
        button=(_("Open the organization"), where),
        reason=_("You get this because you made this setup link."), wearer=link.organization_name,
    )  # fmt: skip
