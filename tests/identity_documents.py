"""Documents of identity providers made for tests: certificates, metadata, signed answers."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
IDP = "https://idp.umbrella.test/saml"
SSO = "https://idp.umbrella.test/saml/sso"


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
