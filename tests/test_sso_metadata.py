"""SAML metadata: what is found in it, what it is when it is not metadata, and documents made to harm."""

from __future__ import annotations

import resource
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_documents import (
    BINDING,
    IDP,
    MD,
    SSO,
    body,
    descriptor,
    endpoint,
    entities,
    entity,
    key,
    make_certificate,
    metadata,
    private_pem,
)

from portal.errors import Invalid
from portal.sso.saml_metadata import POST, REDIRECT, SamlMetadata, read

SIGNING = descriptor(make_certificate())
LOGOUT = endpoint("HTTP-Redirect", "https://idp.umbrella.test/logout", "SingleLogoutService")
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
HOSTILE = {
    "dtd": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:%d/x.dtd"><x/>',
    "external": b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:%d/e">]><x>&e;</x>',
    "file": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "parameter": b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "http://127.0.0.1:%d/p"> %%p;]><x/>',
    "laughs": b"<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n + 1, b"&a%d;" % n * 10) for n in range(12))
    + b"]><x>&a12;</x>",
    "quadratic": b"<!DOCTYPE x [<!ENTITY a '" + b"a" * 100_000 + b"'>]><x>" + b"&a;" * 100_000 + b"</x>",
    "xinclude": b'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://127.0.0.1:%d/i"/></x>',
    "stylesheet": b'<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:%d/s"?><x/>',
    "xslt": b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>',
    "utf-16": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'.encode("utf-16"),
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x+AD4APA-x/+AD4-',
    "deep": b"<x>" * 200_000,
    "attributes": b"<x " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>",
    "namespaces": b"<x " + b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(20_000)) + b"/>",
    "entity in attribute": b"<!DOCTYPE x [<!ENTITY e 'v'>]><x a='&e;'/>",
    "document type in a comment's shadow": b"<!-- > --><!DOCTYPE x [<!ENTITY e 'v'>]><x>&e;</x>",
    "large": b"<x>" + b"a" * (2 * 1024 * 1024) + b"</x>",
}


def reason(data: bytes, **options) -> str:
    """Why a document is refused: one sentence."""
    with pytest.raises(Invalid) as caught:
        read(data, **options)
    assert set(caught.value.errors) == {"metadata"}
    return caught.value.errors["metadata"]


def codes(*parts: str, **options: str) -> list[str]:
    return [each.code for each in read(metadata(*parts, **options)).weaknesses]


def test_everything_of_a_sound_document_is_found() -> None:
    until = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0)
    encryption = descriptor(make_certificate(key("second")), ' use="encryption"')
    name_id = f"<md:NameIDFormat> {EMAIL} </md:NameIDFormat>"
    ways = endpoint("SOAP") + endpoint("HTTP-Redirect") + endpoint("HTTP-POST", f"{SSO}/post")
    found = read(metadata(
        SIGNING, encryption, LOGOUT, name_id, ways, more=' WantAuthnRequestsSigned="true"',
        attributes=f' validUntil="{until:%Y-%m-%dT%H:%M:%S}.1234567Z"'))  # fmt: skip
    assert found.entity_id == IDP
    assert [each.short for each in found.sso] == ["SOAP", "HTTP-Redirect", "HTTP-POST"]
    assert found.sso_at(POST, REDIRECT).location == f"{SSO}/post"
    assert found.sso_at(REDIRECT, POST).location == SSO
    assert found.slo_at(POST, REDIRECT).location == "https://idp.umbrella.test/logout"
    assert [len(found.certificates), len(found.encryption)] == [1, 1]
    assert found.certificates != found.encryption
    assert found.name_id_formats == (EMAIL,)
    assert found.wants_signed_requests
    assert found.valid_until.replace(microsecond=0) == until
    assert found.weaknesses == ()


def test_a_key_without_use_serves_for_both_and_a_chain_counts_once() -> None:
    second = f"<ds:X509Certificate>{body(make_certificate(key('second')))}</ds:X509Certificate></ds:X509Data>"
    chain = descriptor(make_certificate(), "").replace("</ds:X509Data>", second)
    found = read(metadata(chain, endpoint()))
    assert len(found.certificates) == len(found.encryption) == 1


def test_one_provider_among_applications_is_found_and_one_of_several_is_chosen() -> None:
    one = entity(SIGNING, endpoint())
    application = entity(entity_id="https://app.test", role="SPSSODescriptor")
    other = entity(SIGNING, endpoint(), entity_id="https://other.test/idp")
    assert read(entities(application, one)).entity_id == IDP
    told = reason(entities(one, other))
    assert IDP in told
    assert "https://other.test/idp" in told
    assert read(entities(one, other), entity_id="https://other.test/idp").entity_id == "https://other.test/idp"
    assert "Say which one" in reason(entities(one, other), entity_id="https://unknown.test")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><head></head></html>", "web page"),
        (b"\n<!-- x --><HTML lang='en'>", "web page"),
        (b'{"issuer": "https://idp.umbrella.test"}', "JSON"),
        (b"https://idp.umbrella.test/metadata", "address"),
        (private_pem(key()).encode(), "private key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA", "certificate, not metadata"),
        (b"\x89PNG\r\n", "another kind"),
        (metadata(role="SPSSODescriptor"), "application (service provider)"),
        (metadata(role="PDPDescriptor"), "no IDPSSODescriptor"),
        (entities(entity(role="SPSSODescriptor")), "application (service provider)"),
        (metadata(SIGNING, endpoint()).replace(b"SAML:2.0:protocol", b"SAML:1.1:protocol"), "SAML 2.0"),
        (b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>', "answer to a sign-in"),
        (b"<rss version='2.0'/>", "rss"),
        (metadata()[:-30], "well-formed"),
        (metadata(entity_id=""), "entity id is missing"),
        (metadata(entity_id="x" * 1025), "longer than 1024"),
        (metadata(SIGNING, endpoint(location="javascript:alert(1)")), "not an address"),
        (metadata(SIGNING, endpoint(location="")), "not an address"),
        (metadata(SIGNING.replace("MII", "MIX"), endpoint()), "cannot be read"),
        ("<ä/>".encode("latin-1"), "characters"),
    ],
)
def test_what_was_found_instead_is_said(data: bytes, told: str) -> None:
    assert told in reason(data)


