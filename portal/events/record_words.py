"""What the portal's own records say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.events.kinds import group_of
from portal.events.words import groups


def of_record(tag: str, about: str, after: Mapping[str, Any]) -> str:
    """What a record of the portal says. `about` is a name, an address, a domain, or empty where none may be told."""
    found = _about(tag, about, after) if about else _plain(tag)
    if found:
        return found
    group = groups().get(group_of(tag), "")
    return _("Changed: %(what)s", what=group) if group else _("Something was changed")


def _about(tag: str, about: str, after: Mapping[str, Any]) -> str:
    known = {
        "members.remove": _("%(name)s was removed", name=about),
        "members.undo": _("The removal of %(name)s was taken back", name=about),
        "roles.grant": _("The roles of %(name)s were changed", name=about),
        "roles.manage": _("Role “%(role)s” was changed", role=about),
        "invitations.create": _("%(name)s was invited", name=about),
        "invitations.manage": _("The invitation of %(name)s was changed", name=about),
        "invitations.answer": _("%(name)s answered the invitation", name=about),
        "domains.manage": _("Domain %(name)s was changed", name=about),
    }
    invited = {
        "resend": _("The invitation of %(name)s was sent again", name=about),
        "resent": _("The invitation of %(name)s was sent again", name=about),
        "revoke": _("The invitation of %(name)s was withdrawn", name=about),
        "revoked": _("The invitation of %(name)s was withdrawn", name=about),
        "delete": _("The invitation of %(name)s was withdrawn", name=about),
    }
    deed = str(after.get("deed", "")) if tag == "invitations.manage" else ""
    return invited.get(deed, "") or known.get(tag, "") or _plain(tag)


def _plain(tag: str) -> str:
    return {
        "members.remove": _("A member was removed"),
        "roles.grant": _("The roles of a member were changed"),
        "roles.manage": _("A role was changed"),
        "invitations.create": _("Somebody was invited"),
        "invitations.manage": _("An invitation was changed"),
        "invitations.answer": _("An invitation was answered"),
        "domains.manage": _("A domain was changed"),
        "organization.create": _("The organization was created"),
        "organization.edit": _("The details of the organization were changed"),
        "organization.rename": _("The organization was given another name"),
        "organization.place": _("The organization was given another place"),
        "organization.delete": _("The organization was deleted"),
        "organization.leave": _("Left the organization"),
        "events.export": _("Events were exported"),
    }.get(tag, "")
