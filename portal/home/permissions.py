"""The table of rights in words, for the page in the portal and for docs/permissions.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access import HTML, RIGHTS, Right, Scope, missing
from portal.actor import Actor


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
    labels = {
        "profile.view": _("See your profile"),
        "profile.edit": _("Change your profile"),
        "profile.change_email": _("Change your email address"),
        "security.view": _("See how you sign in"),
        "security.password": _("Change your password"),
        "security.twofactor": _("Add and remove authenticator apps, security keys and recovery codes"),
        "security.passwordless": _("Add and remove passkeys"),
        "security.rename": _("Rename sign-in methods"),
        "devices.view": _("See where you are signed in"),
        "devices.end": _("Sign other devices out"),
        "activity.view": _("See recent activity"),
        "linked.view": _("See linked accounts"),
        "linked.link": _("Link an account"),
        "linked.unlink": _("Unlink an account"),
        "applications.view": _("See which applications have access"),
        "applications.revoke": _("Take access away from an application"),
        "data.download": _("Download your data"),
        "account.delete": _("Delete your account"),
        "organization.view": _("See the details of the organization"),
        "organization.edit": _("Change the details of the organization"),
        "organization.look": _("Give the organization its own logo and colours"),
        "organization.rename": _("Rename the organization"),
        "organization.place": _("Give the organization its place in the hierarchy"),
        "organization.delete": _("Delete the organization"),
        "members.view": _("See the members"),
        "members.remove": _("Remove members"),
        "roles.view": _("See roles"),
        "roles.grant": _("Give and take roles"),
        "roles.manage": _("Make and delete roles of the organization"),
        "invitations.view": _("See invitations"),
        "invitations.create": _("Invite people"),
        "invitations.manage": _("Resend and take back invitations"),
        "domains.view": _("See domains"),
        "domains.manage": _("Add, verify and remove domains"),
        "sso.view": _("See single sign-on connections"),
        "sso.setup": _("Set up single sign-on connections"),
        "sso.test": _("Test single sign-on connections"),
        "sso.try": _("Take part in a test of single sign-on"),
        "sso.manage": _("Enable, change and delete single sign-on connections"),
        "sso.map": _("Turn groups of an identity provider into roles"),
        "sso.policy": _("Demand single sign-on, and say who gets in without it"),
        "sso.review": _("Review rules of roles that are left without an author"),
        "sso.override": _("Enable a connection without a passed test"),
        "sso.renew": _("Renew metadata and certificates of single sign-on connections"),
        "links.view": _("See setup links"),
        "links.create": _("Make setup links"),
        "links.generate": _("Make setup links that open once, by a program"),
        "links.revoke": _("Revoke setup links"),
        "events.view": _("See events"),
        "events.export": _("Export events"),
    }
    return labels[right.name]


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
