"""Mails to whoever looks after a webhook that was switched off."""

from __future__ import annotations

from contextlib import suppress

from portal.errors import Invalid
from portal.mail.letter import Letter
from portal.mail.outbox import enqueue
from portal.mail.texts import Texts, plain, texts
from portal.services import Services
from portal.store import now
from portal.store.models_webhooks import Webhook

FAILING, GONE, MAKER, UNREADABLE = "failing", "gone", "maker", "unreadable"


def tell(services: Services, row: Webhook, reason: str) -> None:
    """Write that a webhook sends nothing any more, and why. At most one mail a day for the same reason."""
    _ = texts(row.locale)
    where = f"{services.settings.public_url}/{row.realm}/settings/webhooks/{row.id}"
    letter = Letter(
        locale=_.locale, subject=_("The webhook %(name)s was switched off", name=plain(row.name)),
        paragraphs=(_why(_, reason), _("Nothing is lost: events wait for 30 days and are sent once it is on again.")),
        reason=_("You get this because you look after this webhook."), button=(_("Look at the webhook"), where),
    )  # fmt: skip
    with suppress(Invalid):
        enqueue(
            services, row.realm, row.contact, letter, about=row.id, once=f"webhook:{row.id}:{reason}:{now().date()}"
        )


def _why(_: Texts, reason: str) -> str:
    return {
        FAILING: _("Its address has taken nothing for a day, however often it was tried."),
        GONE: _("Its address answered that it is gone for good (410)."),
        MAKER: _("Whoever made it may no longer manage this realm. Another operator can adopt it."),
        UNREADABLE: _("Its secret cannot be read with the portal’s present keys. Make a new one."),
    }[reason]
