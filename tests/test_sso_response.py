"""SAML answers: sound ones pass, each broken one is told by its fault, and forgeries are seen through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import identity_documents
import pytest
from identity_documents import (
    AUDIENCE,
    DS,
    IDP,
    RECIPIENT,
    assertion,
    body,
    key,
    make_certificate,
    pem,
    posted,
    response,
    signed,
)

from portal.sso.certificates import read_certificates
from portal.sso.faults import CODES, EVENTS, FAULTS, Finding
from portal.sso.saml_response import SamlExpected, judge

READ = datetime.now(UTC)
OURS = read_certificates(pem(make_certificate()))
SECOND = make_certificate(key("second"))
SOUND = signed(response(signed(assertion())))
ENCRYPTED = (
    '<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData>'
    f'<xenc:CipherValue>c2VjcmV0</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData><ds:KeyInfo xmlns:ds="{DS}">'
    f"<ds:X509Data><ds:X509Certificate>{body(SECOND)}</ds:X509Certificate></ds:X509Data>"
    "</ds:KeyInfo></saml:EncryptedAssertion>"
)


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents above are made when this file is read, which may be long before a test's turn."""
    monkeypatch.setattr(identity_documents, "clock", lambda: READ)


def expected(**changed) -> SamlExpected:
    usual = SamlExpected(IDP, AUDIENCE, (RECIPIENT, "https://portal.test/test"), OURS, received=READ,
                         domains=frozenset({"umbrella.test"}), attributes=("email", "firstName"))  # fmt: skip
    return replace(usual, **changed)


def codes(document: str, **changed) -> list[str]:
    found = judge(posted(document), expected(**changed))
    assert found.passed == (found.verified and not any(each.severity == "bad" for each in found.findings))
    assert all(each.title and each.meaning and each.remedy for each in found.findings)
    return [each.code for each in found.findings]


