"""An identity provider and its mappers as Keycloak has them; secrets come masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.clients.connections_allowed import DOMAINS, MASKED, OWNERS, PENDING, RESERVED, ROOT, SHARED

SEPARATOR = "##"


@dataclass(frozen=True)
class IdentityProvider:
    """A connection at Keycloak. `domains` lead to it; `owners` are the organizations that have it."""

    alias: str
    protocol: str
    display_name: str = ""
    enabled: bool = True
    hidden: bool = False
    store_token: bool = False
    trust_email: bool = False
    link_only: bool = False
    first_flow: str = ""
    post_flow: str = ""
    config: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> IdentityProvider:
        """From Keycloak's IdentityProviderRepresentation."""
        return cls(
            alias=str(raw["alias"]),
            protocol=str(raw.get("providerId") or ""),
            display_name=str(raw.get("displayName") or ""),
            enabled=bool(raw.get("enabled", True)),
            hidden=bool(raw.get("hideOnLogin")),
            store_token=bool(raw.get("storeToken")),
            trust_email=bool(raw.get("trustEmail")),
            link_only=bool(raw.get("linkOnly")),
            first_flow=str(raw.get("firstBrokerLoginFlowAlias") or ""),
            post_flow=str(raw.get("postBrokerLoginFlowAlias") or ""),
            config={str(key): str(value) for key, value in (raw.get("config") or {}).items()},
        )

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains whose people are led here, where an organization has several connections."""
        return tuple(sorted(each for each in self.config.get(DOMAINS, "").split(SEPARATOR) if each))

    @property
    def owners(self) -> frozenset[str]:
        """Ids of the organizations it belongs to."""
        return frozenset(each for each in self.config.get(OWNERS, "").split(SEPARATOR) if each)

    @property
    def shared(self) -> bool:
        """Whether several organizations have it: then none of them may change it."""
        return self.config.get(SHARED) == "true" or len(self.owners) > 1

    @property
    def pending(self) -> bool:
        """Whether no domain leads to it yet."""
        return self.config.get(PENDING) == "true"

    @property
    def has_secret(self) -> bool:
        """Whether Keycloak holds a client secret."""
        return self.config.get("clientSecret") == MASKED


@dataclass(frozen=True)
class Mapper:
    """A mapper of an identity provider."""

    id: str
    name: str
    kind: str
    config: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Mapper:
        """From Keycloak's IdentityProviderMapperRepresentation."""
        return cls(
            str(raw["id"]), str(raw["name"]), str(raw["identityProviderMapper"]),
            {str(key): str(value) for key, value in (raw.get("config") or {}).items()},
        )  # fmt: skip

    def representation(self, alias: str) -> dict[str, Any]:
        """For Keycloak, as a mapper of this alias and no other."""
        return {
            "name": self.name,
            "identityProviderAlias": alias,
            "identityProviderMapper": self.kind,
            "config": dict(self.config),
        }


@dataclass(frozen=True)
class PersonField:
    """A field of the realm's user profile. `label` is its display name, which may be a message key."""

    name: str
    label: str

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> PersonField:
        """From an attribute of Keycloak's UPConfig."""
        return cls(str(raw["name"]), str(raw.get("displayName") or raw["name"]))


def fed(profile: Mapping[str, Any]) -> list[PersonField]:
    """The fields of a user profile (UPConfig) that people may fill in themselves, reserved ones left out.

    What only administrators write is trusted elsewhere: no identity provider of an organization may say it.
    """
    found = [
        PersonField.parse(raw)
        for raw in profile.get("attributes") or ()
        if "user" in ((raw.get("permissions") or {}).get("edit") or ()) and not str(raw["name"]).startswith(RESERVED)
    ]
    return [*(each for each in found if each.name in ROOT), *(each for each in found if each.name not in ROOT)]


def joined(domains: Any) -> str:
    """Domains as the extension keeps them."""
    return SEPARATOR.join(sorted(domains))
