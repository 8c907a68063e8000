"""The organizations extension as each service client calls it: one token source per realm and client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from portal.access_grant import Grant
from portal.clients.http import Http
from portal.clients.orgs_calls import Calls
from portal.clients.service_token import ServiceToken
from portal.errors import NotFound, Upstream
from portal.settings import Realm

READ, SETUP = "read", "setup"
C_co = TypeVar("C_co", bound=Calls, covariant=True)


class Maker(Protocol[C_co]):
    """What makes calls out of an address, a session and a token source."""

    def __call__(self, base: str, http: Http, token: ServiceToken, service: bool, /) -> C_co: ...


class ServiceCalls(Generic[C_co]):
    """Calls of the service clients for all realms, made when first asked for. Thread-safe."""

    def __init__(self, realms: Mapping[str, Realm], http: Http, make: Maker[C_co]) -> None:
        self._realms = realms
        self._http = http
        self._make = make
        self._known: dict[tuple[str, str], C_co] = {}

    def __call__(self, grant: Grant, kind: str) -> C_co:
        """Those of one service client in the grant's realm. Raises `NotFound`, and `Upstream` without a secret."""
        try:
            realm = self._realms[grant.realm]
        except KeyError as error:
            raise NotFound(grant.realm) from error
        if (realm.name, kind) not in self._known:
            self._known[realm.name, kind] = self._made(realm, kind)
        return self._known[realm.name, kind]

    def _made(self, realm: Realm, kind: str) -> C_co:
        client_id, secret = (
            (realm.read_client_id, realm.read_client_secret)
            if kind == READ
            else (realm.setup_client_id, realm.setup_client_secret)
        )
        if not secret:
            raise Upstream(f"service client {client_id} is not configured", retryable=False)
        return self._make(realm.base, self._http, ServiceToken(realm.base, client_id, secret, self._http), True)
