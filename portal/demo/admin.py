"""A small admin client for seeding: the bootstrap administrator's token and plain calls."""

from __future__ import annotations

import time
from typing import Any

import requests

from portal.demo.errors import DemoError

_TOKEN_SECONDS = 45  # of the 60 that admin-cli's tokens live
_NOT_FOUND = 404


class Admin:
    """Calls below `base_url` as the administrator of realm master.

    Every method raises `DemoError` with Keycloak's own words when a call fails.
    """

    def __init__(self, base_url: str, username: str, password: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.public_url = self.base_url
        self._login = {"username": username, "password": password}
        self._session = requests.Session()
        self._until = 0.0

    def get(self, path: str, **params: Any) -> Any:
        """The parsed answer, or None if there is no such thing."""
        answer = self._send("GET", path, params=params)
        return None if answer.status_code == _NOT_FOUND else answer.json()

    def post(self, path: str, body: Any = None) -> str:
        """Create; returns the new object's id if Keycloak names one."""
        answer = self._checked(self._send("POST", path, json=body))
        return answer.headers.get("Location", "").rpartition("/")[2]

    def put(self, path: str, body: Any = None) -> None:
        """Replace or set."""
        self._checked(self._send("PUT", path, json=body))

    def delete(self, path: str, body: Any = None) -> None:
        """Remove; what is gone already is fine."""
        answer = self._send("DELETE", path, json=body)
        if answer.status_code != _NOT_FOUND:
            self._checked(answer)

    def client_uuid(self, realm: str, client_id: str) -> str:
        """The internal id of a client."""
        found = self.get(f"/admin/realms/{realm}/clients", clientId=client_id)
        if not found:
            raise DemoError(f"Realm {realm} has no client {client_id}: run `make demo-reset` to import it anew.")
        return str(found[0]["id"])

    def client_secret(self, realm: str, client_id: str) -> str:
        """The client's secret, made now if it has none."""
        path = f"/admin/realms/{realm}/clients/{self.client_uuid(realm, client_id)}/client-secret"
        value = (self.get(path) or {}).get("value")
        if not value:
            self.post(path)
            value = self.get(path)["value"]
        return str(value)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def _send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        if time.monotonic() > self._until:
            self._session.headers["Authorization"] = f"Bearer {self._token()}"
            self._until = time.monotonic() + _TOKEN_SECONDS
        try:
            return self._session.request(method, self.base_url + path, timeout=60, **kwargs)
        except requests.RequestException as error:
            raise DemoError(f"Keycloak at {self.base_url} does not answer: {error}") from error

    def _token(self) -> str:
        url = f"{self.base_url}/realms/master/protocol/openid-connect/token"
        form = {"grant_type": "password", "client_id": "admin-cli", **self._login}
        try:
            answer = self._session.post(url, data=form, timeout=30, headers={"Authorization": ""})
        except requests.RequestException as error:
            raise DemoError(f"Keycloak at {self.base_url} does not answer: {error}") from error
        return str(self._checked(answer).json()["access_token"])

    def _checked(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            request = answer.request
            raise DemoError(f"Keycloak refused {request.method} {request.path_url}: {answer.status_code} {answer.text}")
        return answer
