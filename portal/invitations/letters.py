"""The mail that invites, in the language of whoever is invited."""

from __future__ import annotations

from portal.mail.letter import Letter
from portal.mail.texts import plain, texts
from portal.organizations.words import role_summary
from portal.services import Services
from portal.store.models_organizations import Invitation


def letter(services: Services, row: Invitation, token: str, client: str) -> Letter:
    """The mail of an invitation. `token` is the raw one, `client` the name of the application it leads to."""
    _ = texts(row.locale)
    inviter, organization = plain(row.inviter_name), plain(row.organization_name)
    hello = _("Hello %(name)s,", name=plain(row.first_name)) if row.first_name else _("Hello,")
    facts = [(_("Organization"), organization), (_("Invited by"), inviter), (_("Roles"), role_summary(row.roles, _))]
    if client:
        facts.append((_("Application"), plain(client)))
    facts.append((_("Works until"), _.datetime(row.expires)))
    return Letter(
        locale=row.locale,
        subject=_("%(name)s invites you to %(organization)s", name=inviter, organization=organization),
        paragraphs=(
            hello,
            _("%(name)s invites you to join %(organization)s.", name=inviter, organization=organization),
        ),
        reason=_("You get this mail because %(name)s entered your address.", name=inviter),
        button=(_("Look at the invitation"), address(services, row.realm, token)),
        facts=tuple(facts),
        quote=row.message,
        closing=(
            _("Opening the link changes nothing yet: you decide on the page behind it."),
            _("If you do not know the sender, ignore this mail. Nothing happens then."),
        ),
    )


def address(services: Services, realm: str, token: str) -> str:
    """The link of a mail."""
    return f"{services.settings.public_url}/{realm}/invitation?token={token}"
