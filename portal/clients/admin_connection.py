"""python-keycloak's connection under the portal's rules: short deadlines, no repeats, no redirects, no proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keycloak import KeycloakOpenID, KeycloakOpenIDConnection
from keycloak.connection import ConnectionManager

from portal.clients.http import CONNECT, READ, REQUEST_ID, Patient
from portal.settings import Realm

Observe = Callable[..., None]
# The library says int, but hands this to requests as it is.
DEADLINES: Any = (CONNECT, READ)


class ServiceConnection(KeycloakOpenIDConnection):
    """A connection of one service client in one realm, for one thread."""

    def __init__(self, realm: Realm, client_id: str, secret: str, observe: Observe | None = None) -> None:
        super().__init__(
            # A trailing slash, or urljoin would drop a path such as /auth.
            server_url=f"{realm.internal_url}/",
            realm_name=realm.name,
            client_id=client_id,
            client_secret_key=secret,
            grant_type="client_credentials",
            timeout=DEADLINES,
            max_retries=0,
        )
        self._tokens = KeycloakOpenID(
            server_url=f"{realm.internal_url}/",
            realm_name=realm.name,
            client_id=client_id,
            client_secret_key=secret,
            timeout=DEADLINES,
            max_retries=0,
        )
        harden(self, observe)
        harden(self._tokens.connection, observe)

    @property
    def keycloak_openid(self) -> KeycloakOpenID:
        """What fetches this client's own token; the library's default would repeat a POST."""
        return self._tokens


def harden(connection: ConnectionManager, observe: Observe | None = None) -> None:
    """Take from a connection what it would do unasked: follow redirects, obey proxy variables. Number its requests."""
    session = connection._s
    session.trust_env = False
    session.max_redirects = 0
    session.auth = _numbered
    for scheme in ("http://", "https://"):
        session.mount(scheme, Patient())
    if observe:

        def report(response: Any, *_: Any, **__: Any) -> None:
            observe(response.request.method, response.request.url, response)

        session.hooks["response"].append(report)


def _numbered(prepared: Any) -> Any:
    prepared.headers["X-Request-ID"] = REQUEST_ID.get()
    return prepared
