"""The mail with the code that opens a setup link in another browser."""

from __future__ import annotations

from portal.mail.letter import Letter
from portal.mail.texts import plain, texts
from portal.services import Services
from portal.store.models_links import SetupLink


def letter(services: Services, link: SetupLink, code: str, *, minutes: int) -> Letter:  # noqa: ARG001
    """The code, what it is for, and for how long it is good."""
    _ = texts(link.locale)
    name = plain(link.organization_name)
    return Letter(
        locale=_.locale, subject=_("Your code: %(code)s", code=code),
        paragraphs=(
            _("Somebody opened your setup link for %(organization)s in another browser, or has to confirm a step.",
              organization=name),
            _("If that was you, enter this code on the page. It is good for %(minutes)s minutes.", minutes=minutes),
        ),
        facts=((_("Code"), code),),
        closing=(_("If it was not you, do nothing, and tell whoever sent you the link."),),
        reason=_("You get this because a setup link for %(organization)s was sent to you.", organization=name),
        wearer=link.organization_name, look=link.details.get("look", {}),
    )  # fmt: skip
