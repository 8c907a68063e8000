"""From Keycloak's record of an event to what is kept of it: allowed fields only, and to whom it may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.clients.admin_events import LoggedChange, LoggedEvent
from portal.events.kinds import KNOWN

# Written when the active organization changes, in the name of whoever caused it: no change of a profile.
ACTIVE = {"new_active_organization_id", "previous_active_organization_id", "removed_active_organization_id"}
SHOWN = frozenset({"credential_type", "credential_user_label", "identity_provider", "selected_credential_label"})


@dataclass(frozen=True)
class Draft:
    """An event before it is known whose it is. `organization` is set where path or details name it.

    `actor` is the user id of who did it, `person` of whom it was done to: equal where somebody acted alone.
    """

    id: str
    at: datetime
    kind: str
    person: str
    actor: str
    organization: str = ""
    failed: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    hint: bool = False

    @property
    def shown(self) -> bool:
        """Whether there are words for it."""
        return self.kind in KNOWN


def of_event(event: LoggedEvent) -> Draft | None:
    """What is kept of something a person did; None for what is nobody's news."""
    if event.type == "UPDATE_PROFILE" and ACTIVE & event.details.keys():
        return None
    named = _id(event.details.get("joined_organization", "")) or _id(event.details.get("org_id", ""))
    details: dict[str, Any] = {key: value for key, value in event.details.items() if key in SHOWN}
    if event.details.get("invitation_id"):
        details["invitation"] = True
    elif event.type in {"CUSTOM_REQUIRED_ACTION", "EXECUTE_ACTION_TOKEN"}:
        return None
    if event.error:
        details["error"] = event.error[:64]
    failed = bool(event.error) or event.type.endswith("_ERROR") or "_DISABLED_BY_" in event.type
    return Draft(event.id, event.at, event.type, event.person, event.person, named, failed, details, bool(named))


def of_change(change: LoggedChange) -> Draft:
    """What is kept of something that was changed through an API."""
    path = change.path
    organization, person, rest = "", "", path[2:]
    if path[:1] == ("orgs",) and len(path) > 1:
        organization, person = _id(path[1]), _person(rest)
    elif path[:1] == ("users",) and len(path) > 1:
        person = _id(path[1])
        organization = _id(path[3]) if path[2:3] == ("orgs",) and len(path) > 3 else ""
    kind = _kind(change)
    details = {**_named(change, rest), **_values(change)} if kind in KNOWN else {}
    if change.error:
        details["error"] = change.error[:64]
    id_ = _folded(change, organization, person) if path[2:3] == ("orgs",) else change.id
    return Draft(id_, change.at, kind, person, change.actor, organization, bool(change.error), details)


def _kind(change: LoggedChange) -> str:
    if change.resource == "USER" and len(change.path) > 2:
        # Deeds upon an account are all called ACTION; the path says which.
        return f"USER.{change.path[2].upper()}"[:64]
    return f"{change.resource}.{change.operation}"[:64]


def _person(rest: tuple[str, ...]) -> str:
    """Whom a path below an organization names: `members/{id}` or `roles/{name}/users/{id}`."""
    if rest[:1] == ("members",) and len(rest) > 1:
        return _id(rest[1])
    return _id(rest[3]) if rest[:1] == ("roles",) and rest[2:3] == ("users",) and len(rest) > 3 else ""


def _named(change: LoggedChange, rest: tuple[str, ...]) -> dict[str, Any]:
    """What a path names besides people. Its last segment may stand there twice, and is not read."""
    keys = {"roles": "role", "domains": "domain", "idps": "identity_provider"}
    if change.path[:1] == ("orgs",) and len(rest) > 1 and rest[0] in keys:
        return {keys[rest[0]]: rest[1][:255]}
    return {}


def _values(change: LoggedChange) -> dict[str, Any]:
    wanted = {
        "ORGANIZATION": ("name", "displayName", "domains"), "INVITATION": ("email",), "USER": ("enabled",),
    }.get(change.resource, ())  # fmt: skip
    return {key: _cut(change.values[key]) for key in wanted if change.values.get(key) is not None}


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [str(each)[:255] for each in value[:50]]
    return value if isinstance(value, bool) else str(value)[:255]


def _folded(change: LoggedChange, organization: str, person: str) -> str:
    """One id for all events of one bulk change of roles: Keycloak writes one for each role, and names none."""
    second = int(change.at.timestamp())
    text = "|".join((organization, person, change.actor, change.operation, str(second)))
    return hashlib.sha256(text.encode()).hexdigest()[:36]


def _id(text: str) -> str:
    try:
        return str(UUID(text)) if len(text) == 36 else ""
    except ValueError:
        return ""
