"""Certificates of identity providers, however they were pasted or uploaded (RFC 5280, RFC 7468)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from flask_babel import gettext as _

from portal.errors import Invalid
from portal.sso.documents import instead_of_certificate
from portal.sso.weaknesses import Weakness

MOST_BYTES = 256 * 1024
MOST = 20
SOON = timedelta(days=30)
_PEM = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*+)-----END (?:X509 |TRUSTED )?CERTIFICATE-----"
)
_UNREADABLE = (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion)


@dataclass(frozen=True)
class Certificate:
    """One X.509 certificate. Times are aware (UTC); `fingerprint` is SHA-256 in hexadecimal.

    `base64` is the body without armour, as Keycloak keeps it in `signingCertificate`.
    """

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    key: str
    signature_algorithm: str
    fingerprint: str
    base64: str = field(repr=False)

    @property
    def pem(self) -> str:
        """The certificate in armour, lines of 64 characters."""
        lines = re.findall(".{1,64}", self.base64)
        return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])

    def days_left(self, now: datetime | None = None) -> int:
        """Whole days until it expires; negative once it has."""
        return (self.not_after - (now or datetime.now(UTC))).days

    @property
    def weaknesses(self) -> tuple[Weakness, ...]:
        """What is weak about it today."""
        return self.weaknesses_at(datetime.now(UTC))

    def weaknesses_at(self, now: datetime) -> tuple[Weakness, ...]:
        """What is weak about it at `now` (aware)."""
        found = []
        if now > self.not_after:
            found.append(Weakness("certificate-expired", f"{self.not_after:%Y-%m-%d}"))
        elif self.not_after - now < SOON:
            found.append(Weakness("certificate-soon", f"{self.not_after:%Y-%m-%d}"))
        if now < self.not_before:
            found.append(Weakness("certificate-not-yet", f"{self.not_before:%Y-%m-%d}"))
        if self.signature_algorithm in {"SHA-1", "MD5"}:
            found.append(Weakness("certificate-sha1", self.signature_algorithm))
        if _short(self.key):
            found.append(Weakness("certificate-short", self.key))
        return tuple(found)


def read_certificates(data: str | bytes, name: str = "certificate") -> tuple[Certificate, ...]:
    """Read PEM (one or many), bare base64 (several separated by commas, as Keycloak keeps them) or DER.

    Doubles are dropped. Raises `Invalid` for the field `name`, with a sentence that says what was found instead.
    """
    content = data.encode(errors="replace") if isinstance(data, str) else data
    found = {each.fingerprint: each for each in map(_described, _loaded(content, name))}
    if len(found) > MOST:
        raise Invalid(
            {name: _("These are %(count)d certificates; at most %(most)d are read.", count=len(found), most=MOST)}
        )
    return tuple(found.values())


def _loaded(content: bytes, name: str) -> list[x509.Certificate]:
    if wrong := instead_of_certificate(content):
        raise Invalid({name: wrong})
    if len(content) > MOST_BYTES:
        raise Invalid({name: _("This is too large for a certificate.")})
    try:
        return [_checked(each) for each in _bodies(content)]
    except _UNREADABLE as error:
        raise Invalid({name: _unreadable(content)}) from error


def _unreadable(content: bytes) -> str:
    if b"-----BEGIN" in content and b"-----END" not in content:
        return _("The end of the certificate is missing. Copy everything, up to and with the line END CERTIFICATE.")
    return _("This certificate cannot be read: something is missing from it or was changed while copying.")


def _bodies(content: bytes) -> list[bytes]:
    """DER of each certificate in `content`. Raises `ValueError`."""
    if content[:1] == b"\x30":
        return [content]
    armoured = _PEM.findall(content)
    if b"-----BEGIN" in content and not armoured:
        raise ValueError("armour without an end")
    return [_decoded(each) for each in armoured or content.strip(b", \t\r\n").split(b",")]


def _decoded(body: bytes) -> bytes:
    plain = b"".join(body.split())
    if not plain:
        raise ValueError("nothing between the lines")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain.rstrip(b"=")) % 4 - plain.count(b"=")), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _checked(der: bytes) -> x509.Certificate:
    certificate = x509.load_der_x509_certificate(der)
    _described(certificate)
    return certificate


def _described(certificate: x509.Certificate) -> Certificate:
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key=_key(certificate),
        signature_algorithm=_algorithm(certificate),
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        base64=base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
    )


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'DSA'} {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").lstrip("_")


def _short(key: str) -> bool:
    kind, _, bits = key.partition(" ")
    return kind == "DSA" or (kind == "RSA" and int(bits) < 2048)


def _algorithm(certificate: x509.Certificate) -> str:
    """Name of the digest, `SHA-256`; of the whole algorithm where it has no digest of its own (Ed25519)."""
    digest = certificate.signature_hash_algorithm
    if digest is None:
        return certificate.signature_algorithm_oid._name
    return re.sub(r"^SHA(?=\d)", "SHA-", digest.name.upper())
