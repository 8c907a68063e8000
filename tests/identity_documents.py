"""Documents of identity providers made for tests: certificates, metadata, signed answers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
IDP = "https://idp.umbrella.test/saml"
SSO = "https://idp.umbrella.test/saml/sso"

# Made once: the library signs with SHA-1 no more.
SHA1 = (
    "MIIC/zCCAeegAwIBAgIUMPOxczrlUJN5ELExJwPN1xFh7K8wDQYJKoZIhvcNAQEFBQAwDjEMMAoGA1UEAwwDb2xkMCAXDTI2MTEyMTExMjM0MV"
    "oYDzIxMjYxMDI4MTEyMzQxWjAOMQwwCgYDVQQDDANvbGQwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCaqwgefLapaEXIa69WMRv+"
    "ekTLQCfIS0wavnJVMbBnEt1fUBiP1FRd6Dq+KGaDgmR1VUQVRFlj7hyW/IObixjkJ3sjSr5NCBbwN4lVEWehu1QVwaqLUts9mBnqm1FG6xSJNb"
    "Qnv6zh5IGCkSZiMl5Qcecd/pOkSU7KDq8b7CxYSAj4WH1FLM5uRQeLhhmBZl0foxxWBTqvOEHdA46fnHd1XfCaUIAx3S8hF1OxCOsbezCjLCTT"
    "ZQ9AbBAVkEbLIwtIe5MzgXJ1jSzW131jdlD6XYpASGe4nTJcfeYomvJrQClyuxGjq0On9qM8u29AnM+bU97ksrm/9E2iB1M9qzSPAgMBAAGjUz"
    "BRMB0GA1UdDgQWBBQkYAAqAPZ5yOomrHVlvGczGuJtGzAfBgNVHSMEGDAWgBQkYAAqAPZ5yOomrHVlvGczGuJtGzAPBgNVHRMBAf8EBTADAQH/"
    "MA0GCSqGSIb3DQEBBQUAA4IBAQCJytZv7Cda9+QOdV34AUKUqj+40SDzHiKw+dxx0ZWfoCMjVRF9LurHmMLgn3T1KOcOCG8rA9czSZYWeQVo4X"
    "oGhJLf0PZq+Mh1eQuzk4cJjiXF4nC5L5sz/BVnLxDCjoCRcxm4mr7fbRC+ksmNVb3PqrwcOpRFFpDekZPnD+4uh3hsC74p8AtxwdVxkR6Yr/ZL"
    "VLQ4OTpA79SZ5RezF+VvgBHyVtlY5/tfA35qi4y0rItYZ/7MbVDBcpBYcSgInkTCSLXnPbBKRjQNRShpc6WU2Z6pNPrGXNxhz8L0s/C1nYBSBw"
    "+LPKrnbWYrVLC09vCERiRdWTWU+XRx/LfbA8Cn"
)


@cache
def key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key by name, made once in a run."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def make_certificate(
    private: Any = None, days: int = 365, since: int = 30, digest: Any = None, name: str = "idp.umbrella.test"
) -> x509.Certificate:
    """A self-signed certificate, valid since `since` days ago for another `days`."""
    private = private or key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, private.public_key(), 4711)
    builder = builder.not_valid_before(now - timedelta(days=since)).not_valid_after(now + timedelta(days=days))
    return builder.sign(private, digest or hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def body(certificate: x509.Certificate) -> str:
    return base64.b64encode(der(certificate)).decode()


def private_pem(private: Any) -> str:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def descriptor(certificate: x509.Certificate, use: str = ' use="signing"') -> str:
    return (
        f'<md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>{body(certificate)}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def endpoint(binding: str = "HTTP-POST", location: str = SSO, kind: str = "SingleSignOnService") -> str:
    return f'<md:{kind} Binding="{BINDING}{binding}" Location="{location}"/>'


def entity(
    *parts: str, entity_id: str = IDP, role: str = "IDPSSODescriptor", more: str = "", attributes: str = ""
) -> str:
    """One EntityDescriptor; `attributes` are the entity's own, `more` those of its role."""
    return (
        f'<md:EntityDescriptor xmlns:md="{MD}" entityID="{entity_id}"{attributes}>'
        f'<md:{role} protocolSupportEnumeration="{PROTOCOL}"{more}>{"".join(parts)}</md:{role}></md:EntityDescriptor>'
    )


