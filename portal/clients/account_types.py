"""What the account API answers, as typed values. Times are aware UTC datetimes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def at(value: Any, *, milliseconds: bool = False) -> datetime | None:
    """An epoch value as an aware UTC time; None for absent, zero or unreadable ones."""
    try:
        seconds = float(value) / (1000 if milliseconds else 1)
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class Attribute:
    """One field of the realm's user profile, as its owner may see it."""

    name: str
    display_name: str
    required: bool = False
    read_only: bool = False
    multivalued: bool = False
    group: str = ""
    annotations: dict[str, Any] = field(default_factory=dict)
    validators: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Attribute:
        """From `userProfileMetadata.attributes[]`."""
        return cls(
            name=str(raw["name"]),
            display_name=str(raw.get("displayName") or raw["name"]),
            required=bool(raw.get("required")),
            read_only=bool(raw.get("readOnly")),
            multivalued=bool(raw.get("multivalued")),
            group=str(raw.get("group") or ""),
            annotations=dict(raw.get("annotations") or {}),
            validators={k: dict(v or {}) for k, v in (raw.get("validators") or {}).items()},
        )


@dataclass(frozen=True)
class Group:
    """A heading of the realm's user profile."""

    name: str
    header: str
    description: str


ROOT_FIELDS = ("username", "email", "firstName", "lastName")


@dataclass(frozen=True)
class Profile:
    """The person's own account: the raw representation and its metadata."""

    raw: dict[str, Any]
    attributes: tuple[Attribute, ...]
    groups: tuple[Group, ...]

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Profile:
        """From `GET /account/?userProfileMetadata=true`."""
        metadata = raw.get("userProfileMetadata") or {}
        groups = tuple(
            Group(str(g["name"]), str(g.get("displayHeader") or g["name"]), str(g.get("displayDescription") or ""))
            for g in metadata.get("groups") or []
        )
        attributes = tuple(Attribute.parse(item) for item in metadata.get("attributes") or [])
        return cls({k: v for k, v in raw.items() if k != "userProfileMetadata"}, attributes, groups)

    def values(self, name: str) -> list[str]:
        """The values of a field, root field or attribute alike."""
        if name in ROOT_FIELDS:
            value = self.raw.get(name)
            return [str(value)] if value else []
        return [str(v) for v in (self.raw.get("attributes") or {}).get(name) or []]

    def value(self, name: str) -> str:
        """The first value of a field, or an empty string."""
        return next(iter(self.values(name)), "")

    @property
    def email_verified(self) -> bool:
        """Whether the present address is verified."""
        return bool(self.raw.get("emailVerified"))

    def with_values(self, changes: dict[str, list[str]]) -> dict[str, Any]:
        """The complete representation to post, with `changes` laid over everything else as it was."""
        body = dict(self.raw)
        attributes = {k: list(v) for k, v in (self.raw.get("attributes") or {}).items()}
        for name, values in changes.items():
            if name in ROOT_FIELDS:
                body[name] = values[0] if values else ""
            else:
                attributes[name] = values
        body["attributes"] = attributes
        return body


@dataclass(frozen=True)
class Credential:
    """One credential; never its secret."""

    id: str
    type: str
    label: str
    created: datetime | None
    details: dict[str, Any]
    warning: str = ""
    warning_text: str = ""

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Credential:
        """From `userCredentialMetadatas[]`."""
        item = raw.get("credential") or {}
        try:
            details = json.loads(item.get("credentialData") or "{}")
        except ValueError:
            details = {}
        return cls(
            id=str(item.get("id") or ""),
            type=str(item.get("type") or ""),
            label=str(item.get("userLabel") or ""),
            created=at(item.get("createdDate"), milliseconds=True),
            details=details if isinstance(details, dict) else {},
            warning=_message(raw.get("warningMessageTitle")),
            warning_text=_message(raw.get("warningMessageDescription")),
        )


def _message(raw: Any) -> str:
    if isinstance(raw, dict):
        return "|".join([str(raw.get("key") or ""), *[str(p) for p in raw.get("parameters") or []]])
    return str(raw or "")


@dataclass(frozen=True)
class CredentialType:
    """A kind of credential the realm's flows use, with the actions Keycloak names for it."""

    type: str
    category: str
    create_action: str
    update_action: str
    removable: bool
    credentials: tuple[Credential, ...]

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> CredentialType:
        """From one container of `GET /credentials`."""
        return cls(
            type=str(raw.get("type") or ""),
            category=str(raw.get("category") or ""),
            create_action=str(raw.get("createAction") or ""),
            update_action=str(raw.get("updateAction") or ""),
            removable=bool(raw.get("removeable")),
            credentials=tuple(Credential.parse(item) for item in raw.get("userCredentialMetadatas") or []),
        )
