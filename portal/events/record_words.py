"""What the portal's own records say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.events.kinds import group_of
from portal.events.words import groups

# Fields that say what came of a deed, where the deed alone does not.
_OUTCOMES = {"verify": ("state", "refused")}


def of_record(tag: str, about: str, after: Mapping[str, Any]) -> str:
    """What a record of the portal says. `about` is a name, an address, a domain, or empty where none may be told."""
    deed = " ".join(str(after[key]) for key in ("deed", *_OUTCOMES.get(str(after.get("deed")), ())) if key in after)
    found = (_told(tag, deed, about) if about else "") or _plain(tag)
    if found:
        return found
    group = groups().get(group_of(tag), "")
    return _("Changed: %(what)s", what=group) if group else _("Something was changed")


def _told(tag: str, deed: str, about: str) -> str:
    rooms = {"members": _of_member, "roles": _of_role, "invitations": _of_invitation, "domains": _of_domain}
    room = rooms.get(tag.partition(".")[0])
    return room(f"{tag} {deed}".strip(), about) if room else ""


def _of_member(what: str, name: str) -> str:
    return {
        "members.remove": _("%(name)s was removed", name=name),
        "members.restore": _("The removal of %(name)s was undone", name=name),
    }.get(what, "")


def _of_role(what: str, about: str) -> str:
    return {
        "roles.grant": _("The roles of %(name)s were changed", name=about),
        "roles.manage create": _("Role “%(role)s” created", role=about),
        "roles.manage describe": _("Role “%(role)s” changed", role=about),
        "roles.manage delete": _("Role “%(role)s” deleted", role=about),
    }.get(what, "")


def _of_invitation(what: str, name: str) -> str:
    return {
        "invitations.create": _("%(name)s was invited", name=name),
        "invitations.manage resend": _("The invitation of %(name)s was sent again", name=name),
        "invitations.manage revoke": _("The invitation of %(name)s was taken back", name=name),
        "invitations.answer": _("%(name)s answered the invitation", name=name),
        "invitations.password": _("A mail to choose a password was sent to %(name)s", name=name),
        "invitations.expire": _("The invitation of %(name)s expired", name=name),
    }.get(what, "")


def _of_domain(what: str, name: str) -> str:
    return {
        "domains.manage add": _("Domain %(name)s added", name=name),
        "domains.manage remove": _("Domain %(name)s removed", name=name),
        "domains.manage restore": _("The removal of domain %(name)s was undone", name=name),
        "domains.manage verify verified": _("Domain %(name)s was verified", name=name),
        "domains.manage verify proved": _("The record of domain %(name)s was found", name=name),
        "domains.manage verify held": _("Domain %(name)s was refused", name=name),
        "domains.manage verify": _("Verification of domain %(name)s", name=name),
        "domains.manage fail": _("The record of domain %(name)s is missing", name=name),
        "domains.manage lapse": _("Domain %(name)s is no longer verified", name=name),
    }.get(what, _("Domain %(name)s was changed", name=name))


def _plain(tag: str) -> str:
    return {
        "members.remove": _("A member was removed"),
        "members.restore": _("The removal of a member was undone"),
        "roles.grant": _("The roles of a member were changed"),
        "roles.manage": _("A role was changed"),
        "invitations.create": _("Somebody was invited"),
        "invitations.manage": _("An invitation was changed"),
        "invitations.answer": _("An invitation was answered"),
        "invitations.password": _("A mail to choose a password was sent"),
        "invitations.expire": _("An invitation expired"),
        "domains.manage": _("A domain was changed"),
        "organization.create": _("The organization was created"),
        "organization.edit": _("The details of the organization were changed"),
        "organization.rename": _("The organization was given another name"),
        "organization.place": _("The organization was given another place"),
        "organization.delete": _("The organization was deleted"),
        "organization.leave": _("Left the organization"),
        "events.export": _("Events were exported"),
        "links.create": _("A setup link was made"),
        "links.send": _("A setup link was mailed again"),
        "links.open": _("A setup link was opened"),
        "links.revoke": _("A setup link was revoked"),
        "links.leave": _("The holder of a setup link left"),
        "links.finish": _("A part of a set-up was finished"),
    }.get(tag, "")


def values() -> dict[str, str]:
    """Words for the few values that are no words of people."""
    return {
        "pending": _("waiting for its record"), "proved": _("record found"), "verified": _("verified"),
        "failing": _("record missing"), "lapsed": _("no longer verified"), "held": _("verified by somebody else"),
        "accept": _("accepted"), "accepted": _("accepted"), "decline": _("declined"), "declined": _("declined"),
    }  # fmt: skip
