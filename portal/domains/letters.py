"""Mails about domains, to those who can act: members who hold manage-organization."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from portal.access import grant
from portal.actor import Actor
from portal.clients.orgs_types import SYNTHETIC, Member, Organization
from portal.domains.names import known
from portal.domains.schedule import GRACE
from portal.errors import Invalid
from portal.mail.letter import Letter
from portal.mail.outbox import enqueue
from portal.mail.texts import Texts, plain, texts
from portal.standing import address

VERIFIED, FAILING, LAPSED, CLAIMED = "verified", "failing", "lapsed", "claimed"
MANAGER, MOST = "manage-organization", 50


def send(actor: Actor, name: str, event: str, since: datetime | None = None, *, once: str = "") -> int:
    """Write to the managers of the actor's organization; returns how many mails. `since`: when the event began."""
    organization, people = _managers(actor)
    key = f"domain:{organization.id}:{name}:{event}:{once or since or ''}"
    for person in people:
        letter = _LETTERS[event](texts(person.locale), actor, organization, name, since)
        try:
            enqueue(
                actor.services, actor.realm.name, person.email, letter, organization=organization.id,
                about=organization.id, once=f"{key}:{person.id}" if once or since else "",
            )  # fmt: skip
        except Invalid:
            continue
    return len(people)


def _managers(actor: Actor) -> tuple[Organization, list[Member]]:
    orgs, granted = actor.services.orgs, grant(actor, "domains.manage", actor.here.id)
    found = orgs.holders(granted, actor.here.id, MANAGER)
    people = [each for each in found if each.enabled and each.email and each.username != f"{SYNTHETIC}{actor.here.id}"]
    return orgs.described(granted, actor.here.id), people[:MOST]


def _letter(
    _: Texts, actor: Actor, organization: Organization, name: str, subject: str, *paragraphs: str, label: str
) -> Letter:
    where = f"{actor.services.settings.public_url}/{actor.realm.name}/o/{address(organization)}/domains"
    return Letter(
        locale=_.locale, subject=subject, paragraphs=paragraphs,
        reason=_("You get this because you manage %(organization)s.", organization=plain(organization.label)),
        button=(label, where if not name else f"{where}/{name}"), wearer=organization.label, look=organization.look,
    )  # fmt: skip


def _verified(_: Texts, actor: Actor, organization: Organization, name: str, _since: datetime | None) -> Letter:
    shown = known(name).unicode
    return _letter(
        _, actor, organization, name, _("%(domain)s is verified", domain=shown),
        _("The record of %(domain)s was found.", domain=plain(shown)),
        _("Leave the record where it is: it is looked up every day."), label=_("Look at the domain"),
    )  # fmt: skip


def _failing(_: Texts, actor: Actor, organization: Organization, name: str, since: datetime | None) -> Letter:
    shown = known(name).unicode
    last = since + GRACE if since else None
    return _letter(
        _, actor, organization, name, _("The record of %(domain)s is gone", domain=shown),
        _("The DNS record that proves that %(domain)s belongs to %(organization)s is not found any more.",
          domain=plain(shown), organization=plain(organization.label)),
        _("Nothing has changed yet. Publish the record again by %(day)s; otherwise the domain is taken out of the "
          "organization, and people with such addresses are no longer led to its sign-in.",
          day=_.date(last) if last else ""),
        label=_("See the record to publish"),
    )  # fmt: skip


def _lapsed(_: Texts, actor: Actor, organization: Organization, name: str, _since: datetime | None) -> Letter:
    shown = known(name).unicode
    return _letter(
        _, actor, organization, name, _("%(domain)s is no longer verified", domain=shown),
        _("The record of %(domain)s was not found for %(days)s days. The domain was taken out of %(organization)s.",
          domain=plain(shown), days=GRACE.days, organization=plain(organization.label)),
        _("People with such addresses are no longer led to its sign-in. Once the record is there again, so is the "
          "domain."),
        label=_("See the record to publish"),
    )  # fmt: skip


def _claimed(_: Texts, actor: Actor, organization: Organization, name: str, _since: datetime | None) -> Letter:
    shown = known(name).unicode
    return _letter(
        _, actor, organization, "", _("Somebody else claimed %(domain)s", domain=shown),
        _("Another organization tried to add %(domain)s, which %(organization)s has verified.", domain=plain(shown),
          organization=plain(organization.label)),
        _("It was refused, and nothing has changed. Those who run this portal know of it."),
        label=_("Look at your domains"),
    )  # fmt: skip


_LETTERS: dict[str, Callable[[Texts, Actor, Organization, str, datetime | None], Letter]] = {
    VERIFIED: _verified, FAILING: _failing, LAPSED: _lapsed, CLAIMED: _claimed,
}  # fmt: skip