def entities(*each: str) -> bytes:
    return f'<md:EntitiesDescriptor xmlns:md="{MD}">{"".join(each)}</md:EntitiesDescriptor>'.encode()


def metadata(*parts: str, **options: str) -> bytes:
    """Metadata as a sound provider has it, or with exactly these `parts`."""
    return entity(*(parts or (descriptor(make_certificate()), endpoint())), **options).encode()


# Discovery ---------------------------------------------------------------------------------------------------------

ISSUER = "https://idp.umbrella.test/oidc"
URL = f"{ISSUER}/.well-known/openid-configuration"
PROVIDER = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/keys",
    "end_session_endpoint": f"{ISSUER}/logout",
    "scopes_supported": ["openid", "email", "profile", "groups"],
    "claims_supported": ["sub", "email"],
    "response_types_supported": ["code", "id_token"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "code_challenge_methods_supported": ["S256"],
    "id_token_signing_alg_values_supported": ["RS256"],
}


def document(**changed: Any) -> bytes:
    """A discovery document with changes; None takes a name away."""
    return json.dumps({name: value for name, value in {**PROVIDER, **changed}.items() if value is not None}).encode()


# Answers -------------------------------------------------------------------------------------------------------------

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
AUDIENCE = "https://sso.portal.test/realms/demo"
RECIPIENT = "https://sso.portal.test/realms/demo/broker/umbrella/endpoint"
ATTRIBUTES = {"email": "dana@umbrella.test", "firstName": "Dana", "lastName": "Doe"}


def clock() -> datetime:
    """When documents are made. A file that makes some while it is read puts that moment here for its tests."""
    return datetime.now(UTC)


def moment(seconds: float = 0) -> str:
    return f"{clock() + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%fZ}"


def assertion(
    *, issuer: str = IDP, audience: str | None = AUDIENCE, recipient: str = RECIPIENT, name_id: str = "dana-1",
    name_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", since: float = -5, until: float = 300,
    attributes: dict[str, str] | None = None, ident: str = "_a1", more: str = "",
) -> str:  # fmt: skip
    """An assertion as a sound provider writes it, or with something wrong."""
    sent = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for name, value in (ATTRIBUTES if attributes is None else attributes).items()
    )
    restriction = f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
    limits = f'NotBefore="{moment(since)}" NotOnOrAfter="{moment(until)}"'
    named = f'<saml:NameID Format="{name_format}">{name_id}</saml:NameID>' if name_id else ""
    return (
        f'<saml:Assertion xmlns:saml="{SAML}" ID="{ident}" Version="2.0" IssueInstant="{moment()}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>{more}<saml:Subject>{named}"
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
        f'Recipient="{recipient}" NotOnOrAfter="{moment(until)}" InResponseTo="_q1"/></saml:SubjectConfirmation>'
        f"</saml:Subject><saml:Conditions {limits}>{restriction if audience else ''}"
        f"</saml:Conditions><saml:AttributeStatement>{sent}</saml:AttributeStatement></saml:Assertion>"
    )


def response(
    *inside: str, issuer: str = IDP, destination: str = RECIPIENT, status: str = "Success", inner: str = "",
    said: str = "", asked: str = ' InResponseTo="_q1"', ident: str = "_r1",
) -> str:  # fmt: skip
    """A response around `inside`."""
    nested = f'<samlp:StatusCode Value="{STATUS}{inner}"/>' if inner else ""
    told = f"<samlp:StatusMessage>{said}</samlp:StatusMessage>" if said else ""
    return (
        f'<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{SAML}" ID="{ident}" Version="2.0"{asked} '
        f'IssueInstant="{moment()}" Destination="{destination}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status>'
        f'<samlp:StatusCode Value="{STATUS}{status}">{nested}</samlp:StatusCode>{told}</samlp:Status>'
        f"{''.join(inside)}</samlp:Response>"
    )


def signed(document: str, private: Any = None, certificate: x509.Certificate | None = None, bare: bool = False) -> str:
    """`document` with an enveloped signature; `bare` leaves the certificate out of it."""
    private = private or key()
    root = etree.fromstring(document)
    signer = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    chain = [pem(certificate or make_certificate(private))]
    done = signer.sign(root, key=private, cert=chain, reference_uri=root.get("ID"), id_attribute="ID")
    if bare:
        info = done.find(f".//{{{DS}}}KeyInfo")
        info.getparent().remove(info)
    return etree.tostring(done).decode()


def posted(document: str) -> str:
    return base64.b64encode(document.encode()).decode()
