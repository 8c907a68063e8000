"""What a realm holds now, read lazily and once."""

from __future__ import annotations

import json
from functools import cache, cached_property
from typing import Any, cast
from urllib.parse import quote

from portal.access import switched_off
from portal.connect.console import Console
from portal.errors import NotFound

RECORD = "portal.connect"
MANAGING = "manage-organizations"


class Found:
    """The realm as it is. Raises `NotFound` when there is no such realm.

    `keeper` is the client whose attribute holds the record of earlier runs: a client can be written by itself, while
    a realm attribute needs the whole realm sent back wherever there is no extension for it.
    """

    def __init__(self, console: Console, keeper: str = "portal-api") -> None:
        self.console = console
        self.keeper = keeper
        self.client = cache(self._client)
        self.role = cache(self._role)

    @cached_property
    def realm(self) -> dict[str, Any]:
        """The realm's representation."""
        found = self.console.get("")
        if found is None:
            raise NotFound(f"there is no realm {self.console.realm}")
        return cast(dict[str, Any], found)

    @cached_property
    def attributes(self) -> dict[str, str]:
        """The realm's attributes."""
        return self.realm.get("attributes") or {}

    @cached_property
    def record(self) -> dict[str, dict[str, Any]]:
        """What earlier runs made (`{"made": true}`) or changed (`{"was": …, "set": …}`), by key."""
        try:
            found = json.loads(((self.client(self.keeper) or {}).get("attributes") or {}).get(RECORD) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def clients(self) -> list[dict[str, Any]]:
        """All clients of the realm."""
        return self.console.get("clients", max=10_000) or []

    @cached_property
    def events(self) -> dict[str, Any]:
        """The realm's event settings."""
        return self.console.get("events/config") or {}

    @cached_property
    def required_actions(self) -> dict[str, dict[str, Any]]:
        """Registered required actions by alias."""
        return {action["alias"]: action for action in self.console.get("authentication/required-actions") or []}

    @cached_property
    def unregistered_actions(self) -> dict[str, str]:
        """Names of required actions this server knows and the realm has not registered."""
        found = self.console.get("authentication/unregistered-required-actions") or []
        return {action["providerId"]: action["name"] for action in found}

    @cached_property
    def scopes(self) -> dict[str, dict[str, Any]]:
        """Client scopes by name."""
        return {scope["name"]: scope for scope in self.console.get("client-scopes") or []}

    @cached_property
    def flows(self) -> dict[str, str]:
        """Ids of the realm's flows by alias."""
        return {flow["alias"]: str(flow["id"]) for flow in self.console.get("authentication/flows") or []}

    def executions(self, flow: str) -> list[dict[str, Any]]:
        """The steps of a flow, those of flows within it among them, in their order."""
        return self.console.get(f"authentication/flows/{quote(flow)}/executions") or []

    def step_config(self, config_id: str) -> dict[str, str]:
        """The settings of a step."""
        found = self.console.get(f"authentication/config/{config_id}") if config_id else None
        return dict((found or {}).get("config") or {})

    def uses_flow(self, alias: str) -> bool:
        """Whether an identity provider names the flow."""
        found = self.console.get("identity-provider/instances", max=10_000) or []
        keys = ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias")
        return any(alias in {each.get(key) for key in keys} for each in found)

    @cached_property
    def features(self) -> set[str]:
        """Features the server has on; empty where this credential may not read them."""
        found = self.console.server().get("features") or []
        return {feature["name"] for feature in found if feature.get("enabled")}

    @cached_property
    def organizations(self) -> bool:
        """Whether the realm has organizations: the extension answers, its roles are there, no switch is off."""
        switched_on = "org" not in switched_off(self.attributes)
        return switched_on and self.console.organizations and self.role("realm-management", MANAGING) is not None

    @cached_property
    def default_groups(self) -> list[dict[str, Any]]:
        """Groups every new account joins, service accounts included."""
        return self.console.get("default-groups") or []

    def made(self, key: str) -> bool:
        """Whether an earlier run made this."""
        return bool(self.record.get(key, {}).get("made"))

    def scope_mappings(self, client_id: str) -> dict[str, set[str]]:
        """Names of mapped roles by client (`""` for the realm's) of one client."""
        return self._mappings(f"clients/{self._uuid(client_id)}/scope-mappings")

    def service_mappings(self, client_id: str) -> dict[str, set[str]]:
        """Names of roles the client's service account holds directly, by client (`""` for the realm's)."""
        user = self.service_user(client_id)
        return self._mappings(f"users/{user['id']}/role-mappings") if user else {}

    def service_groups(self, client_id: str) -> list[dict[str, Any]]:
        """Groups the client's service account belongs to."""
        user = self.service_user(client_id)
        return (self.console.get(f"users/{user['id']}/groups") or []) if user else []

    def service_user(self, client_id: str) -> dict[str, Any] | None:
        """The client's service account, if it has one."""
        client = self.client(client_id)
        if not client or not client.get("serviceAccountsEnabled"):
            return None
        return cast("dict[str, Any] | None", self.console.get(f"clients/{client['id']}/service-account-user"))

    def client_roles(self, client_id: str) -> set[str]:
        """Names of a client's own roles."""
        return {role["name"] for role in self.console.get(f"clients/{self._uuid(client_id)}/roles") or []}

    def secret(self, client_id: str) -> str:
        """A confidential client's secret."""
        found = self.console.get(f"clients/{self._uuid(client_id)}/client-secret") or {}
        return str(found.get("value") or "")

    def forget(self) -> Found:
        """The same realm, read afresh."""
        return Found(self.console, self.keeper)

    def _client(self, client_id: str) -> dict[str, Any] | None:
        return next((c for c in self.console.get("clients", clientId=client_id) or []), None)

    def _role(self, container: str, name: str) -> dict[str, Any] | None:
        path = f"clients/{self._uuid(container)}/roles/{name}" if container else f"roles/{name}"
        found = self.console.get(path)
        return {"id": found["id"], "name": found["name"]} if found else None

    def _uuid(self, client_id: str) -> str:
        client = self.client(client_id)
        if client is None:
            raise NotFound(f"client {client_id}")
        return str(client["id"])

    def _mappings(self, path: str) -> dict[str, set[str]]:
        found = self.console.get(path) or {}
        mapped = {name: {r["name"] for r in c["mappings"]} for name, c in (found.get("clientMappings") or {}).items()}
        realm = {role["name"] for role in found.get("realmMappings") or []}
        return {**mapped, "": realm} if realm else mapped
