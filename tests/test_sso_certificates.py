"""Certificates as people paste them: read whatever their shape, and judged."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from identity_documents import SHA1, body, der, ec_key, key, make_certificate, pem, private_pem

from portal.errors import Invalid
from portal.sso.certificates import Certificate, read_certificates

GOOD = make_certificate()
OTHER = make_certificate(key("second"), name="second.umbrella.test")


def reason(data: str | bytes, name: str = "certificate") -> str:
    """Why something is refused: one sentence for one field."""
    with pytest.raises(Invalid) as caught:
        read_certificates(data, name)
    assert set(caught.value.errors) == {name}
    return caught.value.errors[name]


def codes(certificate: x509.Certificate) -> list[str]:
    (found,) = read_certificates(der(certificate))
    return [each.code for each in found.weaknesses]


@pytest.mark.parametrize(
    "shape",
    [pem(GOOD), der(GOOD), body(GOOD), pem(GOOD).replace("\n", "\r\n"), f"  {body(GOOD)}\n", body(GOOD).rstrip("="),
     "\n".join(re.findall(".{1,60}", body(GOOD))), f"Bag Attributes\n  name: x\n{pem(GOOD)}", pem(GOOD) + pem(GOOD),
     f"{body(GOOD)},{body(GOOD)}", pem(GOOD).replace("CERTIFICATE", "X509 CERTIFICATE")],
)  # fmt: skip
def test_one_certificate_in_any_shape(shape: str | bytes) -> None:
    (found,) = read_certificates(shape)
    assert found.subject == "CN=idp.umbrella.test"
    assert found.serial == f"{4711:x}"
    assert found.fingerprint == GOOD.fingerprint(hashes.SHA256()).hex()
    assert (found.key, found.signature_algorithm) == ("RSA 2048", "SHA-256")
    assert base64.b64decode(found.base64) == der(GOOD)
    assert x509.load_pem_x509_certificate(found.pem.encode()) == GOOD
    assert found.not_after.tzinfo is UTC
    assert found.weaknesses == ()


def test_several_stay_in_their_order() -> None:
    for shape in (pem(OTHER) + pem(GOOD), f"{body(OTHER)}, {body(GOOD)}"):
        assert [each.subject for each in read_certificates(shape)] == [
            "CN=second.umbrella.test",
            "CN=idp.umbrella.test",
        ]


def test_days_left_and_what_is_weak() -> None:
    (found,) = read_certificates(der(make_certificate(days=12)))
    now = datetime.now(UTC)
    assert found.days_left() == 11
    assert found.days_left(now + timedelta(days=13)) == -2
    assert [each.code for each in found.weaknesses] == ["certificate-soon"]
    assert found.weaknesses_at(now - timedelta(days=31))[0].code == "certificate-not-yet"
    late = found.weaknesses_at(now + timedelta(days=13))
    assert [(each.code, each.severity) for each in late] == [("certificate-expired", "bad")]
    assert f"{found.not_after:%Y-%m-%d}" in late[0].text


def test_weak_keys_and_digests_are_named() -> None:
    assert codes(make_certificate(key("short", 1024))) == ["certificate-short"]
    assert codes(make_certificate(ec_key())) == []
    assert read_certificates(der(make_certificate(ec_key())))[0].key == "EC secp256r1"
    assert "RSA 1024" in read_certificates(der(make_certificate(key("short", 1024))))[0].weaknesses[0].text


def test_a_digest_that_can_be_forged_is_named() -> None:
    (found,) = read_certificates(SHA1)
    assert found.signature_algorithm == "SHA-1"
    assert "certificate-sha1" in [each.code for each in found.weaknesses]


def _request() -> x509.CertificateSigningRequest:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    return x509.CertificateSigningRequestBuilder(subject).sign(key(), hashes.SHA256())


def _private_der() -> bytes:
    return key().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _public() -> bytes:
    return key().public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "Paste or choose"),
        (" \n", "Paste or choose"),
        (private_pem(key()), "private key"),
        (pem(GOOD) + private_pem(key()), "private key"),
        (_private_der(), "private key"),
        (_request().public_bytes(serialization.Encoding.PEM), "signing request"),
        (_request().public_bytes(serialization.Encoding.DER), "signing request"),
        (pkcs7.serialize_certificates([GOOD], serialization.Encoding.PEM), "PKCS#7"),
        (pkcs7.serialize_certificates([GOOD], serialization.Encoding.DER), "PKCS#7"),
        (pkcs12.serialize_key_and_certificates(
            b"x", key(), GOOD, None, serialization.BestAvailableEncryption(b"secret")), "key store"),
        (_public(), "public key"),
        ("ssh-rsa AAAA x", "public key"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        ('<?xml version="1.0"?><EntityDescriptor/>', "Metadata is read where"),
        ('{"issuer": "x"}', "JSON"),
        ("https://idp.umbrella.test/cert", "address"),
        (b"%PDF-1.7", "another kind (PDF)"),
        (pem(GOOD)[:300], "end of the certificate is missing"),
        (body(GOOD)[:300], "cannot be read"),
        (body(GOOD)[:200] + body(GOOD)[260:], "cannot be read"),
        ("hello", "cannot be read"),
        (b"\x30\x82", "cannot be read"),
        ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "cannot be read"),
        ("x" * 300_000, "too large"),
        ("".join(pem(make_certificate(since=each)) for each in range(1, 23)), "22 certificates"),
    ],
)  # fmt: skip
def test_what_was_found_instead_is_said(data: str | bytes, told: str) -> None:
    assert told in reason(data)


def test_the_field_is_the_callers() -> None:
    assert "web page" in reason("<html>", "signing")


def test_no_key_material_in_a_message_or_representation() -> None:
    secret = private_pem(key())
    assert secret.splitlines()[1] not in reason(secret)
    assert body(GOOD)[:40] not in repr(read_certificates(der(GOOD)))


@given(st.binary(max_size=400) | st.text(max_size=200))
def test_nothing_but_certificates_or_a_sentence_comes_back(data: str | bytes) -> None:
    try:
        assert all(isinstance(each, Certificate) for each in read_certificates(data))
    except Invalid as error:
        assert error.errors["certificate"]


@given(st.integers(0, len(der(GOOD)) - 1), st.integers(0, 255))
def test_a_damaged_certificate_never_does_worse(place: int, value: int) -> None:
    damaged = bytearray(der(GOOD))
    damaged[place] = value
    try:
        read_certificates(bytes(damaged))
    except Invalid as error:
        assert error.errors["certificate"]