@pytest.mark.parametrize(
    "document",
    [SOUND, signed(response(assertion())), response(signed(assertion())), response(signed(assertion(), bare=True))],
    ids=["both", "response", "assertion", "without the certificate"],
)
def test_a_sound_answer_passes_and_everything_in_it_is_told(document: str) -> None:
    found = judge(posted(document), expected())
    assert found.passed, found.findings
    assert found.findings == ()
    assert (found.subject, found.email) == ("dana-1", "dana@umbrella.test")
    assert {each.name: each.values for each in found.attributes} == {
        "email": ("dana@umbrella.test",), "firstName": ("Dana",), "lastName": ("Doe",)
    }  # fmt: skip
    assert found.signers == (OURS[0].fingerprint,)
    assert {each.name: each.outcome for each in found.checks} == dict.fromkeys(
        ("signature", "issuer", "audience", "recipient", "times"), "ok"
    )
    assert abs(found.skew) < 60


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (response(assertion()), ["unsigned"]),
        (response(signed(assertion(), key("second"))), ["certificate-exchanged"]),
        (response(signed(assertion(), key("second"), bare=True)), ["signature-wrong"]),
        (response(signed(assertion()).replace("Dana", "Eve")), ["signature-wrong"]),
        (SOUND.replace("xmldsig-more#rsa-sha256", "rsa-sha1"), ["signature-algorithm"]),
        (signed(response(assertion(), issuer="https://b.test")), ["issuer-wrong"]),
        (signed(response(assertion(issuer="https://b.test"))), ["issuer-wrong"]),
        (signed(response(assertion(audience="https://b.test"))), ["audience-wrong"]),
        (signed(response(assertion(audience=None))), ["audience-missing"]),
        (signed(response(assertion(recipient="https://b.test/acs"))), ["recipient-wrong"]),
        (signed(response(assertion(), destination="https://b.test/acs")), ["recipient-wrong"]),
        (signed(response(assertion(recipient=""))), ["recipient-missing"]),
        (signed(response(assertion(since=90))), ["clock-ahead"]),
        (signed(response(assertion(since=-400, until=-100))), ["clock-behind"]),
        (signed(response(assertion(), asked="")), ["unsolicited"]),
        (signed(response()), ["assertion-none"]),
        (signed(response(assertion(), assertion(ident="_a2"))), ["assertions-several"]),
        (signed(response(ENCRYPTED)), ["encrypted-without-key"]),
        (signed(response(assertion(name_id=""))), ["name-id-missing"]),
        (signed(response(assertion(name_format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"))),
         ["name-id-transient"]),
        (signed(response(assertion(attributes={"firstName": "Dana"}))), ["email-missing", "attribute-missing"]),
        (signed(response(assertion(attributes={"email": "Dana", "firstName": "D"}))), ["email-invalid"]),
        (signed(response(assertion(attributes={"email": "d@b.test", "firstName": "D"}))), ["domain-foreign"]),
        (signed(response(assertion(attributes={"email": "d@umbrella.test"}))), ["attribute-missing"]),
        (signed(response(status="Responder")), ["access-denied"]),
        (signed(response(status="Responder", inner="RequestDenied")), ["access-denied"]),
        (signed(response(status="Responder", inner="AuthnFailed")), ["sign-in-failed"]),
        (signed(response(status="Requester", inner="InvalidNameIDPolicy")), ["name-id-policy"]),
        (signed(response(status="Responder", inner="NoAuthnContext")), ["context"]),
        (signed(response(status="Responder", inner="NoPassive")), ["passive"]),
        (signed(response(status="Requester")), ["requester"]),
        (signed(response(status="Strange")), ["provider-failed"]),
    ],
)  # fmt: skip
def test_each_fault_is_told_by_its_name(document: str, told: list[str]) -> None:
    assert codes(document) == told


def test_what_the_provider_said_and_what_was_found_is_in_the_sentences() -> None:
    (denied,) = judge(posted(signed(response(status="Responder", said="AADSTS50105"))), expected()).findings
    assert "AADSTS50105" in denied.meaning
    (exchanged,) = judge(posted(response(signed(assertion(), key("second")))), expected()).findings
    assert read_certificates(pem(make_certificate(key("second"))))[0].fingerprint[:16] in exchanged.meaning
    (early,) = judge(posted(signed(response(assertion(since=90)))), expected()).findings
    assert 85 <= int(early.value) <= 95


def test_an_expired_certificate_is_another_fault_than_a_wrong_one() -> None:
    expired = read_certificates(pem(make_certificate(days=-2)))
    found = judge(posted(SOUND), expected(certificates=expired))
    assert [each.code for each in found.findings] == ["certificate-expired"]
    assert not found.passed
    assert found.checks[0].outcome == "bad"


def test_a_renewal_trusts_both_certificates() -> None:
    both = OURS + read_certificates(pem(make_certificate(key("second"))))
    for private in (key(), key("second")):
        found = judge(posted(signed(response(assertion()), private)), expected(certificates=both))
        assert found.passed
        assert len(found.signers) == 1


def test_a_signed_assertion_can_be_demanded() -> None:
    assert codes(signed(response(assertion())), assertions_signed=True) == ["assertion-unsigned"]
    assert codes(SOUND, assertions_signed=True) == []


def test_a_clock_may_differ_by_what_is_allowed() -> None:
    late = signed(response(assertion(since=60)))
    assert codes(late) == ["clock-ahead"]
    assert codes(late, skew=90) == []


def test_a_pasted_answer_is_not_judged_by_its_age() -> None:
    old = signed(response(assertion(since=-4000, until=-3000)))
    found = judge(old, expected(received=None))
    assert found.passed
    assert found.skew is None
    assert {each.name: each.outcome for each in found.checks}["times"] == "unseen"
    assert codes(old, received=READ - timedelta(seconds=3500)) == []


def test_both_addresses_are_right_and_one_by_http_is_not() -> None:
    other = "https://portal.test/test"
    assert codes(signed(response(assertion(recipient=other), destination=other))) == []
    plain = "http://localhost:8080/acs"
    document = signed(response(assertion(recipient=plain), destination=plain))
    assert codes(document, recipients=(plain,)) == ["http-address"]
    assert codes(document, recipients=(plain,), plain=frozenset({"http://localhost:8080"})) == []


def test_the_answer_to_another_question_is_told() -> None:
    assert codes(SOUND, request_id="_q1") == []
    assert codes(SOUND, request_id="_q2") == ["request-other"]


def test_encryption_for_another_key_is_told_by_the_certificate_it_names() -> None:
    ours = read_certificates(pem(SECOND))
    assert codes(signed(response(ENCRYPTED)), encryption=ours) == ["encrypted"]
    assert codes(signed(response(ENCRYPTED)), encryption=OURS) == ["encrypted-other-key"]


def test_the_address_is_found_under_usual_names_or_the_one_given() -> None:
    long = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
    document = signed(response(assertion(attributes={long: "dana@umbrella.test", "firstName": "D"})))
    assert judge(document, expected()).email == "dana@umbrella.test"
    assert codes(document, email="email") == ["email-missing"]
    mail = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    named = signed(response(assertion(attributes={}, name_id="dana@umbrella.test", name_format=mail)))
    assert judge(named, expected()).email == "dana@umbrella.test"


def test_the_table_of_faults_is_whole() -> None:
    assert len(CODES) >= 40
    assert set(EVENTS.values()) <= CODES
    for code in FAULTS:
        found = Finding(code, "100 % of it")
        assert found.severity in {"bad", "warn", "note"}
        assert all("%(" not in each for each in (found.title, found.meaning, found.remedy))
