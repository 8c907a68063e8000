"""Connections of organizations to identity providers, as `portal-setup` may touch them.

Each call takes a grant that names the organization and the alias. Neither Keycloak nor the extension checks that a
mapper belongs to the alias of the address, nor what it hands out: that is done here, before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.access_grant import Grant
from portal.clients.admin import needs
from portal.clients.connections_allowed import ROOT, check_alias, check_changes, check_mapper
from portal.clients.connections_types import IdentityProvider, Mapper, PersonField, fed
from portal.clients.http import Http, segment
from portal.clients.orgs_calls import Calls, known_id
from portal.clients.service_calls import READ, SETUP, ServiceCalls
from portal.errors import Denied, NotFound
from portal.settings import Realm

ROLES = ("view-organizations", "manage-organizations", "manage-identity-providers")


class Idps(Calls):
    """`/orgs/{id}/idps` of the extension, with its own shapes."""

    def call(self, method: str, organization_id: str, *parts: str, json: Any = None) -> Any:
        """One call below the identity providers of an organization."""
        path = "/".join(["/orgs", known_id(organization_id), "idps", *(segment(part) for part in parts)])
        return self._call(method, path, json=json)

    def name_of(self, organization_id: str) -> str:
        """The name by which mappers know the organization."""
        return str(self._call("GET", f"/orgs/{known_id(organization_id)}")["name"])


class ServiceConnections:
    """The identity providers of organizations, for all realms. Thread-safe."""

    def __init__(self, realms: Mapping[str, Realm], http: Http) -> None:
        self._idps = ServiceCalls(realms, http, Idps)
        self._realms = realms
        self._http = http

    @needs(*ROLES, client=SETUP)
    def all(self, grant: Grant, organization_id: str) -> list[IdentityProvider]:
        """All of an organization, by alias. `GET /orgs/{id}/idps`, not paged."""
        found = self._idps(grant, SETUP).call("GET", grant.covering(organization_id))
        return sorted((IdentityProvider.parse(raw) for raw in found or ()), key=lambda each: each.alias)

    @needs(*ROLES, client=SETUP)
    def get(self, grant: Grant, organization_id: str, alias: str) -> IdentityProvider:
        """One of an organization. Raises `NotFound`, also for what belongs to another or to the realm."""
        return IdentityProvider.parse(self._own(grant, organization_id, alias))

    @needs(*ROLES, client=SETUP)
    def create(
        self, grant: Grant, organization_id: str, alias: str, protocol: str, fields: Mapping[str, Any]
    ) -> IdentityProvider:
        """Make a connection, always disabled: making an enabled one unlinks the others. Raises `Conflict`."""
        check_alias(grant.covering(alias))
        check_changes(protocol, fields)
        config = {key: value for key, value in fields["config"].items() if value not in {None, ""}}
        body = {**fields, "alias": alias, "providerId": protocol, "enabled": False, "config": config}
        self._idps(grant, SETUP).call("POST", grant.covering(organization_id), json=body)
        return self.get(grant, organization_id, alias)

    @needs(*ROLES, client=SETUP)
    def update(self, grant: Grant, organization_id: str, alias: str, changes: Mapping[str, Any]) -> IdentityProvider:
        """Change these fields and configuration keys (None or "" removes one), nothing else. Returns it as it was.

        `GET`, then `PUT` of the whole: a masked secret that is sent back stays as it is.
        """
        raw = self._own(grant, organization_id, alias)
        before = IdentityProvider.parse(raw)
        if before.shared:
            raise Denied("shared between organizations")
        check_changes(before.protocol, changes)
        config = {**(raw.get("config") or {}), **(changes.get("config") or {})}
        kept = {key: value for key, value in config.items() if value not in {None, ""}}
        body = {**raw, **changes, "config": kept}
        self._idps(grant, SETUP).call("PUT", organization_id, alias, json=body)
        return before

    @needs(*ROLES, client=SETUP)
    def delete(self, grant: Grant, organization_id: str, alias: str) -> None:
        """Remove a connection, its mappers and everybody's link to it; accounts stay."""
        if IdentityProvider.parse(self._own(grant, organization_id, alias)).shared:
            raise Denied("shared between organizations")
        self._idps(grant, SETUP).call("DELETE", organization_id, alias)

    @needs(*ROLES, client=SETUP)
    def mappers(self, grant: Grant, organization_id: str, alias: str) -> list[Mapper]:
        """The mappers of one connection, by name."""
        self._own(grant, organization_id, alias)
        found = self._idps(grant, SETUP).call("GET", organization_id, alias, "mappers")
        mine = [Mapper.parse(raw) for raw in found or () if raw.get("identityProviderAlias") == alias]
        return sorted(mine, key=lambda each: each.name)

    @needs(*ROLES, client=SETUP)
    def add_mapper(self, grant: Grant, organization_id: str, alias: str, mapper: Mapper) -> str:
        """Add a mapper, whose own id does not count; returns the new one."""
        self._check(grant, organization_id, alias, mapper)
        body = mapper.representation(alias)
        self._idps(grant, SETUP).call("POST", organization_id, alias, "mappers", json=body)
        found = self.mappers(grant, organization_id, alias)
        return next(each.id for each in found if each.name == mapper.name)

    @needs(*ROLES, client=SETUP)
    def update_mapper(
        self, grant: Grant, organization_id: str, alias: str, mapper_id: str, config: Mapping[str, str]
    ) -> Mapper:
        """Replace what a mapper of this very connection says; returns it as it was. Raises `NotFound`."""
        present = self._mapper(grant, organization_id, alias, mapper_id)
        wanted = Mapper(present.id, present.name, present.kind, config)
        self._check(grant, organization_id, alias, wanted)
        body = {"id": present.id, **wanted.representation(alias)}
        self._idps(grant, SETUP).call("PUT", organization_id, alias, "mappers", present.id, json=body)
        return present

    @needs(*ROLES, client=SETUP)
    def remove_mapper(self, grant: Grant, organization_id: str, alias: str, mapper_id: str) -> Mapper:
        """Remove a mapper of this very connection; returns what it was. Raises `NotFound`."""
        present = self._mapper(grant, organization_id, alias, mapper_id)
        self._idps(grant, SETUP).call("DELETE", organization_id, alias, "mappers", present.id)
        return present

    @needs("view-users", client=READ)
    def used_by(self, grant: Grant, alias: str) -> int:
        """How many people are linked to it. `GET …/users/count?idpAlias=&enabled=`: alone the filter is ignored."""
        url = f"{self._realms[grant.realm].admin_base}/users/count"
        token = self._idps(grant, READ).token
        asked = [{"idpAlias": grant.covering(alias), "enabled": enabled} for enabled in ("true", "false")]
        return sum(int(self._http.call("GET", url, token=token(), params=params)) for params in asked)

    @needs("view-users", client=READ)
    def fields(self, grant: Grant) -> list[PersonField]:
        """Fields of people that an attribute or claim may feed. `GET …/users/profile`."""
        url = f"{self._realms[grant.realm].admin_base}/users/profile"
        return fed(self._http.call("GET", url, token=self._idps(grant, READ).token()) or {})

    def _own(self, grant: Grant, organization_id: str, alias: str) -> dict[str, Any]:
        raw = self._idps(grant, SETUP).call("GET", grant.covering(organization_id), grant.covering(alias))
        found: dict[str, Any] = raw or {}
        if found.get("alias") != alias or organization_id not in IdentityProvider.parse(found).owners:
            raise NotFound("not a connection of this organization")
        return found

    def _mapper(self, grant: Grant, organization_id: str, alias: str, mapper_id: str) -> Mapper:
        for each in self.mappers(grant, organization_id, alias):
            if each.id == mapper_id:
                return each
        raise NotFound("not a mapper of this connection")

    def _check(self, grant: Grant, organization_id: str, alias: str, mapper: Mapper) -> None:
        own = self.get(grant, organization_id, alias)
        if own.shared:
            raise Denied("shared between organizations")
        name = self._idps(grant, SETUP).name_of(organization_id) if "org" in mapper.config else ""
        check_mapper(own.protocol, mapper.kind, mapper.config, name)
        feeds = mapper.config.get("user.attribute", ROOT[0])
        if feeds not in ROOT and feeds not in {each.name for each in self.fields(grant)}:
            raise Denied("not a field that people fill in")
