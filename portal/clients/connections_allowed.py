"""What may be written of an identity provider and its mappers. Everything else is refused before a call is made.

Whoever manages an identity provider at Keycloak could otherwise hand out any role of the realm (mappers), make the
server fetch addresses (`metadataDescriptorUrl`, artifact binding) or sign people in as somebody else (flows,
`trustEmail`, `linkOnly`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.errors import Denied

OIDC, SAML = "oidc", "saml"
DRAFT_FLOW, LIVE_FLOW = "portal draft first broker login", "first broker login"
POST_FLOW = "portal post broker login"
DOMAINS, PENDING = "home.idp.discovery.domains", "home.idp.discovery.validationPending"
OWNERS, SHARED = "home.idp.discovery.org", "home.idp.discovery.shared"
MASKED = "**********"

# An address that Keycloak takes over at a later sign-in would count as verified: it is taken over once.
IMPORT, ONCE = "IMPORT", frozenset({"IMPORT", "INHERIT"})
FIXED = {"syncMode": IMPORT, "validateSignature": "true"}

ANY_PROTOCOL = frozenset(
    {"syncMode", "allowedClockSkew", "loginHint", "backchannelSupported", "showInAccountConsole", DOMAINS, PENDING}
)
CONFIG: Mapping[str, frozenset[str]] = {
    OIDC: ANY_PROTOCOL
    | {
        "clientId", "clientSecret", "clientAuthMethod", "clientAssertionSigningAlg", "issuer", "authorizationUrl",
        "tokenUrl", "userInfoUrl", "logoutUrl", "jwksUrl", "useJwksUrl", "validateSignature",
        "publicKeySignatureVerifier", "publicKeySignatureVerifierKeyId", "pkceEnabled", "pkceMethod", "defaultScope",
        "prompt", "disableUserInfo", "uiLocales", "sendIdTokenOnLogout", "sendClientIdOnLogout",
    },
    SAML: ANY_PROTOCOL
    | {
        "entityId", "idpEntityId", "singleSignOnServiceUrl", "singleLogoutServiceUrl", "signingCertificate",
        "validateSignature", "wantAuthnRequestsSigned", "wantAssertionsSigned", "wantAssertionsEncrypted",
        "signatureAlgorithm", "encryptionAlgorithm", "xmlSigKeyInfoKeyNameTransformer",
        "addExtensionsElementWithKeyInfo", "signSpMetadata", "nameIDPolicyFormat", "principalType",
        "principalAttribute", "forceAuthn", "allowCreate",
        "postBindingAuthnRequest", "postBindingResponse", "postBindingLogout", "authnContextClassRefs",
        "authnContextComparisonType",
    },
}  # fmt: skip
FLOWS: Mapping[str, frozenset[str | None]] = {
    "firstBrokerLoginFlowAlias": frozenset({DRAFT_FLOW, LIVE_FLOW}),
    # Only a draft has none: whoever tests it joins nothing.
    "postBrokerLoginFlowAlias": frozenset({POST_FLOW, None}),
}
FIELDS = frozenset(
    {"displayName", "enabled", "hideOnLogin", "storeToken", "addReadTokenRoleOnCreate", "trustEmail", "config", *FLOWS}
)
MAPPERS: Mapping[str, frozenset[str]] = {
    "saml-user-attribute-idp-mapper": frozenset(
        {"syncMode", "attribute.name", "attribute.friendly.name", "attribute.name.format", "user.attribute"}
    ),
    "oidc-user-attribute-idp-mapper": frozenset({"syncMode", "claim", "user.attribute"}),
    "saml-advanced-org-role-idp-mapper": frozenset(
        {"syncMode", "attributes", "are.attribute.values.regex", "org_add", "org", "org_role"}
    ),
    "oidc-advanced-org-role-idp-mapper": frozenset(
        {"syncMode", "claims", "are.claim.values.regex", "org_add", "org", "org_role"}
    ),
    "oidc-hardcoded-org-role-idp-mapper": frozenset({"syncMode", "org_add", "org", "org_role"}),
}
ROLE_MAPPERS = frozenset(kind for kind, keys in MAPPERS.items() if "org_role" in keys)
# Attributes of people that belong to the portal, the extension or Keycloak.
RESERVED = ("portal.", "kc.", "org.", "home.idp.", "_providerConfig", "LDAP_", "KERBEROS_")
# Fields that every realm has.
ROOT = ("email", "firstName", "lastName", "username")
ALIAS = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def check_alias(alias: str) -> str:
    """An alias for a new connection. Raises `Denied`: aliases are made by the portal, never typed."""
    if not ALIAS.fullmatch(alias):
        raise Denied("not an alias of the portal's making")
    return alias


def check_changes(protocol: str, changes: Mapping[str, Any]) -> None:
    """Raise `Denied` unless each field, flow and configuration key is one that the portal writes."""
    if protocol not in CONFIG:
        raise Denied(f"no connection of kind {protocol!r}")
    unknown = set(changes) - FIELDS
    unknown |= {key for key, allowed in FLOWS.items() if key in changes and changes[key] not in allowed}
    unchecked = changes.get("postBrokerLoginFlowAlias", POST_FLOW) is None
    if unchecked and changes.get("firstBrokerLoginFlowAlias") != DRAFT_FLOW:
        unknown.add("postBrokerLoginFlowAlias")
    config = changes.get("config") or {}
    unknown |= set(config) - CONFIG[protocol]
    unknown |= {key for key, only in FIXED.items() if config.get(key, only) != only}
    if unknown:
        raise Denied(f"not to be written on a connection: {sorted(unknown)}")


def check_mapper(protocol: str, kind: str, config: Mapping[str, str], organization_name: str) -> None:
    """Raise `Denied` unless the mapper feeds an attribute of people, or a role of this very organization."""
    if kind not in MAPPERS or (kind.startswith(("oidc-adv", "oidc-user")) and protocol != OIDC):
        raise Denied(f"no mapper of kind {kind!r}")
    if kind.startswith("saml-") and protocol != SAML:
        raise Denied(f"no mapper of kind {kind!r}")
    if unknown := set(config) - MAPPERS[kind]:
        raise Denied(f"not to be written on a mapper: {sorted(unknown)}")
    if kind in ROLE_MAPPERS and config.get("org") != organization_name:
        raise Denied("a mapper gives roles of its own organization alone")
    feeds = str(config.get("user.attribute", ""))
    if feeds.startswith(RESERVED) or (feeds in {"email", "username"} and config.get("syncMode") not in ONCE):
        raise Denied("a reserved attribute")
