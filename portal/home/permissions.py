"""The table of rights in words, for the page in the portal and for docs/permissions.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from portal.access import HTML, RIGHTS, Right, Scope, missing
from portal.actor import Actor

LABELS = {
    "profile.view": lazy_gettext("See your profile"),
    "profile.edit": lazy_gettext("Change your profile"),
    "profile.change_email": lazy_gettext("Change your email address"),
    "security.view": lazy_gettext("See how you sign in"),
    "security.password": lazy_gettext("Change your password"),
    "security.twofactor": lazy_gettext("Add and remove authenticator apps, security keys and recovery codes"),
    "security.passwordless": lazy_gettext("Add and remove passkeys"),
    "security.rename": lazy_gettext("Rename sign-in methods"),
    "devices.view": lazy_gettext("See where you are signed in"),
    "devices.end": lazy_gettext("Sign other devices out"),
    "activity.view": lazy_gettext("See recent activity"),
    "linked.view": lazy_gettext("See linked accounts"),
    "linked.link": lazy_gettext("Link an account"),
    "linked.unlink": lazy_gettext("Unlink an account"),
    "applications.view": lazy_gettext("See which applications have access"),
    "applications.revoke": lazy_gettext("Take access away from an application"),
    "data.download": lazy_gettext("Download your data"),
    "account.delete": lazy_gettext("Delete your account"),
    "organization.view": lazy_gettext("See the details of the organization"),
    "organization.edit": lazy_gettext("Change the details of the organization"),
    "organization.look": lazy_gettext("Give the organization its own logo and colours"),
    "organization.rename": lazy_gettext("Rename the organization"),
    "organization.place": lazy_gettext("Give the organization its place in the hierarchy"),
    "organization.delete": lazy_gettext("Delete the organization"),
    "members.view": lazy_gettext("See the members"),
    "members.remove": lazy_gettext("Remove members"),
    "roles.view": lazy_gettext("See roles"),
    "roles.grant": lazy_gettext("Give and take roles"),
    "roles.manage": lazy_gettext("Make and delete roles of the organization"),
    "invitations.view": lazy_gettext("See invitations"),
    "invitations.create": lazy_gettext("Invite people"),
    "invitations.manage": lazy_gettext("Resend and take back invitations"),
    "domains.view": lazy_gettext("See domains"),
    "domains.manage": lazy_gettext("Add, verify and remove domains"),
    "sso.view": lazy_gettext("See single sign-on connections"),
    "sso.setup": lazy_gettext("Set up single sign-on connections"),
    "sso.test": lazy_gettext("Test single sign-on connections"),
    "sso.try": lazy_gettext("Take part in a test of single sign-on"),
    "sso.manage": lazy_gettext("Enable, change and delete single sign-on connections"),
    "sso.map": lazy_gettext("Turn groups of an identity provider into roles"),
    "sso.policy": lazy_gettext("Demand single sign-on, and say who gets in without it"),
    "sso.review": lazy_gettext("Review rules of roles that are left without an author"),
    "sso.override": lazy_gettext("Enable a connection without a passed test"),
    "sso.renew": lazy_gettext("Renew metadata and certificates of single sign-on connections"),
    "links.view": lazy_gettext("See setup links"),
    "links.create": lazy_gettext("Make setup links"),
    "links.generate": lazy_gettext("Make setup links that open once, by a program"),
    "links.revoke": lazy_gettext("Revoke setup links"),
    "events.view": lazy_gettext("See events"),
    "events.export": lazy_gettext("Export events"),
    "organization.erase": lazy_gettext("Delete the organization, by a program"),
}


@dataclass(frozen=True)
class Row:
    """One right as shown: what it takes, and whether the reader has it."""

    label: str
    roles: str
    sections: str
    fresh: str
    held: bool


@dataclass(frozen=True)
class Held:
    """One right in an organization: whether the reader has it, and why not."""

    label: str
    held: bool
    reason: str


def rows(actor: Actor) -> list[Row]:
    """The rights about oneself, in the order of the table."""
    return [_row(right, actor.may(right)) for right in RIGHTS if right.scope is Scope.SELF and right.account]


def organization_rows(actor: Actor) -> list[Held]:
    """What the actor may do in the organization of the request, and for what he may not, what is lacking."""
    # What programs alone can do is no page of anybody's.
    rights = [right for right in RIGHTS if right.scope is Scope.ORG and right.organization and HTML in right.faces]
    return [Held(label_of(right), actor.may(right), _lacking(actor, right)) for right in rights]


def _lacking(actor: Actor, right: Right) -> str:
    lacking = missing(right, actor.facts)
    if not lacking:
        return "" if actor.may(right) else _("Switched off in this portal, or for those who run it.")
    return _("Lacking: %(roles)s", roles=", ".join(sorted(lacking)))


def _row(right: Right, held: bool) -> Row:
    minutes = right.fresh // 60
    fresh = ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes else ""
    return Row(label_of(right), roles_of(right, _("or")), ", ".join(right.sections), fresh, held)


def label_of(right: Right) -> str:
    """What the right lets a person do, in words."""
    return str(LABELS[right.name])


def roles_of(right: Right, either: str) -> str:
    """Role sets as text: `view-profile + manage-account`."""
    return f" {either} ".join(
        " + ".join(sorted(roles)) for roles in (*right.account, *right.organization, *right.realm)
    )


def markdown() -> str:
    """The whole table for the documentation."""
    return "\n".join([*_head(), *_lines()]) + "\n"


def _head() -> Iterator[str]:
    yield "# Who may what"
    yield ""
    yield "Made from `portal/access.py` by `make permissions`. Account roles are roles of Keycloak's client `account`;"
    yield "a section that is switched off refuses everything that names it; *fresh* is the greatest age of the sign-in."
    yield ""
    yield "| right | about | account roles | sections | Keycloak action | fresh | whose token | writes |"
    yield "|---|---|---|---|---|---|---|---|"


def _lines() -> Iterator[str]:
    for right in RIGHTS:
        cells = [
            f"`{right.name}`", right.scope.value, roles_of(right, "or"), ", ".join(right.sections), right.action,
            f"{right.fresh // 60} min" if right.fresh else "", right.via.value, "yes" if right.writes else "",
        ]  # fmt: skip
        yield "| " + " | ".join(cells) + " |"
