"""The service accounts' side of Keycloak's admin API, with python-keycloak inside.

python-keycloak is not thread safe, joins ids into paths unquoted and repeats POST by default. Here each thread has its
own client per realm, ids are UUIDs before they are used, and nothing is repeated but a read whose connection broke.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakConnectionError, KeycloakError

from portal.access_grant import Grant
from portal.clients.admin_connection import ServiceConnection
from portal.clients.admin_errors import broken_connection, portal_error
from portal.clients.admin_types import RealmFacts, UserEvent
from portal.clients.http import Breaker
from portal.clients.orgs_types import Member
from portal.clients.service_token import claims
from portal.errors import NotFound, PortalError, Upstream
from portal.settings import Realm

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

READ_CLIENT = "read"
PAGE_LIMIT = 100
_needed: dict[str, set[str]] = defaultdict(set)


def needs(*roles: str, client: str = READ_CLIENT) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the realm-management roles a call needs and the service client that makes it."""

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        _needed[client].update(roles)
        return function

    return declare


def service_roles(client: str = READ_CLIENT) -> frozenset[str]:
    """The realm-management roles a service client must hold: the union of what its calls declare, no more."""
    return frozenset(_needed[client])


class Admin:
    """Calls of the service clients for all configured realms. Safe to share between threads."""

    def __init__(self, realms: Mapping[str, Realm], observe: Callable[..., None] | None = None) -> None:
        """`observe(method, url, response)` is called after each answer, tokens included."""
        self._realms = realms
        self._observe = observe
        self._local = threading.local()
        self._breakers: dict[str, Breaker] = {}
        self._management_ids: dict[str, str] = {}

    @needs("view-realm")
    def realm_facts(self, grant: Grant) -> RealmFacts:
        """Settings of the grant's realm and which required actions are enabled.

        GET /admin/realms/{realm} and …/authentication/required-actions.
        """
        realm = self._read(grant, lambda keycloak: keycloak.get_realm(grant.realm))
        return RealmFacts.parse(realm, self._read(grant, lambda keycloak: keycloak.get_required_actions()))

    @needs("view-realm")
    def localization(self, grant: Grant, locale: str) -> dict[str, str]:
        """The realm's own texts in one language, those of its default language where one is missing.

        GET …/localization/{locale}.
        """
        address = f"/admin/realms/{quote(grant.realm)}/localization/{quote(locale, safe='')}"
        query = {"useRealmDefaultLocaleFallback": "true"}
        answer = self._read(grant, lambda keycloak: keycloak.connection.raw_get(address, **query).json())
        return {str(key): str(value) for key, value in answer.items()}

    @needs("view-events")
    def user_events(
        self, grant: Grant, user_id: str, first: int = 0, maximum: int = 50, types: Sequence[str] = ()
    ) -> list[UserEvent]:
        """Stored events of one person named by the grant, newest first. GET …/events?user=.

        Empty when the realm stores no events; `maximum` is at most 100.
        """
        query = {
            "user": _uuid(grant.covering(user_id)),
            "first": max(0, first),
            "max": min(max(1, maximum), PAGE_LIMIT),
            "type": list(types),
        }
        return [UserEvent.parse(raw) for raw in self._read(grant, lambda keycloak: keycloak.get_events(query))]

    @needs("view-users")
    def pending_email(self, grant: Grant, user_id: str) -> str:
        """The address that waits for its owner to open a link, or an empty string. GET …/users/{id}.

        Keycloak keeps it in attribute `kc.email.pending`, which the account API does not show.
        """
        wanted = _uuid(grant.covering(user_id))
        user = self._read(grant, lambda keycloak: keycloak.get_user(wanted))
        return str(next(iter((user.get("attributes") or {}).get("kc.email.pending") or []), ""))

    @needs("view-users")
    def person(self, grant: Grant, user_id: str) -> Member:
        """Name, address, state and linked providers of somebody, without roles. GET …/users/{id}. `NotFound`."""
        wanted = _uuid(grant.covering(user_id))
        return Member.parse(self._read(grant, lambda keycloak: keycloak.get_user(wanted)), "")

    @needs("view-users")
    def at(self, grant: Grant, email: str) -> list[Member]:
        """Accounts of exactly this address, roles left out. GET …/users?email=&exact=true.

        More than one only where the realm allows it.
        """
        query = {"email": grant.covering(email), "exact": True, "max": 2}
        return [Member.parse(raw, "") for raw in self._read(grant, lambda keycloak: keycloak.get_users(query))]

    @needs("view-users")
    def identity_providers(self, grant: Grant, user_id: str) -> tuple[str, ...]:
        """Aliases of the providers linked to somebody. GET …/users/{id}/federated-identity."""
        wanted = _uuid(grant.covering(user_id))
        found = self._read(grant, lambda keycloak: keycloak.get_user_social_logins(wanted))
        return tuple(sorted(str(each["identityProvider"]) for each in found))

    @needs("view-users")
    def credential_types(self, grant: Grant, user_id: str) -> frozenset[str]:
        """Which kinds of credentials somebody has, such as password. GET …/users/{id}/credentials."""
        wanted = _uuid(grant.covering(user_id))
        found = self._read(grant, lambda keycloak: keycloak.get_credentials(wanted))
        return frozenset(str(each["type"]) for each in found)

    @needs("view-users")
    def realm_roles(self, grant: Grant, user_id: str) -> frozenset[str]:
        """The roles of client `realm-management` that somebody holds, composites taken apart.

        GET …/users/{id}/role-mappings/clients/{uuid}/composite. None where the server hides them (`shows_roles`).
        """
        wanted = _uuid(grant.covering(user_id))
        container = self._management(grant)
        if not container:
            return frozenset()
        found = self._read(grant, lambda keycloak: keycloak.get_composite_client_roles_of_user(wanted, container))
        return frozenset(str(role["name"]) for role in found)

    @needs("view-users")
    def shows_roles(self, grant: Grant) -> bool:
        """Whether the server shows people's roles of clients to `view-users`.

        Keycloak 26.7.3 asks for `view-clients` besides (keycloak/keycloak#53004), which would show secrets too.
        """
        return bool(self._management(grant))

    def _management(self, grant: Grant) -> str:
        """The id of client `realm-management`, taken from the service account's own roles: reading clients would show
        their secrets too. Empty where these are hidden."""
        known = self._management_ids.get(grant.realm) or self._read(grant, self._own_container)
        if known:
            self._management_ids[grant.realm] = known
        return known

    @staticmethod
    def _own_container(keycloak: KeycloakAdmin) -> str:
        if not keycloak.connection.token:  # the first call of this thread
            keycloak.connection.get_token()
        own = claims(str((keycloak.connection.token or {})["access_token"]))
        held = keycloak.get_all_roles_of_user(own["sub"])
        return str((held.get("clientMappings") or {}).get("realm-management", {}).get("id", ""))

    @needs("view-users")
    def user_exists(self, grant: Grant, user_id: str) -> bool:
        """Whether the person named by the grant still has an account. GET …/users/{id}."""
        wanted = _uuid(grant.covering(user_id))
        try:
            self._read(grant, lambda keycloak: keycloak.get_user(wanted))
        except NotFound:
            return False
        return True

    def _read(self, grant: Grant, call: Callable[[KeycloakAdmin], T]) -> T:
        """Run a read, once more if the connection broke under it."""
        realm = self._realm(grant)
        breaker = self._breakers.setdefault(urlsplit(realm.internal_url).netloc, Breaker())
        breaker.check()
        try:
            answer = self._attempt(realm, call)
        except Upstream as error:
            if error.retryable:
                breaker.failed()
            raise
        breaker.succeeded()
        return answer

    def _attempt(self, realm: Realm, call: Callable[[KeycloakAdmin], T]) -> T:
        keycloak = self._keycloak(realm)
        try:
            try:
                return call(keycloak)
            except KeycloakConnectionError as error:
                if not broken_connection(error):
                    raise
                return call(keycloak)
        except (KeycloakError, TypeError) as error:
            raise _explained(error, realm) from error

    def _realm(self, grant: Grant) -> Realm:
        try:
            return self._realms[grant.realm]
        except KeyError as error:
            raise NotFound(grant.realm) from error

    def _keycloak(self, realm: Realm) -> KeycloakAdmin:
        """This thread's client for the realm: constructing one costs 30 ms and it must not be shared."""
        cached: dict[str, KeycloakAdmin] = self._local.__dict__.setdefault("clients", {})
        if realm.name not in cached:
            connection = ServiceConnection(realm, realm.read_client_id, realm.read_client_secret, self._observe)
            cached[realm.name] = KeycloakAdmin(connection=connection)
        return cached[realm.name]


def _uuid(value: str) -> str:
    """`value` as Keycloak writes ids; anything else is unknown and never reaches a path."""
    try:
        return str(UUID(value)) if len(value) == 36 else _unknown()
    except ValueError:
        return _unknown()


def _unknown() -> str:
    raise NotFound("not an id")


def _explained(error: Exception, realm: Realm) -> PortalError:
    if isinstance(error, KeycloakError):
        return portal_error(error, f"service client {realm.read_client_id} of realm {realm.name}")
    return Upstream("the answer had an unexpected shape", retryable=False)


__all__ = ["Admin", "RealmFacts", "UserEvent", "needs", "service_roles"]
