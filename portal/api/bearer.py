"""From a bearer token to the actor (AUTHORIZATION rules for person tokens; RFC 6750, RFC 7662)."""

from __future__ import annotations

import time
from typing import Any

from flask import g, request

from portal.actor import Actor
from portal.clients.orgs import Orgs
from portal.clients.realm_attributes import RealmAttributes
from portal.errors import Denied, Invalid, SessionEnded
from portal.keys.authenticate import key_actor, looks_like_key
from portal.services import Services
from portal.settings import Realm
from portal.signin import person

CLIENTS = "portal.apiClients"


class Given:
    """The token as it came: it is not ours to renew."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, *, renew: bool = False) -> str:
        """The token; a refused one ends the matter."""
        if renew:
            raise SessionEnded("the bearer token was refused")
        return self._token


def caller(services: Services, realm: Realm) -> Actor:
    """Who calls, a person by a token or a program by its key.

    Raises `SessionEnded` without a living token or key, `Denied` for a token that is not meant for this API.
    """
    header = request.headers.get("Authorization", "")
    if looks_like_key(header):
        about = {"ip_address": request.remote_addr or "", "request_id": g.request_id}
        return key_actor(services, header, about, realm.name)
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise SessionEnded("no bearer token")
    claims = _introspected(services, realm, token.strip())
    if not claims.get("active") or claims.get("iss") != realm.issuer or not claims.get("sub"):
        raise SessionEnded("the bearer token lives no more, or is of another realm")
    _check_purpose(services, realm, claims)
    return _actor(services, realm, claims, Given(token.strip()))


def _introspected(services: Services, realm: Realm, token: str) -> dict[str, Any]:
    """What Keycloak says of the token; nothing of one that it cannot read at all."""
    try:
        return services.provider(realm.name).introspect(token)
    except Invalid:
        return {}


def _check_purpose(services: Services, realm: Realm, claims: dict[str, Any]) -> None:
    audience = claims.get("aud")
    if realm.api_client_id not in (audience if isinstance(audience, list) else [audience]):
        raise Denied("bearer: audience")
    allowed = services.realm_facts(realm.name).attributes.get(CLIENTS, "").split()
    if claims.get("azp") not in allowed:
        raise Denied("bearer: client is not on the list")
    if claims.get("typ") != "Bearer":
        raise Denied("bearer: type")
    if str(claims.get("username", "")).startswith("service-account-") or not claims.get("sid"):
        raise Denied("bearer: not a person")


def _actor(services: Services, realm: Realm, claims: dict[str, Any], token: Given) -> Actor:
    age = time.time() - float(claims.get("auth_time") or 0)
    language = request.accept_languages.best_match(["en", "de"]) or "en"
    return Actor(
        kind="person", realm=realm, sub=str(claims["sub"]), sid=str(claims.get("sid") or ""),
        username=str(claims.get("username") or ""), name=str(claims.get("name") or ""),
        email=str(claims.get("email") or ""), locale=language, auth_time=int(claims.get("auth_time") or 0),
        identity_provider=str(claims.get("identity_provider") or ""),
        client=str(claims.get("azp") or ""), ip_address=request.remote_addr or "", request_id=g.request_id,
        facts=person.facts(services, realm, person.account_roles(claims), age), roles_at=time.time(),
        own_services=services, own_account=person.account(services, realm, token, language),
        own_orgs=Orgs(realm.base, services.http, token),
        own_attributes=RealmAttributes(realm, services.http, token),
    )  # fmt: skip
