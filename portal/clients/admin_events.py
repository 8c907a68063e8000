"""Everything that happened in a realm, as Keycloak recorded it: read by `portal-read` for the projection of events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portal.access_grant import Grant
from portal.clients.admin import Admin, needs

PAGE = 200
# Of details and representations nothing else is taken: the rest may hold tokens, codes, addresses of networks.
DETAILS = frozenset(
    {
        "credential_type", "credential_user_label", "custom_required_action", "identity_provider", "invitation_id",
        "joined_organization", "new_active_organization_id", "org_id", "previous_active_organization_id",
        "removed_active_organization_id", "selected_credential_label",
    }
)  # fmt: skip
REPRESENTED = frozenset({"displayName", "domains", "email", "enabled", "name"})


@dataclass(frozen=True)
class LoggedEvent:
    """Something a person did. `at` is naive UTC as the store keeps times; `details` holds allowed keys only."""

    id: str
    at: datetime
    type: str
    person: str
    error: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> LoggedEvent:
        """From EventRepresentation (`time` in milliseconds)."""
        details = raw.get("details") or {}
        return cls(
            str(raw["id"]), _moment(raw), str(raw["type"]), str(raw.get("userId") or ""), str(raw.get("error") or ""),
            {key: str(details[key])[:255] for key in sorted(DETAILS & details.keys())},
        )  # fmt: skip


@dataclass(frozen=True)
class LoggedChange:
    """Something that was changed through an API. `path` is relative to the realm; `actor` is a user id."""

    id: str
    at: datetime
    operation: str
    resource: str
    path: tuple[str, ...]
    actor: str
    error: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> LoggedChange:
        """From AdminEventRepresentation, whose representation is JSON, or only an id in quotes."""
        path = tuple(part for part in str(raw.get("resourcePath") or "").split("/") if part)
        return cls(
            str(raw["id"]), _moment(raw), str(raw.get("operationType") or ""), str(raw.get("resourceType") or ""),
            path, str((raw.get("authDetails") or {}).get("userId") or ""), str(raw.get("error") or ""),
            _represented(str(raw.get("representation") or "")),
        )  # fmt: skip


def _represented(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {key: found[key] for key in sorted(REPRESENTED & found.keys())} if isinstance(found, dict) else {}


def _moment(raw: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(raw["time"]) / 1000, UTC).replace(tzinfo=None)


@needs("view-events")
def events_since(
    admin: Admin, grant: Grant, since: datetime, first: int = 0, types: Sequence[str] = ()
) -> list[LoggedEvent]:
    """Up to `PAGE` stored events of these types, oldest first, at or after `since` (naive UTC). GET …/events."""
    query = {**_query(since, first), "type": list(types)}
    return [LoggedEvent.parse(raw) for raw in admin._read(grant, lambda keycloak: keycloak.get_events(query))]


@needs("view-events")
def admin_events_since(admin: Admin, grant: Grant, since: datetime, first: int = 0) -> list[LoggedChange]:
    """Up to `PAGE` stored changes, oldest first, at or after `since` (naive UTC). GET …/admin-events.

    No `resourceTypes` are named: Keycloak parses them as an enum, and fails on those of the organizations extension.
    """
    query = _query(since, first)
    return [LoggedChange.parse(raw) for raw in admin._read(grant, lambda keycloak: keycloak.get_admin_events(query))]


def _query(since: datetime, first: int) -> dict[str, Any]:
    moment = int(since.replace(tzinfo=UTC).timestamp() * 1000)
    return {"dateFrom": max(0, moment), "direction": "asc", "first": max(0, first), "max": PAGE}
