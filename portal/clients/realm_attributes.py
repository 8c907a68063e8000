"""The attributes of a realm, read and written with an operator's own token.

Written one at a time where the events extension offers it; otherwise only as a whole, with every other attribute put
back as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.clients.account import TokenSource
from portal.clients.http import Http, segment
from portal.errors import Denied, NotFound, SessionEnded
from portal.settings import Realm


class RealmAttributes:
    """One realm. Raises `OperatorNeeded` when the operator has to confirm who he is, `Denied`, `Upstream`."""

    def __init__(self, realm: Realm, http: Http, token: TokenSource) -> None:
        self._one_by_one = f"{realm.base}/attributes"
        self._whole = realm.admin_base
        self._name = realm.name
        self._http = http
        self.token = token

    def check(self) -> None:
        """Whether there is a token to write with."""
        self.token()

    def single(self) -> bool:
        """Whether attributes can be written one at a time. GET /realms/{realm}/attributes."""
        try:
            self._send("GET", self._one_by_one)
        except NotFound:
            return False
        return True

    def read(self) -> dict[str, str]:
        """All attributes. GET /admin/realms/{realm}."""
        found = self._send("GET", self._whole) or {}
        return {str(key): str(value) for key, value in (found.get("attributes") or {}).items()}

    def write(self, key: str, value: str) -> None:
        """Set one attribute, or remove it when the value is empty. PUT and DELETE /realms/{realm}/attributes/{key}."""
        url = f"{self._one_by_one}/{segment(key)}"
        if value:
            self._send("PUT", url, {"realm": self._name, "name": key, "value": value})
        else:
            self._send("DELETE", url)

    def write_whole(self, attributes: Mapping[str, str]) -> None:
        """Replace all attributes by these. PUT /admin/realms/{realm}; other settings of the realm stay."""
        self._send("PUT", self._whole, {"realm": self._name, "attributes": dict(attributes)})

    def _send(self, method: str, url: str, body: Mapping[str, object] | None = None) -> Any:
        for renew in (False, True):
            try:
                return self._http.call(method, url, token=self.token(renew=renew), json=body)
            except SessionEnded as error:
                # 401 says that the token is over before its time, or that this client's tokens are refused here.
                if renew:
                    raise Denied("the operator's token is refused") from error
        raise AssertionError  # pragma: no cover
