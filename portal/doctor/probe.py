"""Everything the checks of one realm share: where it is and what the portal's own clients can fetch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests

from portal.access import switched_off
from portal.access_grant import system
from portal.clients.admin import Admin, RealmFacts
from portal.clients.http import Http
from portal.connect.console import Console
from portal.connect.found import Found
from portal.errors import PortalError
from portal.settings import Realm, Settings, is_loopback


@dataclass
class Probe:
    """One realm under examination.

    `found` is there when an administrator's credential was given, `operator` when somebody who runs the realm looks
    with a token of his own: he sees less.
    """

    settings: Settings
    realm: Realm
    http: Http = field(default_factory=Http)
    found: Found | None = None
    operator: Console | None = None

    @cached_property
    def admin(self) -> Admin:
        """The service account's calls."""
        return Admin({self.realm.name: self.realm})

    @cached_property
    def discovery(self) -> dict[str, requests.Response | PortalError]:
        """Answers of the discovery document at both addresses, or why there was none."""
        return {address: self._discover(address) for address in self.addresses}

    @property
    def addresses(self) -> list[str]:
        """The public and the internal address, once if they are the same."""
        return list(dict.fromkeys([self.realm.keycloak_url, self.realm.internal_url]))

    @property
    def reachable(self) -> bool:
        """Whether the portal's own calls get an answer."""
        answer = self.discovery[self.realm.internal_url]
        return isinstance(answer, requests.Response) and answer.status_code == 200

    @property
    def document(self) -> dict[str, Any]:
        """The discovery document as the portal sees it; empty when there is none."""
        answer = self.discovery[self.realm.internal_url]
        try:
            found = answer.json() if isinstance(answer, requests.Response) and answer.status_code == 200 else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def public(self) -> bool:
        """Whether Keycloak's public address is on a network at all."""
        return not is_loopback(urlsplit(self.realm.keycloak_url).hostname or "")

    @cached_property
    def service_token(self) -> str:
        """An access token of the reading service account, fetched once. Raises `PortalError`."""
        return self.fresh_token()

    def fresh_token(self) -> str:
        """An access token of the reading service account, fetched now. Raises `PortalError`."""
        return self.token_of(self.realm.read_client_id, self.realm.read_client_secret)

    def token_of(self, client_id: str, secret: str) -> str:
        """An access token of a service account, fetched now. Raises `PortalError`."""
        answer = self.http.call(
            "POST",
            f"{self.realm.base}/protocol/openid-connect/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, secret),
        )
        return str(answer["access_token"])

    @cached_property
    def facts(self) -> RealmFacts:
        """The realm's settings as the reading service account sees them. Raises `PortalError`."""
        return self.admin.realm_facts(system(self.realm.name))

    @cached_property
    def extension(self) -> bool:
        """Whether the server has the organizations extension."""
        return self.status(f"{self.realm.base}/orgs") not in {0, 404}

    @cached_property
    def server(self) -> dict[str, Any]:
        """What the server says of itself. It tells its version to administrators of a realm, its extensions to all."""
        seer = self.found.console if self.found else self.operator
        if seer:
            return seer.server()
        try:
            info = self.http.call("GET", f"{self.realm.internal_url}/admin/serverinfo", token=self.service_token)
        except PortalError:
            return {}
        return info if isinstance(info, dict) else {}

    @property
    def organizations(self) -> bool:
        """Whether the realm has organizations: the extension is there and no switch seen is off."""
        try:
            return self.extension and "org" not in switched_off(dict(self.facts.attributes))
        except PortalError:
            return self.extension

    def status(self, url: str, **kwargs: Any) -> int:
        """Status of a GET without credentials; 0 when nothing answered."""
        try:
            return self.http.send("GET", url, **kwargs).status_code
        except PortalError:
            return 0

    @property
    def connect_command(self) -> str:
        """The `portal connect` line that mends what connect can mend."""
        realm = self.realm
        internal = f" --internal-url {realm.internal_url}" if realm.internal_url != realm.keycloak_url else ""
        return (
            f"portal connect --keycloak-url {realm.keycloak_url}{internal} --realm {realm.name}"
            f" --portal-url {self.settings.public_url} --username ADMIN"
        )

    def _discover(self, address: str) -> requests.Response | PortalError:
        try:
            return self.http.send("GET", f"{address}/realms/{self.realm.name}/.well-known/openid-configuration")
        except PortalError as error:
            return error
