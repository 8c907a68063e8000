"""Between what was read of a provider and the `config` of Keycloak's identity provider, both ways.

The keys are those of Keycloak 26.5 (`SAMLIdentityProviderConfig`, `OIDCIdentityProviderConfig`); a test compares
them with what the server's own import makes of the same document.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.errors import Invalid
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.discovery import AUTH_METHODS, Discovery
from portal.sso.saml_metadata import POST, REDIRECT, Endpoint, SamlMetadata

SAML, OIDC = "saml", "oidc"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
# As guides call them.
FORMATS = {"persistent": PERSISTENT, "emailAddress": EMAIL, "unspecified": UNSPECIFIED}
SCOPES = ("openid", "profile", "email")


def saml_config(
    metadata: SamlMetadata, entity_id: str, *, assertions_signed: bool = False, name_id_format: str = ""
) -> dict[str, str]:
    """The config of a SAML connection; `entity_id` is our own, the realm's address.

    A signature is always demanded, on the answer or on the assertion in it; `assertions_signed` insists on the latter.
    Raises `Invalid` for the field `metadata` if it cannot work: no address or no certificate.
    """
    sso, slo = metadata.sso_at(POST, REDIRECT), metadata.slo_at(POST, REDIRECT)
    if sso is None or not metadata.certificates:
        raise Invalid({"metadata": next(each.text for each in metadata.weaknesses if each.severity == "bad")})
    return {
        "entityId": entity_id,
        "idpEntityId": metadata.entity_id,
        "singleSignOnServiceUrl": sso.location,
        "singleLogoutServiceUrl": slo.location if slo else "",
        "postBindingAuthnRequest": _bool(sso.binding == POST),
        # Providers answer by POST, whatever way the question came.
        "postBindingResponse": "true",
        "postBindingLogout": _bool(slo is not None and slo.binding == POST),
        "signingCertificate": trusted(metadata.certificates),
        "validateSignature": "true",
        "wantAssertionsSigned": _bool(assertions_signed),
        "wantAuthnRequestsSigned": _bool(metadata.wants_signed_requests),
        "signatureAlgorithm": "RSA_SHA256",
        "nameIDPolicyFormat": name_id_format or _name_id_format(metadata.name_id_formats),
        "principalType": "SUBJECT",
        "allowCreate": "true",
    }


def oidc_config(
    found: Discovery, client_id: str, *, secret: str = "", auth_method: str = "", scopes: tuple[str, ...] = SCOPES
) -> dict[str, str]:
    """The config of an OpenID Connect connection. Without `secret` none is sent, so that Keycloak keeps the one it has.

    `auth_method` is chosen from what the provider offers where it is empty.
    """
    pkce = "S256" in found.pkce_methods
    config = {
        "issuer": found.issuer,
        "authorizationUrl": found.authorization_endpoint,
        "tokenUrl": found.token_endpoint,
        "userInfoUrl": found.userinfo_endpoint,
        "disableUserInfo": _bool(not found.userinfo_endpoint),
        "jwksUrl": found.jwks_uri,
        "useJwksUrl": "true",
        "validateSignature": "true",
        "logoutUrl": found.end_session_endpoint,
        "clientId": client_id,
        "clientAuthMethod": auth_method or _auth_method(found.token_auth_methods),
        "pkceEnabled": _bool(pkce),
        "pkceMethod": "S256" if pkce else "",
        "defaultScope": " ".join(
            each for each in scopes if not found.scopes or each in found.scopes or each == "openid"
        ),
    }
    return config | ({"clientSecret": secret} if secret else {})


def trusted(certificates: tuple[Certificate, ...]) -> str:
    """What Keycloak keeps in `signingCertificate`: bodies, separated by commas."""
    return ",".join(each.base64 for each in certificates)


def saml_reading(config: Mapping[str, str], plain: frozenset[str] = frozenset()) -> SamlMetadata:
    """What a saved config says of its provider, to be compared with a new document.

    Raises `Invalid` for the field `certificate` if somebody saved an unreadable one by another way.
    """
    slo = config.get("singleLogoutServiceUrl", "")
    body = config.get("signingCertificate", "")
    return SamlMetadata(
        entity_id=config.get("idpEntityId", ""),
        sso=(Endpoint(_binding(config, "postBindingAuthnRequest"), config.get("singleSignOnServiceUrl", "")),),
        slo=(Endpoint(_binding(config, "postBindingLogout"), slo),) if slo else (),
        certificates=read_certificates(body) if body else (),
        wants_signed_requests=config.get("wantAuthnRequestsSigned") == "true",
        plain=plain,
    )


def oidc_reading(config: Mapping[str, str]) -> Discovery:
    """What a saved config says of its provider, to be compared with a new document."""
    return Discovery(
        issuer=config.get("issuer", ""),
        authorization_endpoint=config.get("authorizationUrl", ""),
        token_endpoint=config.get("tokenUrl", ""),
        userinfo_endpoint=config.get("userInfoUrl", ""),
        jwks_uri=config.get("jwksUrl", ""),
        end_session_endpoint=config.get("logoutUrl", ""),
        typed=True,
    )


def _binding(config: Mapping[str, str], key: str) -> str:
    return POST if config.get(key) == "true" else REDIRECT


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _name_id_format(offered: tuple[str, ...]) -> str:
    """A name that stays, where it is offered; otherwise what the provider is set up for."""
    return PERSISTENT if PERSISTENT in offered else UNSPECIFIED


def _auth_method(offered: tuple[str, ...]) -> str:
    """The first of those we can that is offered and needs no key pair; without a word of the provider, its default."""
    secrets = AUTH_METHODS[:3]
    return next((each for each in secrets if each in offered), "client_secret_basic" if not offered else secrets[0])
