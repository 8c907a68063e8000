"""Mails about setup links, in the language of whoever gets them. Names that people chose are made plain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from portal.links.actions import address
from portal.mail.letter import Letter
from portal.mail.texts import Texts, plain, texts
from portal.services import Services
from portal.store.models_links import SetupLink

LONGEST_ADDRESS = 255


class Words(NamedTuple):
    """What one kind of mail with a link says."""

    subject: str
    said: tuple[str, ...]
    reason: str
    closing: str


def invitation(services: Services, row: SetupLink, token: str, locale: str = "") -> Letter:
    """The mail that brings a link. `token` is the raw one, the recipient's own."""
    _ = texts(locale or row.locale)
    maker, organization = plain(row.maker_name), plain(row.organization_name)
    if row.parent:
        subject = _("Your part of the set-up of %(organization)s", organization=organization)
        said = _("Somebody who sets things up for %(organization)s hands a part of that over to you.",
                 organization=organization)  # fmt: skip
        reason = _("You get this mail because the holder of a setup link entered your address.")
    else:
        subject = _("%(name)s asks you to set up %(organization)s", name=maker, organization=organization)
        said = _("%(name)s asks you to set things up for %(organization)s. You need no account for that.",
                 name=maker, organization=organization)  # fmt: skip
        reason = _("You get this mail because %(name)s entered your address.", name=maker)
    words = Words(
        subject, (_("Hello,"), said), reason,
        _("Nothing changes by opening the link: you begin on the page behind it. The link is meant for you alone; in "
          "another browser it asks for a code that is mailed to this address."),
    )  # fmt: skip
    return _letter(services, row, token, _, words)


def reminder(services: Services, row: SetupLink, token: str) -> Letter:
    """The mail before a link ends, with a token of its own."""
    _ = texts(row.locale)
    maker, organization = plain(row.maker_name), plain(row.organization_name)
    words = Words(
        _("Your setup link for %(organization)s ends on %(day)s", organization=organization, day=_.date(row.expires)),
        (_("Hello,"), _("What %(name)s asked you to set up for %(organization)s is not finished yet, and the link ends "
                        "soon.", name=maker, organization=organization)),
        _("You get this mail because %(name)s entered your address.", name=maker),
        _("The link of the earlier mail works as long as this one. If it is too late, ask for a new link on its page."),
    )  # fmt: skip
    return _letter(services, row, token, _, words)


def _letter(services: Services, row: SetupLink, token: str, _: Texts, words: Words) -> Letter:
    facts = [(_("Organization"), plain(row.organization_name)), (_("To set up"), features(row.intents, _))]
    if not row.parent:
        facts.append((_("Invited by"), plain(row.maker_name)))
    return Letter(
        locale=_.locale, subject=words.subject, paragraphs=words.said, reason=words.reason,
        button=(_("Look at the set-up"), address(services, token)),
        facts=(*facts, (_("Works until"), _.datetime(row.expires))),
        closing=(words.closing, _("If you do not know the sender, ignore this mail. Nothing happens then.")),
        wearer=row.organization_name, look=row.details.get("look", {}),
    )  # fmt: skip


def wish(services: Services, row: SetupLink, contact: str, locale: str, *, taken: bool = False) -> Letter:
    """The mail to whoever can make a new link: the holder of one that has ended asks for it.

    `contact` is the address his link was mailed to, empty for a copied one; `taken` says that the organization has an
    active link, beside which no other can be made.
    """
    _ = texts(locale)
    organization = plain(row.organization_name)
    room = f"{services.settings.public_url}/{row.realm}/o/{row.organization}/setup-link"
    return Letter(
        locale=_.locale,
        subject=_("A new setup link is wanted for %(organization)s", organization=organization),
        paragraphs=(
            _("Whoever holds the setup link for %(organization)s asks for a new one: it ended on %(day)s.",
              organization=organization, day=_.datetime(row.ended or row.expires)), _whose(contact, _),
        ),
        reason=_("You get this because you can make setup links for %(organization)s.", organization=organization),
        button=(_("Look at the link"), room) if taken else (_("Make a new link"), f"{room}/new"),
        facts=((_("Organization"), organization), (_("To set up"), features(row.intents, _))),
        closing=(_("Nothing happens unless you make one."),),
        wearer=row.organization_name, look=row.details.get("look", {}),
    )  # fmt: skip


def _whose(contact: str, _: Texts) -> str:
    if contact:
        return _("The link was mailed to %(contact)s.", contact=plain(contact, LONGEST_ADDRESS))
    return _("The link was copied, so the portal does not know who asks.")


def wish_for_part(row: SetupLink, contact: str, locale: str) -> Letter:
    """The mail to the holder of a link who handed a part of it over: that part has ended and is asked for again."""
    _ = texts(locale)
    organization = plain(row.organization_name)
    return Letter(
        locale=_.locale,
        subject=_("A part of the set-up of %(organization)s is wanted again", organization=organization),
        paragraphs=(
            _("You handed a part of the set-up of %(organization)s over. Whoever holds it asks for a new link: the old "
              "one ended on %(day)s.", organization=organization, day=_.datetime(row.ended or row.expires)),
            _whose(contact, _),
        ),
        reason=_("You get this because a setup link for %(organization)s was sent to you.", organization=organization),
        facts=((_("Organization"), organization), (_("To set up"), features(row.intents, _))),
        closing=(_("To hand it over again, open your own setup link and choose “Hand a step over”."),
                 _("Nothing happens unless you do.")),
        wearer=row.organization_name, look=row.details.get("look", {}),
    )  # fmt: skip


def waning(services: Services, row: SetupLink, locale: str, place: str) -> Letter:
    """The mail to the maker of a copied link before it ends: the portal knows nobody else to remind."""
    _ = texts(locale)
    organization = plain(row.organization_name)
    return Letter(
        locale=_.locale,
        subject=_("Your setup link for %(organization)s ends on %(day)s", organization=organization,
                  day=_.date(row.expires)),
        paragraphs=(
            _("You copied a setup link for %(organization)s. Not all of it is finished, and it ends soon. The portal "
              "does not know whom you gave it to: remind them, or make a new one.", organization=organization),
        ),
        reason=_("You get this mail because you made the link."),
        button=(_("Look at the link"), f"{services.settings.public_url}/{row.realm}/o/{place}/setup-link"),
        facts=((_("To set up"), features(row.intents, _)), (_("Works until"), _.datetime(row.expires))),
        wearer=row.organization_name, look=row.details.get("look", {}),
    )  # fmt: skip


def features(intents: Iterable[str], _: Texts) -> str:
    """What a link is for, as a list in words."""
    words = {
        "sso": _("Single sign-on"), "domain_verification": _("Domains"),
        "certificate_renewal": _("Certificates"), "audit_logs": _("Events"),
    }  # fmt: skip
    return ", ".join(words.get(intent, intent) for intent in intents)
