"""Keycloak's account REST API, called with the person's own token.

Source of every endpoint: `/realms/{realm}/account` of Keycloak 26 (`AccountRestService`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from portal.clients.account_access import Application, Device, LinkedAccount
from portal.clients.account_types import CredentialType, Profile
from portal.clients.http import Http, segment
from portal.errors import SessionEnded


class TokenSource(Protocol):
    """Gives the person's access token; `renew` asks for a new one in place of a refused one."""

    def __call__(self, *, renew: bool = False) -> str: ...


@dataclass(frozen=True)
class Account:
    """The account API bound to one person's token.

    Every call raises `Denied`, `NotFound`, `Invalid`, `SessionEnded` or `Upstream`.
    """

    base: str
    http: Http
    token: TokenSource
    language: str = "en"

    def profile(self) -> Profile:
        """`GET /` with the user-profile metadata: the values and what may be done with each."""
        return Profile.parse(self._get("/", params={"userProfileMetadata": "true"}))

    def save_profile(self, representation: dict[str, Any]) -> None:
        """`POST /`: Keycloak treats the representation as complete and deletes what is missing from it."""
        self._call("POST", "/", json=representation)

    def credentials(self) -> list[CredentialType]:
        """`GET /credentials`: every enabled type with the person's own ones."""
        return [CredentialType.parse(item) for item in self._get("/credentials")]

    def rename_credential(self, credential_id: str, label: str) -> None:
        """`PUT /credentials/{id}/label`; the body is a JSON string."""
        self._call("PUT", f"/credentials/{segment(credential_id)}/label", json=label)

    def devices(self) -> list[Device]:
        """`GET /sessions/devices`, regrouped by session: Keycloak merges devices of one operating system."""
        return Device.split(self._get("/sessions/devices"))

    def end_session(self, session_id: str) -> None:
        """`DELETE /sessions/{id}`: 204 also for ids that are unknown or another person's."""
        self._call("DELETE", f"/sessions/{segment(session_id)}")

    def end_other_sessions(self) -> None:
        """`DELETE /sessions?current=false`."""
        self._call("DELETE", "/sessions", params={"current": "false"})

    def linked_accounts(self) -> list[LinkedAccount]:
        """`GET /linked-accounts`: linked ones and those that may be linked."""
        return [LinkedAccount.parse(item) for item in self._get("/linked-accounts")]

    def unlink(self, alias: str) -> None:
        """`DELETE /linked-accounts/{alias}`; refusals come translated into the request's language."""
        self._call("DELETE", f"/linked-accounts/{segment(alias)}")

    def applications(self) -> list[Application]:
        """`GET /applications`."""
        return [Application.parse(item) for item in self._get("/applications")]

    def revoke_consent(self, client_id: str) -> None:
        """`DELETE /applications/{clientId}/consent`: ends its offline tokens and sessions too."""
        self._call("DELETE", f"/applications/{segment(client_id)}/consent")

    def groups(self) -> list[dict[str, Any]]:
        """`GET /groups` (role view-groups)."""
        return list(self._get("/groups"))

    def organizations(self) -> list[dict[str, Any]]:
        """`GET /realms/{realm}/orgs/me` of the organizations extension; `NotFound` where it is not installed."""
        found = self._request("GET", f"{self.base}/orgs/me")
        return [{"id": key, **value} for key, value in (found or {}).items()]

    def _get(self, path: str, **kwargs: Any) -> Any:
        return self._call("GET", path, **kwargs)

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._request(method, f"{self.base}/account{path}", **kwargs)

    def _request(self, method: str, url: str, **kwargs: Any) -> Any:
        def send(token: str) -> Any:
            headers = {"Accept-Language": self.language}
            return self.http.call(method, url, token=token, headers=headers, **kwargs)

        return with_renewal(self.token, send)


def with_renewal(token: TokenSource, send: Callable[[str], Any]) -> Any:
    """Call with the token; on 401 renew once and call again. A second 401 means the session is dead.

    A 401 is given before Keycloak acts, so repeating a write is safe.
    """
    try:
        return send(token())
    except SessionEnded:
        return send(token(renew=True))
