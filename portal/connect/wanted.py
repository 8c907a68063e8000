"""What the portal needs in a realm: its clients, their rights, events, required actions. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from portal.clients.accounts_service import ACCOUNTS
from portal.clients.connections import ROLES as CONNECTION_ROLES
from portal.clients.orgs_service import service_roles
from portal.connect.representations import (
    audience_client,
    audience_mapper,
    base_client,
    identity_provider_mapper,
    service_client,
)
from portal.settings import is_loopback

ACCOUNT_ROLES = frozenset(
    {
        "view-profile",
        "manage-account",
        "manage-account-links",
        "view-applications",
        "view-consent",
        "manage-consent",
        "view-groups",
        "delete-account",
    }
)
# Roles of realm-management that exist, or are of use, only where the organizations extension is installed.
ORGANIZATION_ROLES = frozenset({"view-organizations", "manage-organizations", *CONNECTION_ROLES})
READ_TOKEN = frozenset({"read-token"})
OPERATOR_ROLES = frozenset({"view-realm", "manage-realm"})
SIGN_IN_SCOPES = frozenset({"basic", "roles", "profile", "email", "acr"})
SERVICE_SCOPES = frozenset({"basic", "roles", "service_account"})
SUPPORT_ROLE = "support"
API_SCOPE_ATTRIBUTES = {"include.in.token.scope": "true", "display.on.consent.screen": "true"}


@dataclass(frozen=True)
class Target:
    """Where the portal is reached. `backchannel_url` is the portal as Keycloak reaches it.

    `accounts` asks for the client that makes accounts, which not every portal needs.
    """

    realm: str
    portal_url: str
    backchannel_url: str
    prefix: str = "portal"
    accounts: bool = False

    @property
    def loopback(self) -> bool:
        """Whether the portal runs on a loopback address, for development."""
        return is_loopback(urlsplit(self.portal_url).hostname or "")

    @property
    def client_ids(self) -> tuple[str, ...]:
        """The clients of the portal, the only ones connect ever touches."""
        kinds = ("", "-operator", "-read", "-api", "-setup", "-accounts", "-test")
        return tuple(self.prefix + kind for kind in kinds)


@dataclass(frozen=True)
class WantedClient:
    """A client as it should be: its representation, its scope and role mappings, its own roles."""

    rep: dict[str, Any]
    scopes: frozenset[str] = frozenset()
    scope_mappings: dict[str, frozenset[str]] = field(default_factory=dict)
    service_roles: frozenset[str] = frozenset()
    roles: dict[str, str] = field(default_factory=dict)
    mappers: tuple[dict[str, Any], ...] = ()

    @property
    def id(self) -> str:
        """Its clientId."""
        return str(self.rep["clientId"])

    @property
    def is_service(self) -> bool:
        """Whether it works by a service account; one without roles has nothing to do in this realm."""
        return bool(self.rep["serviceAccountsEnabled"])


def account_roles(kind: str, *, organizations: bool) -> frozenset[str]:
    """What the service account of `portal-<kind>` holds: nothing about organizations where there are none.

    Without them nobody is invited and nobody signs in through an organization's provider: no account is to be made.
    """
    if kind == ACCOUNTS and not organizations:
        return frozenset()
    return service_roles(kind) - (frozenset() if organizations else ORGANIZATION_ROLES)


def clients(target: Target, *, organizations: bool = True) -> list[WantedClient]:
    """All clients of the portal, in the order they are made. `organizations`: whether the realm has them."""
    read_roles = account_roles("read", organizations=organizations)
    setup_roles = account_roles("setup", organizations=organizations)
    portal, operator, read, api, setup, _, test = target.client_ids
    return [
        WantedClient(rep=audience_client(api)),
        WantedClient(
            rep=_sign_in_client(target, portal, "Portal", "signin/callback"),
            scopes=SIGN_IN_SCOPES,
            scope_mappings={"account": ACCOUNT_ROLES},
            roles={SUPPORT_ROLE: "May look into every organization to help its people"},
            mappers=(identity_provider_mapper(), audience_mapper("audience", portal)),
        ),
        WantedClient(
            rep=_sign_in_client(target, operator, "Portal settings", "settings/callback"),
            scopes=SIGN_IN_SCOPES,
            scope_mappings={"realm-management": OPERATOR_ROLES},
            mappers=(identity_provider_mapper(), audience_mapper("audience", operator)),
        ),
        WantedClient(
            rep=service_client(read, "Portal, reading"),
            scopes=SERVICE_SCOPES,
            scope_mappings=_mapped(read_roles),
            service_roles=read_roles,
        ),
        WantedClient(
            rep=service_client(setup, "Portal, organizations"),
            scopes=SERVICE_SCOPES,
            scope_mappings=_mapped(setup_roles),
            service_roles=setup_roles,
        ),
        *([_accounts_client(target, organizations)] if target.accounts else []),
        *([_test(target, test)] if organizations else []),
    ]


def _accounts_client(target: Target, organizations: bool) -> WantedClient:
    roles = account_roles(ACCOUNTS, organizations=organizations)
    rep = service_client(target.client_ids[5], "Portal, accounts")
    return WantedClient(rep=rep, scopes=SERVICE_SCOPES, scope_mappings=_mapped(roles), service_roles=roles)


def api_scope(target: Target) -> dict[str, Any]:
    """The client scope that puts the portal's API into the audience of an application's access tokens."""
    portal, _, _, api, *_ = target.client_ids
    return {
        "name": api,
        "description": "Lets an application call the portal's API for the person",
        "protocol": "openid-connect",
        "attributes": API_SCOPE_ATTRIBUTES,
        "protocolMappers": [audience_mapper("audience", api), audience_mapper("audience of the portal", portal)],
    }


def draft_scope(target: Target) -> dict[str, Any]:
    """The client scope that opens drafts of single sign-on; of all clients only the one for test sign-ins has it."""
    return {
        "name": target.client_ids[-1],
        "description": "Opens drafts of single sign-on to test sign-ins alone",
        "protocol": "openid-connect",
        "attributes": {"include.in.token.scope": "false", "display.on.consent.screen": "false"},
    }


def client_scopes(target: Target, *, organizations: bool = True) -> list[dict[str, Any]]:
    """The client scopes of the portal."""
    return [api_scope(target), *([draft_scope(target)] if organizations else [])]


def _mapped(roles: frozenset[str]) -> dict[str, frozenset[str]]:
    return {"realm-management": roles} if roles else {}


def _sign_in_client(target: Target, client_id: str, name: str, callback: str) -> dict[str, Any]:
    base = f"{target.portal_url}/{target.realm}"
    return {
        **base_client(client_id, name),
        "standardFlowEnabled": True,
        "baseUrl": f"{base}/",
        "redirectUris": [f"{base}/{callback}"],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "client.use.lightweight.access.token.enabled": "true",
            "use.refresh.tokens": "true",
            "id.token.signed.response.alg": "RS256",
            "post.logout.redirect.uris": f"{base}/signed-out",
            "backchannel.logout.url": f"{target.backchannel_url}/{target.realm}/signin/backchannel-logout",
            "backchannel.logout.session.required": "true",
            "backchannel.logout.revoke.offline.tokens": "false",
            "oauth2.device.authorization.grant.enabled": "false",
            "oidc.ciba.grant.enabled": "false",
        },
    }


def _test(target: Target, client_id: str) -> WantedClient:
    """Signs people in to see whether a connection works, and reads what their identity provider said of them."""
    rep = _sign_in_client(target, client_id, "Portal, test sign-ins", "sso/test/callback")
    # Where Keycloak's own pages of trouble lead back to.
    rep["baseUrl"] = f"{target.portal_url}/{target.realm}/sso/test"
    rep["attributes"] = {
        "pkce.code.challenge.method": "S256",
        # The broker reads the role from the token itself.
        "client.use.lightweight.access.token.enabled": "false",
        "use.refresh.tokens": "false",
        "id.token.signed.response.alg": "RS256",
        "oauth2.device.authorization.grant.enabled": "false",
        "oidc.ciba.grant.enabled": "false",
    }
    return WantedClient(rep=rep, scopes=SIGN_IN_SCOPES | {client_id}, scope_mappings={"broker": READ_TOKEN})
