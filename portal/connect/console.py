"""The administrator's side of one realm, with the credential the operator lent for this run."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import requests
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError, KeycloakGetError, raise_error_from_response

from portal.clients.admin_connection import harden
from portal.clients.admin_errors import portal_error
from portal.connect.changes import ATTRIBUTE, MERGE, Call, resolve
from portal.connect.credential import Credential
from portal.errors import NotFound, PortalError

# An operator waits at a terminal; a server under load may take this long to write a realm.
DEADLINES: Any = (3.0, 30.0)


class Console:
    """Admin calls in one realm. Raises `portal.errors` types alone; not for use by several threads."""

    def __init__(self, address: str, realm: str, credential: Credential) -> None:
        self.address = address
        self.realm = realm
        connection = KeycloakOpenIDConnection(
            server_url=f"{address}/",
            realm_name=realm,
            user_realm_name=credential.realm,
            client_id=credential.client_id,
            client_secret_key=credential.client_secret or None,
            username=credential.username or None,
            password=credential.password or None,
            totp=credential.totp,
            token=credential.bearer(),
            timeout=DEADLINES,
            max_retries=0,
        )
        harden(connection)
        harden(connection.keycloak_openid.connection)
        self._connection = KeycloakAdmin(connection=connection).connection

    def get(self, path: str, **query: Any) -> Any:
        """JSON at `path` below the realm's admin address; None when there is no such thing."""
        try:
            return self._checked(lambda: self._connection.raw_get(self._url(path), **query))
        except NotFound:
            return None

    def send(self, call: Call) -> None:
        """Do one call of a change."""
        if call.method == ATTRIBUTE:
            self.set_attribute(call.path, call.body)
            return
        if call.method == MERGE:
            self._merge(call)
            return
        path = self._url(resolve(call.path, self._find))
        body = None if call.body is None else json.dumps(self._resolved(call.body))
        writer = {
            "POST": self._connection.raw_post,
            "PUT": self._connection.raw_put,
            "DELETE": self._connection.raw_delete,
        }[call.method]
        self._checked(lambda: writer(path, data=body))

    def set_attribute(self, name: str, value: str | None) -> None:
        """Set or remove one realm attribute, by the events extension if it is there, else with the whole realm."""
        url = f"realms/{quote(self.realm, safe='')}/attributes/{quote(name, safe='')}"
        if self.one_by_one:
            self._set_alone(url, name, value)
            return
        realm = self.get("")
        attributes = {**(realm.get("attributes") or {}), name: value}
        # The whole representation: fields that Keycloak keeps as attributes would be lost with the attributes alone.
        realm["attributes"] = {key: text for key, text in attributes.items() if text is not None}
        self.send(Call("PUT", "", realm))

    @property
    def one_by_one(self) -> bool:
        """Whether the server writes realm attributes one at a time (`/realms/{realm}/attributes`)."""
        url = f"realms/{quote(self.realm, safe='')}/attributes"
        try:
            return isinstance(self._checked(lambda: self._connection.raw_get(url)), dict)
        except PortalError:
            return False

    @property
    def organizations(self) -> bool:
        """Whether the server has the organizations extension (`/realms/{realm}/orgs`); a refusal is an answer too."""
        url = f"realms/{quote(self.realm, safe='')}/orgs"
        try:
            self._checked(lambda: self._connection.raw_get(url, max=1))
        except NotFound:
            return False
        except PortalError:
            return True
        return True

    def server(self) -> dict[str, Any]:
        """What the server says of itself (GET /admin/serverinfo); empty where this credential may not read it."""
        try:
            found = self._checked(lambda: self._connection.raw_get("admin/serverinfo"))
        except PortalError:
            return {}
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        """End the session this run opened, so that nothing of the credential outlives it."""
        token = self._connection.token or {}
        if token.get("refresh_token"):
            try:
                self._connection.keycloak_openid.logout(token["refresh_token"])
            except KeycloakError:
                return

    def _merge(self, call: Call) -> None:
        # A realm's fields may be sent alone. Of event settings, Keycloak spells out defaults that are not stored:
        # sending them back would freeze them.
        kept = {} if call.path == "" else self.get(call.path) or {}
        body = {key: value for key, value in kept.items() if key not in {"enabledEventTypes", "eventsListeners"}}
        self.send(Call("PUT", call.path, {**body, **call.body}))

    def _set_alone(self, url: str, name: str, value: str | None) -> None:
        if value is None:
            self._checked(lambda: self._connection.raw_delete(url))
            return
        body = json.dumps({"realm": self.realm, "name": name, "value": value})
        self._checked(lambda: self._connection.raw_put(url, data=body))

    def _url(self, path: str) -> str:
        return f"admin/realms/{quote(self.realm, safe='')}" + (f"/{path}" if path else "")

    def _find(self, kind: str, name: str) -> str:
        found = {
            "client": self._client_id,
            "scope": self._scope_id,
            "user": self._service_user_id,
            "step": self._step_id,
        }[kind](name)
        if not found:
            raise NotFound(f"{kind} {name}")
        return found

    def _client_id(self, name: str) -> str:
        return str(next((client["id"] for client in self.get("clients", clientId=name) or []), ""))

    def _scope_id(self, name: str) -> str:
        return str(next((s["id"] for s in self.get("client-scopes") or [] if s["name"] == name), ""))

    def _service_user_id(self, name: str) -> str:
        user = self.get(f"clients/{self._client_id(name)}/service-account-user")
        return str((user or {}).get("id") or "")

    def _step_id(self, name: str) -> str:
        """The id of a step by `flow/step`, where the step is an authenticator or a flow of its own."""
        flow, _, step = name.rpartition("/")
        found = self.get(f"authentication/flows/{quote(flow)}/executions") or []
        return str(next((each["id"] for each in found if step in {each.get("providerId"), each["displayName"]}), ""))

    def _resolved(self, body: Any) -> Any:
        return json.loads(resolve(json.dumps(body), self._find))

    def _checked(self, request: Any) -> Any:
        try:
            response: requests.Response = request()
            return raise_error_from_response(response, KeycloakGetError, [200, 201, 202, 204])
        except KeycloakError as error:
            raise portal_error(error, "this credential") from error
