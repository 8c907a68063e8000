"""What a key may be given, and which rights of the table that is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.access import BY_NAME, Facts, Verdict, decide
from portal.access_links import OFFERED

if TYPE_CHECKING:
    from portal.actor import Actor

LINK = "links:"
_LINK_RIGHTS = ("links.generate", "links.view", "links.revoke", "organizations.open")

SCOPES: dict[str, tuple[str, ...]] = {
    "organizations:read": ("organizations.list", "organizations.open", "organization.view"),
    "organizations:write": ("organizations.create", "organizations.open", "organization.edit", "organization.rename"),
    "organizations:delete": ("organization.erase", "organizations.open"),
    "domains:read": ("domains.view",),
    "domains:write": ("domains.view", "domains.manage"),
    "connections:read": ("sso.view",),
    "members:read": ("members.view", "roles.view"),
    "members:write": ("members.view", "members.remove", "roles.view", "roles.grant"),
    "invitations:read": ("invitations.view",),
    "invitations:write": ("invitations.view", "invitations.create", "invitations.manage"),
    "events:read": ("events.view", "events.export"),
    **{f"{LINK}{intent}": (*_LINK_RIGHTS, f"{LINK}{intent}") for intent in OFFERED},
}


def rights(scopes: Iterable[str]) -> frozenset[str]:
    """Names of the rights that these scopes open. Unknown ones open nothing."""
    return frozenset(name for scope in scopes for name in SCOPES.get(scope, ()))


def needed(right: str) -> list[str]:
    """Scopes of which each opens this right."""
    return [scope for scope, names in SCOPES.items() if right in names]


def beyond_key(actor: Actor, intents: Iterable[str]) -> str:
    """The scope that a key lacks for a link with these intents; empty if it lacks none or the actor has no key."""
    only = actor.facts.only
    lacking = [f"{LINK}{intent}" for intent in intents if only is not None and f"{LINK}{intent}" not in only]
    return lacking[0] if lacking else ""


def givable(scope: str, facts: Facts) -> bool:
    """Whether somebody with these facts may do himself, with a fresh sign-in, what the scope opens."""
    able = dataclasses.replace(facts, sign_in_age=0.0, switches_off=frozenset(), only=None)
    known = [BY_NAME[name] for name in SCOPES[scope] if name in BY_NAME]
    return all(decide(right, able) is Verdict.OK for right in known)


def label(scope: str) -> str:
    """A scope in words."""
    if scope.startswith(LINK):
        about = {
            "sso": _("Single sign-on"), "domain_verification": _("Domains"),
            "certificate_renewal": _("Certificates"), "audit_logs": _("Events"),
        }[scope.removeprefix(LINK)]  # fmt: skip
        return _("Make setup links: %(what)s", what=about)
    return {
        "organizations:read": _("See organizations"), "organizations:write": _("Make and change organizations"),
        "organizations:delete": _("Delete organizations"), "domains:read": _("See domains"),
        "domains:write": _("Add, check and remove domains"), "connections:read": _("See connections"),
        "members:read": _("See members and roles"), "members:write": _("Remove members, give and take roles"),
        "invitations:read": _("See invitations"), "invitations:write": _("Invite, resend and revoke"),
        "events:read": _("See and export events"),
    }[scope]  # fmt: skip
