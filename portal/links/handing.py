"""What the guest of a link hands over: a narrower link, which lives no longer than his own and ends with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict, Denied, Invalid, NotFound
from portal.links import actions
from portal.links.intents import checked_intents
from portal.links.inviting import count_mails, mail
from portal.mail import outbox
from portal.store import links
from portal.store.links import API
from portal.store.models_links import SetupLink

MOST = 5


def possible(link: SetupLink) -> bool:
    """Whether a part of it can be handed over: a link that can be opened no more leads nobody else in either."""
    return not link.parent and links.state_of(link) == links.ACTIVE


def mailable(link: SetupLink) -> bool:
    """Whether parts of it may be mailed: what lives minutes is dead before a mail is read."""
    return link.kind != API


@dataclass(frozen=True)
class Given:
    """A part that works still or was finished, and whom it was mailed to; empty for a copied one."""

    row: SetupLink
    contact: str

    @property
    def done(self) -> bool:
        """Whether it was finished."""
        return links.state_of(self.row) == links.COMPLETED


def given(actor: Actor, parent: SetupLink) -> list[Given]:
    """What the guest handed over and did not take back, oldest first."""
    store = actor.services.store
    rows = [
        each for each in links.children(store, parent.id) if links.state_of(each) in {links.ACTIVE, links.COMPLETED}
    ]
    return [Given(each, next((token.contact for token in links.tokens(store, each.id)), "")) for each in rows]


def alive(actor: Actor, parent: SetupLink) -> list[SetupLink]:
    """The parts that are handed over and open."""
    return [each for each in links.children(actor.services.store, parent.id) if links.state_of(each) == links.ACTIVE]


def hand_over(
    actor: Actor, parent: SetupLink, intents: Iterable[str], *, contact: str = "", locale: str = ""
) -> tuple[SetupLink, str]:
    """A narrower link made by the guest of `parent`: some of its intents, as long as it lives, dead with it.

    It is mailed to `contact` or, without one, copied. Returns its row and the raw token. Raises `Invalid`, `Denied`
    for more than the guest has, `Conflict` when there are five or his own opens no more, `TooMany` mails.
    """
    wanted = checked_intents(intents)
    _check(actor, parent, wanted)
    if contact and not mailable(parent):
        raise Invalid({"contact": _("This link lives minutes, so no part of it can be mailed.")})
    count_mails(actor, (contact,) if contact else ())
    row = actions.new_row(
        actor, actor.here, wanted, parent.kind, timedelta(), parent=parent.id, expires=parent.expires,
        return_url=parent.return_url, success_url=parent.success_url, locale=locale or actor.locale,
    )  # fmt: skip
    row, raw = actions.keep(actor, row, contact)
    links.change(actor.services.store, row, details={**row.details, "look": parent.details.get("look", {})})
    if contact:
        mail(actor.services, row, contact, raw)
    return row, raw


def _check(actor: Actor, parent: SetupLink, wanted: list[str]) -> None:
    if actor.kind != "link" or actor.sub != parent.id or not actor.may("setup.hand_over"):
        raise Denied("not a guest of this link")
    if parent.parent or not set(wanted) <= set(parent.intents):
        raise Denied("more than the guest has")
    if not possible(parent):
        raise Conflict(_("Your own link can be opened no more, so no part of it can be handed over."))
    if len(alive(actor, parent)) >= MOST:
        raise Conflict(_("This link was handed over %(most)d times already. Take one back first.", most=MOST))


def find(actor: Actor, parent: SetupLink, link_id: str) -> SetupLink:
    """A part that the guest of `parent` handed over. Raises `NotFound`."""
    row = actions.find(actor, link_id)
    if actor.kind != "link" or actor.sub != parent.id or row.parent != parent.id:
        raise NotFound("not handed over by this guest")
    return row


def take_back(actor: Actor, parent: SetupLink, link_id: str) -> SetupLink:
    """End a part that was handed over; its mail stays here if it has not left. Raises `NotFound`, `Conflict`."""
    row = find(actor, parent, link_id)
    with audited(actor, "links.revoke", target=row.id, before={"state": links.state_of(row)}):
        actions.end(actor, row)
    outbox.stop(actor.services, row.realm, row.id)
    return row
