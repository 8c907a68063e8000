"""What the organizations back end brings back: typed, cut to what rooms use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

SYNTHETIC = "org-admin-"
LOOK_LOGO, LOOK_BACKGROUND, LOOK_HEADER = "portal.logo", "portal.background", "portal.headerStyle"
RESERVED_ATTRIBUTES = ("portal.", "_providerConfig", "home.idp.", "org.", "kc.")


@dataclass(frozen=True)
class Organization:
    """An organization. `raw` is the back end's own shape, so that a save loses nothing of it."""

    id: str
    name: str
    display_name: str = ""
    url: str = ""
    domains: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Any], organization_id: str = "") -> Organization:
        """From OrganizationRepresentation, or an entry of `/orgs/me`, whose id is its key."""
        attributes = {
            str(key): tuple(str(value) for value in values or ())
            for key, values in (raw.get("attributes") or {}).items()
        }
        return cls(
            id=organization_id or str(raw["id"]),
            name=str(raw.get("name") or ""),
            display_name=str(raw.get("displayName") or ""),
            url=str(raw.get("url") or ""),
            # Older ones may hold an empty string among their domains.
            domains=tuple(sorted(str(domain) for domain in raw.get("domains") or () if domain)),
            attributes=attributes,
        )

    @property
    def label(self) -> str:
        """What to call it on a page."""
        return self.display_name or self.name

    @property
    def shown_attributes(self) -> dict[str, tuple[str, ...]]:
        """The attributes people may see: reserved prefixes are neither shown nor written."""
        return {key: values for key, values in sorted(self.attributes.items()) if not reserved(key)}

    @property
    def look(self) -> dict[str, str]:
        """What it says of its look, unchecked: `portal.styles.organization` reads it."""
        found = {key: "".join(self.attributes.get(key, ())[:1]) for key in (LOOK_LOGO, LOOK_BACKGROUND, LOOK_HEADER)}
        return {key: value for key, value in found.items() if value}

    def representation(self) -> dict[str, Any]:
        """The whole of it, as `PUT /orgs/{id}` wants it: what is left out is deleted."""
        return {
            "id": self.id,
            "name": self.name,
            "displayName": self.display_name or None,
            "url": self.url or None,
            "domains": list(self.domains),
            "attributes": {key: list(values) for key, values in self.attributes.items()},
        }


def reserved(attribute: str) -> bool:
    """Whether an attribute belongs to the portal, the extension or Keycloak."""
    return attribute.startswith(RESERVED_ATTRIBUTES)


@dataclass(frozen=True)
class Belonging:
    """An organization somebody belongs to, with the roles held there (`/orgs/me`)."""

    organization: Organization
    roles: frozenset[str]


@dataclass(frozen=True)
class Member:
    """A member with the roles held in this one organization. `created` is UTC.

    `providers` are the aliases of linked identity providers; only the admin API tells them (`GET …/users/{id}`).
    """

    id: str
    username: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    enabled: bool = True
    email_verified: bool = False
    created: datetime | None = None
    roles: frozenset[str] = frozenset()
    locale: str = ""
    providers: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: Mapping[str, Any], organization_id: str) -> Member:
        """From UserRepresentation with `organizations`; roles in other organizations are dropped here."""
        stamp = raw.get("createdTimestamp")
        return cls(
            id=str(raw["id"]),
            username=str(raw.get("username") or ""),
            email=str(raw.get("email") or ""),
            first_name=str(raw.get("firstName") or ""),
            last_name=str(raw.get("lastName") or ""),
            enabled=bool(raw.get("enabled", True)),
            email_verified=bool(raw.get("emailVerified")),
            created=datetime.fromtimestamp(stamp / 1000, UTC) if stamp else None,
            roles=frozenset(str(role["name"]) for role in (raw.get("organizations") or {}).get(organization_id) or ()),
            locale=str(next(iter((raw.get("attributes") or {}).get("locale") or ()), "")),
            providers=tuple(sorted(str(each["identityProvider"]) for each in raw.get("federatedIdentities") or ())),
        )

    def with_roles(self, roles: frozenset[str]) -> Member:
        """The same person with these roles."""
        return replace(self, roles=roles)

    @property
    def label(self) -> str:
        """The name, or what else identifies the person."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.username or self.email


@dataclass(frozen=True)
class Role:
    """A role of an organization: one of the eleven every organization has, or one of its own."""

    name: str
    description: str = ""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Role:
        """From OrganizationRoleRepresentation."""
        return cls(str(raw["name"]), str(raw.get("description") or ""))


@dataclass(frozen=True)
class Invited:
    """An invitation as the back end keeps it. `created` is UTC, to the minute."""

    id: str
    email: str
    created: datetime | None = None
    inviter: str = ""
    organization: str = ""
    roles: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Invited:
        """From InvitationRepresentation."""
        return cls(
            id=str(raw["id"]),
            email=str(raw.get("email") or ""),
            created=_moment(raw.get("createdAt")),
            inviter=str(raw.get("inviterId") or ""),
            organization=str(raw.get("organizationId") or ""),
            roles=tuple(str(role) for role in raw.get("roles") or ()),
        )


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ListedDomain:
    """A domain listed on the organization in Keycloak."""

    name: str
    verified: bool = False


@dataclass(frozen=True)
class RoleResult:
    """The answer for one role of a bulk change (207 Multi-Status)."""

    role: str
    done: bool
    reason: str = ""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> RoleResult:
        """From one entry of a bulk answer."""
        status, item = int(raw.get("status") or 0), raw.get("item") or {}
        return cls(str(item.get("name") or ""), 200 <= status < 300, str(raw.get("error") or ""))
