"""What happened, in plain words: Keycloak's events and the portal's own records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.activity import words as activity
from portal.events.kinds import ACCOUNTS, SIGN_INS


def groups() -> dict[str, str]:
    """The kinds to choose from."""
    return {
        "sign-ins": _("Sign-ins"), "accounts": _("Accounts"), "members": _("Members"), "roles": _("Roles"),
        "invitations": _("Invitations"), "domains": _("Domains"), "sso": _("Single sign-on"),
        "organization": _("Organization"), "failed": _("Whatever failed"),
    }  # fmt: skip


def somebody() -> str:
    """Who stands in the place of a name that is not known."""
    return _("Somebody")


def operator() -> str:
    """Who stands in the place of those who run the realm: they are not named to its organizations."""
    return _("An operator")


def service() -> str:
    """Who stands in the place of a service client of the portal that acted without a record."""
    return _("A service account")


def program() -> str:
    """Who did what an application asked for with a key."""
    return _("An application")


def portal() -> str:
    """Who did what nobody asked for at that moment."""
    return _("This portal")


def holder(link_id: str) -> str:
    """The guests of a setup link, by the link: never by an address."""
    return _("Holder of link %(id)s", id=link_id[:8])


def of_event(kind: str, person: str, details: Mapping[str, Any]) -> str:
    """What an event of Keycloak says. `person` is the name of whom it is about."""
    if "." not in kind and (kind in SIGN_INS or kind in ACCOUNTS):
        return _own_words(kind) or activity.of_event(kind, {key: str(value) for key, value in details.items()})
    if kind.startswith("ORGANIZATION_ROLE"):
        return _of_role(kind, person, str(details.get("role", "")))
    if kind.startswith("INVITATION"):
        return _of_invitation(kind, str(details.get("email", "")))
    if kind.startswith("IDENTITY_PROVIDER"):
        return _of_connection(kind, str(details.get("identity_provider", "")))
    return _of_person(kind, person or somebody()) or _of_organization(kind, details)


def _own_words(kind: str) -> str:
    """Where words about oneself would not do."""
    return {
        "IMPERSONATE": _("An administrator signed in in this person's place"),
        "IDENTITY_PROVIDER_POST_LOGIN": _("Came in through single sign-on"),
        "DELETE_ACCOUNT": _("Account deleted"),
    }.get(kind, "")


def _of_person(kind: str, name: str) -> str:
    return {
        "ORGANIZATION_MEMBERSHIP.CREATE": _("%(name)s became a member", name=name),
        "ORGANIZATION_MEMBERSHIP.DELETE": _("%(name)s is no longer a member", name=name),
        "CUSTOM_REQUIRED_ACTION": _("%(name)s answered an invitation", name=name),
        "EXECUTE_ACTION_TOKEN": _("%(name)s followed the link of an invitation", name=name),
        "USER.UPDATE": _("The account of %(name)s was changed", name=name),
        "USER.DELETE": _("The account of %(name)s was deleted", name=name),
        "USER.RESET-PASSWORD": _("%(name)s was given a new password", name=name),
        "USER.EXECUTE-ACTIONS-EMAIL": _("%(name)s was sent a mail to put the account in order", name=name),
        "USER.SEND-VERIFY-EMAIL": _("%(name)s was sent a mail to verify the address", name=name),
        "USER.CREDENTIALS": _("A sign-in method of %(name)s was changed", name=name),
        "USER.LOGOUT": _("%(name)s was signed out everywhere", name=name),
        "USER.IMPERSONATION": _("An administrator signed in in the place of %(name)s", name=name),
    }.get(kind, "")


def _of_role(kind: str, person: str, role: str) -> str:
    name = person or somebody()
    if role:
        return {
            "ORGANIZATION_ROLE.CREATE": _("Role “%(role)s” created", role=role),
            "ORGANIZATION_ROLE.UPDATE": _("Role “%(role)s” changed", role=role),
            "ORGANIZATION_ROLE.DELETE": _("Role “%(role)s” deleted", role=role),
            "ORGANIZATION_ROLE_MAPPING.CREATE": _("%(name)s was given the role “%(role)s”", name=name, role=role),
            "ORGANIZATION_ROLE_MAPPING.DELETE": _("%(name)s lost the role “%(role)s”", name=name, role=role),
        }.get(kind, "")
    return {
        "ORGANIZATION_ROLE.CREATE": _("A role was created"),
        "ORGANIZATION_ROLE.UPDATE": _("A role was changed"),
        "ORGANIZATION_ROLE.DELETE": _("A role was deleted"),
        "ORGANIZATION_ROLE_MAPPING.CREATE": _("%(name)s was given roles", name=name),
        "ORGANIZATION_ROLE_MAPPING.DELETE": _("%(name)s lost roles", name=name),
    }.get(kind, "")


def _of_invitation(kind: str, email: str) -> str:
    if kind == "INVITATION.CREATE":
        return _("%(name)s was invited", name=email or somebody())
    return _("The invitation of %(name)s ended", name=email) if email else _("An invitation ended")


def _of_connection(kind: str, alias: str) -> str:
    name = alias or "?"
    return {
        "IDENTITY_PROVIDER.CREATE": _("Single sign-on connection “%(name)s” created", name=name),
        "IDENTITY_PROVIDER.UPDATE": _("Single sign-on connection “%(name)s” changed", name=name),
        "IDENTITY_PROVIDER.DELETE": _("Single sign-on connection “%(name)s” deleted", name=name),
        "IDENTITY_PROVIDER_MAPPER.CREATE": _("A mapping of connection “%(name)s” was created", name=name),
        "IDENTITY_PROVIDER_MAPPER.UPDATE": _("A mapping of connection “%(name)s” was changed", name=name),
        "IDENTITY_PROVIDER_MAPPER.DELETE": _("A mapping of connection “%(name)s” was deleted", name=name),
    }.get(kind, "")


def _of_organization(kind: str, details: Mapping[str, Any]) -> str:
    return {
        "DOMAIN.UPDATE": _("The record of domain %(name)s was looked up", name=details.get("domain", "?")),
        "ORGANIZATION.CREATE": _("The organization was created"),
        "ORGANIZATION.UPDATE": _("The details of the organization were saved"),
        "ORGANIZATION.DELETE": _("The organization was deleted"),
        "ORGANIZATION_IMPORT.CREATE": _("The organization was imported"),
    }.get(kind, "")


def why(error: str) -> str:
    """Why something failed, as far as that is anybody's business."""
    return activity.why(error)


def labels() -> dict[str, str]:
    """What the fields of an event or record are called. Others are not shown."""
    return {
        "name": _("Name"), "display_name": _("Display name"), "displayName": _("Display name"), "url": _("Address"),
        "domain": _("Domain"), "domains": _("Domains"), "route": _("Route"), "description": _("Description"),
        "roles": _("Roles"), "role": _("Role"), "granted": _("Given"), "revoked": _("Taken"),
        "lost": _("No longer given"), "refused": _("Refused"), "email": _("Email"), "days": _("Days"),
        "answer": _("Answer"), "state": _("State"), "enabled": _("Enabled"), "members": _("Members"),
        "invitations": _("Invitations"), "count": _("Number"), "format": _("Format"), "rows": _("Lines"),
        "identity_provider": _("Through"),
    }  # fmt: skip
