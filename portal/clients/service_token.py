"""Access tokens of service clients (RFC 6749 4.4), one per client until four fifths of its life are over."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from portal.clients.http import Http, result
from portal.errors import Denied, SessionEnded, Upstream


@dataclass
class ServiceToken:
    """The token source of one service client. Thread-safe: one thread fetches, the others wait."""

    base: str
    client_id: str
    secret: str = field(repr=False)
    http: Http
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, *, renew: bool = False) -> str:
        """A living token. Raises `Upstream` when Keycloak refuses the client: that is a matter of the set-up."""
        before = self._token
        with self._lock:
            if (renew and self._token == before) or time.monotonic() > self._until:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        url = f"{self.base}/protocol/openid-connect/token"
        answer = self.http.send(
            "POST", url, data={"grant_type": "client_credentials"}, auth=(self.client_id, self.secret)
        )
        try:
            found = result(answer)
        except (SessionEnded, Denied) as error:
            raise Upstream(f"service client {self.client_id} was refused", retryable=False) from error
        self._token = str(found["access_token"])
        self._until = time.monotonic() + 0.8 * float(found.get("expires_in") or 60)


def claims(token: str) -> dict[str, Any]:
    """Claims of a token that came straight from Keycloak. Raises `ValueError` when it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not a JWT")
    found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    return found if isinstance(found, dict) else {}
