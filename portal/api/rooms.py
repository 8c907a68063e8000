"""Security, devices, linked accounts, applications, activity and the person's data as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.activity import actions as activity
from portal.actor import Actor
from portal.api.operations import Body, Operation
from portal.applications import actions as applications
from portal.clients.account_access import Application, Device, LinkedAccount
from portal.data import actions as data
from portal.devices import actions as devices
from portal.linked import actions as linked
from portal.security import actions as security


@dataclass(frozen=True)
class SignInMethod:
    """One way of signing in, never its secret."""

    id: str
    type: str
    name: str
    created: datetime | None


def methods(actor: Actor, _body: Body) -> list[SignInMethod]:
    """The password first, then the others."""
    found = security.overview(actor)
    password = [found.password] if found.password else []
    return [SignInMethod(each.id, each.type, each.name, each.created) for each in [*password, *found.methods]]


def rename(actor: Actor, body: Body, method_id: str) -> None:
    """Give a method another name."""
    everything, method = security.find(actor, method_id)
    security.rename(actor, method, everything.methods, str(body.get("name", "")).strip())


def sessions(actor: Actor, _body: Body) -> list[Device]:
    """Where the person is signed in."""
    return devices.devices(actor)


def end_session(actor: Actor, _body: Body, session_id: str) -> None:
    """End one session."""
    devices.end(actor, session_id)


def end_others(actor: Actor, _body: Body) -> None:
    """End every session but the one of this token."""
    devices.end_others(actor)


def accounts(actor: Actor, _body: Body) -> list[LinkedAccount]:
    """Linked providers and those that may be linked."""
    return linked.accounts(actor)


def unlink(actor: Actor, _body: Body, alias: str) -> None:
    """Take a link away."""
    linked.unlink(actor, alias)


def apps(actor: Actor, _body: Body) -> list[Application]:
    """Applications with access."""
    return applications.applications(actor)


def revoke(actor: Actor, _body: Body, client_id: str) -> None:
    """Take access away from an application."""
    applications.revoke(actor, client_id)


def happenings(actor: Actor, body: Body) -> activity.Activity:
    """A page of what happened lately."""
    number = str(body.get("page", "1"))
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1
    return activity.recent(actor, str(body.get("only", "all")), max(1, page))


def everything(actor: Actor, _body: Body) -> Mapping[str, Any]:
    """The copy of the person's data."""
    return data.collect(actor)


NAME = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 60}}}
FILTER = {"only": "all, sign-ins, changes or failures", "page": "From 1"}

OPERATIONS = (
    Operation(
        "GET", "/sign-in-methods", "security.view", "listSignInMethods", "How you sign in", methods, SignInMethod,
        many=True,
    ),
    Operation(
        "PATCH", "/sign-in-methods/<method_id>", "security.rename", "renameSignInMethod", "Rename a sign-in method",
        rename, body=NAME,
    ),
    Operation("GET", "/sessions", "devices.view", "listSessions", "Your sessions", sessions, Device, many=True),
    Operation("DELETE", "/sessions/<session_id>", "devices.end", "endSession", "End a session", end_session),
    Operation("DELETE", "/sessions", "devices.end", "endOtherSessions", "End all other sessions", end_others),
    Operation(
        "GET", "/linked-accounts", "linked.view", "listLinkedAccounts", "Linked accounts", accounts, LinkedAccount,
        many=True,
    ),
    Operation("DELETE", "/linked-accounts/<alias>", "linked.unlink", "unlinkAccount", "Unlink an account", unlink),
    Operation(
        "GET", "/applications", "applications.view", "listApplications", "Applications with access", apps, Application,
        many=True,
    ),
    Operation(
        "DELETE", "/applications/<path:client_id>/access", "applications.revoke", "revokeAccess",
        "Take access away from an application", revoke,
    ),
    Operation(
        "GET", "/activity", "activity.view", "listActivity", "Recent activity", happenings, activity.Activity,
        query=FILTER,
    ),
    Operation("GET", "/data", "data.download", "getData", "A copy of your data", everything, dict),
)  # fmt: skip
