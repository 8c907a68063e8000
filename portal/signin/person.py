"""From a session row to the actor of a request."""

from __future__ import annotations

import time
from typing import Any

from portal.access import BY_NAME, Facts, switched_off
from portal.actor import Actor
from portal.clients.account import Account, TokenSource
from portal.clients.orgs import Orgs
from portal.clients.realm_attributes import RealmAttributes
from portal.errors import SessionEnded
from portal.services import Services
from portal.settings import Realm
from portal.signin.sessions import Browser
from portal.signin.tokens import OperatorKeeper, TokenKeeper
from portal.standing import Standing
from portal.store.models import SessionRow

ACTIONS = frozenset(right.action for right in BY_NAME.values() if right.action)


def of_browser(services: Services, realm: Realm, browser: Browser, language: str, about: dict[str, Any]) -> Actor:
    """The person signed in here, with the roles remembered in the row. `language` is that of the page."""
    row = browser.row
    if row is None or row.sub is None:
        raise SessionEnded("nobody is signed in")
    keeper = TokenKeeper(services.sessions, services.provider(realm.name), row)
    claims = row.claims
    standing = Standing.parse(row.roles.get("standing") or {})
    return Actor(
        kind="person", realm=realm, sub=row.sub, sid=row.sid or "", auth_time=row.auth_time, locale=language,
        username=claims.get("preferred_username", ""), name=claims.get("name", ""), email=claims.get("email", ""),
        identity_provider=claims.get("identity_provider", ""),
        facts=facts(services, realm, row.roles.get("account", []), time.time() - row.auth_time, standing),
        standing=standing, own_orgs=Orgs(realm.base, services.http, keeper),
        own_attributes=RealmAttributes(realm, services.http, operator_keeper(services, realm, row)),
        remember=lambda parts: services.sessions.remember(row, parts),
        roles_at=row.roles_at, own_services=services, own_account=account(services, realm, keeper, language),
        **about,
    )  # fmt: skip


def operator_keeper(services: Services, realm: Realm, row: SessionRow) -> OperatorKeeper:
    """The source of the token with which an operator writes the realm's settings."""
    return OperatorKeeper(services.sessions, services.operator_provider(realm.name), row)


def account(services: Services, realm: Realm, token: TokenSource, language: str) -> Account:
    """The account API with the person's own token."""
    return Account(realm.base, services.http, token, language)


def facts(services: Services, realm: Realm, roles: list[str], age: float, standing: Standing | None = None) -> Facts:
    """What a decision rests on: the roles given, and the realm's switches and actions."""
    known = services.realm_facts(realm.name)
    stands = standing or Standing()
    without = frozenset() if stands.available else frozenset({"org"})
    return Facts(
        signed_in=True,
        account_roles=frozenset(roles),
        switches_off=switched_off(dict(known.attributes)) | without,
        realm_roles=stands.realm_roles,
        actions_off=frozenset(action for action in ACTIONS if not known.required_actions.get(action)),
        sign_in_age=age,
    )


def fresh_roles(services: Services, someone: Actor) -> frozenset[str]:
    """The person's roles of client `account` as Keycloak has them now, remembered in the session row.

    RFC 7662 on the person's own token. Raises `SessionEnded` when the token lives no more, even after a refresh.
    """
    keeper = someone.account.token
    claims = _introspected(services, someone, keeper)
    roles = frozenset(account_roles(claims))
    if isinstance(keeper, TokenKeeper):
        services.sessions.keep_roles(keeper.row, {"account": sorted(roles)}, time.time())
    return roles


def _introspected(services: Services, someone: Actor, token: TokenSource) -> dict[str, Any]:
    provider = services.provider(someone.realm.name)
    for renew in (False, True):
        claims = provider.introspect(token(renew=renew))
        if claims.get("active") and claims.get("sub") == someone.sub:
            return claims
    raise SessionEnded("the token lives no more")


def account_roles(claims: dict[str, Any]) -> list[str]:
    """The roles of client `account` in an introspection answer."""
    access = (claims.get("resource_access") or {}).get("account") or {}
    return [str(role) for role in access.get("roles") or []]