def test_other_encodings_are_read() -> None:
    text = metadata().decode()
    assert read(text.encode("utf-16")).entity_id == IDP
    assert read(b"\xef\xbb\xbf" + text.encode()).entity_id == IDP
    assert read(f'<?xml version="1.0" encoding="utf-16"?>{text}'.encode()).entity_id == IDP
    named = f'<?xml version="1.0" encoding="ISO-8859-1"?><!-- ä -->{text}'
    assert read(named.encode("latin-1")).entity_id == IDP


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((SIGNING, endpoint(), LOGOUT), []),
        ((SIGNING, endpoint()), ["logout-none"]),
        ((endpoint(), LOGOUT), ["certificate-none"]),
        ((SIGNING, endpoint("HTTP-Artifact"), LOGOUT), ["artifact-only"]),
        ((SIGNING, endpoint("SOAP"), LOGOUT), ["sso-none"]),
        ((SIGNING, endpoint(location="http://idp.umbrella.test/sso"), LOGOUT), ["http"]),
        ((descriptor(make_certificate(days=-1)), endpoint(), LOGOUT), ["certificate-expired"]),
        ((descriptor(make_certificate(key("short", 1024))), endpoint(), LOGOUT), ["certificate-short"]),
        ((descriptor(make_certificate(days=-1)) + SIGNING, endpoint(), LOGOUT), []),
    ],
)
def test_what_is_weak_is_named(parts: tuple[str, ...], expected: list[str]) -> None:
    assert codes(*parts) == expected


def test_metadata_out_of_date_is_weak_wherever_the_date_stands() -> None:
    past = ' validUntil="2020-01-01T00:00:00Z"'
    assert "metadata-expired" in codes(SIGNING, endpoint(), attributes=past)
    assert "metadata-expired" in codes(SIGNING, endpoint(), more=past)
    around = entities(entity(SIGNING, endpoint())).replace(b" xmlns", past.encode() + b" xmlns", 1)
    assert "metadata-expired" in [each.code for each in read(around).weaknesses]


def test_http_is_not_weak_where_the_operator_lists_it() -> None:
    data = metadata(SIGNING, endpoint(location="http://localhost:8080/sso"), LOGOUT)
    assert [each.code for each in read(data, plain=frozenset({"http://localhost:8080"})).weaknesses] == []
    assert [each.code for each in read(data, plain=frozenset({"http://localhost:9090"})).weaknesses] == ["http"]


@pytest.mark.parametrize("own", ["https://sso.portal.test/realms/demo", "https://SSO.portal.test:443/realms/demo/"])
def test_our_own_realm_is_refused_under_any_spelling(own: str) -> None:
    ours = frozenset({own})
    itself = "https://sso.portal.test/realms/demo"
    assert "very sign-in" in reason(metadata(entity_id=itself), own=ours)
    assert "very sign-in" in reason(metadata(SIGNING, endpoint(location=f"{itself}/protocol/saml")), own=ours)
    assert read(metadata(entity_id="https://sso.portal.test/realms/demo2"), own=ours)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_at_once_and_fetch_nothing(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        data = HOSTILE[name]
        data = data % listener.getsockname()[1] if b"%d" in data else data
        memory, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        assert reason(data)
        assert time.process_time() - begun < 0.2
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 50 * 1024
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_hostile_parts_are_refused_inside_good_metadata_too() -> None:
    good = metadata()
    for start in (b'<!DOCTYPE md:EntityDescriptor [<!ENTITY e "x">]>', b'<?xml-stylesheet href="x"?>'):
        assert reason(start + good)
    include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert "XInclude" in reason(good.replace(b"</md:IDPSSODescriptor>", include + b"</md:IDPSSODescriptor>"))


def test_a_comment_does_not_cut_a_value_in_two() -> None:
    name_id = f"<md:NameIDFormat>{EMAIL[:20]}<!-- x -->{EMAIL[20:]}</md:NameIDFormat>"
    assert read(metadata(SIGNING, endpoint(), name_id)).name_id_formats == (EMAIL,)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_nothing_but_metadata_or_a_sentence_comes_back(data: bytes) -> None:
    try:
        assert isinstance(read(data), SamlMetadata)
    except Invalid as error:
        assert error.errors["metadata"]


PARTS = st.sampled_from([
    SIGNING, endpoint(), LOGOUT, "<md:NameIDFormat/>", "<md:KeyDescriptor/>", descriptor(make_certificate(), ' use=""'),
    f'<md:SingleSignOnService Binding="{BINDING}HTTP-POST"/>', "<md:SingleLogoutService/>", f'<md:x xmlns:md="{MD}">',
    "</md:IDPSSODescriptor>", "<![CDATA[", "&#0;", "&lt;", "<?x?>", "<!-- -->", "\x00", "\ud7ff",
])  # fmt: skip


@given(st.lists(PARTS, max_size=6), st.text(max_size=20))
def test_the_same_for_what_looks_like_metadata(parts: list[str], entity_id: str) -> None:
    try:
        assert isinstance(read(metadata(*parts, entity_id=entity_id)), SamlMetadata)
    except Invalid as error:
        assert error.errors["metadata"]
