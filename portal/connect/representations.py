"""Clients and mappers as Keycloak writes them (ClientRepresentation, ProtocolMapperRepresentation). Data only."""

from __future__ import annotations

from typing import Any


def base_client(client_id: str, name: str) -> dict[str, Any]:
    """What all clients of the portal have in common: confidential, and every way to sign in shut."""
    return {
        "clientId": client_id,
        "name": name,
        "protocol": "openid-connect",
        "enabled": True,
        "publicClient": False,
        "bearerOnly": False,
        "clientAuthenticatorType": "client-secret",
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "fullScopeAllowed": False,
        "consentRequired": False,
        "frontchannelLogout": False,
        "redirectUris": [],
        "webOrigins": [],
        "attributes": {},
    }


def service_client(client_id: str, name: str) -> dict[str, Any]:
    """A client that works by its service account."""
    return {
        **base_client(client_id, name),
        "serviceAccountsEnabled": True,
        "attributes": {"client_credentials.use_refresh_token": "false", "access.token.lifespan": "300"},
    }


def audience_client(client_id: str) -> dict[str, Any]:
    """A client that is only named in tokens."""
    return {**base_client(client_id, "Portal API"), "bearerOnly": True}


def identity_provider_mapper() -> dict[str, Any]:
    """Tells through which identity provider a person came, so that a second sign-in can go the same way."""
    config = {
        "user.session.note": "identity_provider",
        "claim.name": "identity_provider",
        "jsonType.label": "String",
        "id.token.claim": "true",
        "access.token.claim": "false",
        "userinfo.token.claim": "false",
        "introspection.token.claim": "true",
    }
    return _mapper("identity_provider", "oidc-usersessionmodel-note-mapper", config)


def audience_mapper(name: str, client_id: str) -> dict[str, Any]:
    """Names a client in the audience: from 26.6.2 on Keycloak lets no other client introspect a token."""
    config = {
        "included.client.audience": client_id,
        "access.token.claim": "true",
        "introspection.token.claim": "true",
        "lightweight.claim": "true",
        "id.token.claim": "false",
    }
    return _mapper(name, "oidc-audience-mapper", config)


def _mapper(name: str, kind: str, config: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config}
