"""SAML answers as people bring them, those that are forged, and what is shown of them."""

from __future__ import annotations

import zlib
from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_documents import (
    assertion,
    body,
    key,
    make_certificate,
    metadata,
    posted,
    response,
    signed,
)
from test_sso_response import SOUND, codes, expected, then

from portal.errors import Invalid
from portal.sso.judgement import Judgement
from portal.sso.saml_response import judge

__all__ = ["then"]  # a fixture that each test here uses


def redirected() -> str:
    packer = zlib.compressobj(wbits=-15)
    return b64encode(packer.compress(SOUND.encode()) + packer.flush()).decode()


@pytest.mark.parametrize(
    "shape",
    [
        SOUND,
        SOUND.encode(),
        posted(SOUND),
        "\n".join(posted(SOUND)[n : n + 76] for n in range(0, len(posted(SOUND)), 76)),
        quote_plus(posted(SOUND)),
        f"RelayState=x&SAMLResponse={quote_plus(posted(SOUND))}",
        f"POST /acs HTTP/1.1\nHost: x\n\nSAMLResponse={quote_plus(posted(SOUND))}&RelayState=y",
        f"SAMLResponse: {posted(SOUND)}",
        f'<html><form><input type="hidden" name="SAMLResponse" value="{posted(SOUND)}"/></form></html>',
        redirected(),
        f"https://sso.portal.test/x?SAMLResponse={quote_plus(redirected())}&Signature=abc",
    ],
)
def test_an_answer_in_any_shape(shape: str | bytes) -> None:
    assert judge(shape, expected()).passed


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "No SAML answer"),
        ("hello", "No SAML answer"),
        ("<html><body>Sign in</body></html>", "No SAML answer"),
        ('{"id_token": "x"}', "No SAML answer"),
        (b64encode(b"hello there").decode(), "No SAML answer"),
        (posted('<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>'), "This is the question"),
        (assertion(), "assertion alone"),
        (metadata(), "This is metadata"),
        ("<rss/>", "rss"),
        (SOUND[:-20], "well-formed"),
        (posted("<!DOCTYPE x [<!ENTITY e 'v'>]><x>&e;</x>"), "document type"),
        ("x" * 600_000, "too large"),
        (b64encode(zlib.compress(b"<" * 50_000_000)[2:-4]).decode(), "well-formed"),
    ],
)
def test_what_is_no_answer_is_said(data: str | bytes, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        judge(data, expected())
    assert told in caught.value.errors["response"]


def test_what_is_shown_cannot_be_used_again_and_tells_no_secret() -> None:
    document = response(signed(assertion(attributes={"email": "dana@umbrella.test", "userPassword": "hunter2"})))
    found = judge(document, expected(attributes=()))
    assert "hunter2" not in found.document
    assert "hunter2" not in repr(found)
    value = document[document.index("SignatureValue>") + 15 :][:60]
    assert value not in found.document
    assert body(make_certificate())[:60] not in found.document
    assert "dana@umbrella.test" in found.document
    assert "\n  <samlp:Status>" in found.document


def test_debugging_does_not_log_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    assert judge(SOUND, expected()).passed
    assert "dana" not in caplog.text


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_nothing_but_a_judgement_or_a_sentence_comes_back(data: bytes | str) -> None:
    try:
        assert isinstance(judge(data, expected()), Judgement)
    except Invalid as error:
        assert error.errors["response"]


@given(
    st.integers(0, len(SOUND)), st.integers(0, 40), st.sampled_from(["", "x", "<a/>", "&amp;", '"', "<saml:Issuer/>"])
)
def test_no_change_to_a_signed_answer_passes_as_another(place: int, length: int, put: str) -> None:
    changed = SOUND[:place] + put + SOUND[place + length :]
    try:
        found = judge(changed, expected())
    except Invalid as error:
        assert error.errors["response"]
        return
    if found.passed:
        assert (found.subject, found.email) == ("dana-1", "dana@umbrella.test")


GOOD, EVIL = signed(assertion()), assertion(ident="_evil", name_id="admin", attributes={"email": "boss@umbrella.test"})
SIGNATURE = GOOD[GOOD.index("<ds:Signature") : GOOD.index("</ds:Signature>") + len("</ds:Signature>")]
BARE = GOOD.replace(SIGNATURE, "")


def evil(more: str, ident: str = "_evil") -> str:
    return assertion(ident=ident, name_id="admin", attributes={"email": "boss@umbrella.test"}, more=more)


@pytest.mark.parametrize(
    "document",
    [
        response(EVIL, GOOD),
        response(f"<samlp:Extensions>{GOOD}</samlp:Extensions>", EVIL),
        response(evil(SIGNATURE), BARE),
        response(evil(SIGNATURE.replace("</ds:Signature>", f"<ds:Object>{BARE}</ds:Object></ds:Signature>"))),
        response(evil(SIGNATURE.replace("</ds:Signature>", f"<ds:Object>{BARE}</ds:Object></ds:Signature>"), "_a1")),
        response(evil(f"{SIGNATURE}<saml:Advice>{BARE}</saml:Advice>")),
        response(evil(GOOD)),
        response(SIGNATURE, EVIL),
        response(SIGNATURE, EVIL, f"<samlp:Extensions>{BARE}</samlp:Extensions>"),
        response(evil("", "_a1"), f"<samlp:Extensions>{GOOD}</samlp:Extensions>"),
        response(EVIL, f"<x>{SOUND}</x>"),
        response(evil(SIGNATURE.replace("#_a1", ""))),
        response(evil(SIGNATURE.replace("#_a1", "https://idp.umbrella.test/good.xml"))),
        response(evil(SIGNATURE.replace("#_a1", "#xpointer(/)"))),
    ],
)
def test_signature_wrapping_does_not_pass(document: str) -> None:
    found = judge(posted(document), expected(attributes=()))
    assert not found.verified
    assert not found.passed
    assert {each.code for each in found.findings} & {"unsigned", "wrapped", "signature-wrong"}


def test_only_what_was_signed_is_read() -> None:
    """The good assertion comes first and counts; what stands behind it is not."""
    found = judge(posted(response(GOOD, EVIL)), expected())
    assert (found.subject, found.email) == ("dana-1", "dana@umbrella.test")
    assert [each.code for each in found.findings] == ["assertions-several"]


def test_a_comment_does_not_change_who_it_is() -> None:
    document = response(signed(assertion(name_id="dana@umbrella.test.evil.test")))
    cut = document.replace("dana@umbrella.test.evil.test", "dana@umbrella.test<!-- -->.evil.test")
    assert judge(posted(cut), expected()).subject == "dana@umbrella.test.evil.test"


def test_the_certificate_in_the_answer_is_never_trusted() -> None:
    for private in (key("second"), key("third")):
        found = judge(posted(signed(response(signed(assertion(), private)), private)), expected())
        assert not found.verified
    assert codes(SOUND, certificates=()) == ["certificate-exchanged"]
