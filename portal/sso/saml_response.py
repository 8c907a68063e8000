"""Judging a SAML answer against a connection (saml-core-2.0-os, saml-profiles-2.0-os 4.1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from portal.sso import saml_facts, saml_times
from portal.sso.addresses import is_plain
from portal.sso.certificates import Certificate
from portal.sso.faults import Finding
from portal.sso.judgement import (
    LONGEST,
    OK,
    UNSEEN,
    WRONG,
    Attribute,
    Check,
    Judgement,
    address_findings,
)
from portal.sso.safe_xml import Element, find, find_all, text
from portal.sso.saml_answers import decoded, shown
from portal.sso.saml_encryption import encryption_findings
from portal.sso.saml_signature import MISSING, OTHER, TRUSTED, WEAK, WRAPPED, Signed, judge_signature
from portal.sso.saml_status import status_findings

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_CODES = {WEAK: "signature-algorithm", WRAPPED: "wrapped", OTHER: "certificate-exchanged"}


@dataclass(frozen=True)
class SamlExpected:
    """What a connection expects of an answer.

    `recipients`: every address it may be sent to (Keycloak's and the portal's own); `encryption`: certificates we gave
    out for encryption; `received`: when it came in, None for a pasted one; `request_id`: of the question, if known;
    `attributes`: names that mappings need; `email`: name of the attribute with the address, empty to look for it;
    `domains`: verified ones, empty for any; `skew`: seconds that clocks may differ.
    """

    issuer: str
    audience: str
    recipients: tuple[str, ...]
    certificates: tuple[Certificate, ...]
    assertions_signed: bool = False
    encryption: tuple[Certificate, ...] = ()
    received: datetime | None = None
    request_id: str = ""
    attributes: tuple[str, ...] = ()
    email: str = ""
    domains: frozenset[str] = frozenset()
    skew: int = 0
    plain: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class _Case:
    """One answer: the parts that count, and whether a trusted key signed them."""

    root: Element
    expected: SamlExpected
    response: Signed
    assertion: Signed
    node: Element | None

    @property
    def verified(self) -> bool:
        whole, part = self.response.outcome, self.assertion.outcome
        good = {TRUSTED, MISSING}
        return {whole, part} <= good and TRUSTED in {whole, part} and (self.node is None or self._covers())

    def _covers(self) -> bool:
        return self.assertion.outcome == TRUSTED or not self.expected.assertions_signed

    @property
    def signers(self) -> tuple[str, ...]:
        each = (self.response.certificate, self.assertion.certificate)
        return tuple(dict.fromkeys(certificate.fingerprint for certificate in each if certificate))


def judge(response: str | bytes, expected: SamlExpected) -> Judgement:
    """Judge an answer as posted or pasted.

    What cannot be trusted is shown all the same, for the diagnosis; `Judgement.verified` says which it is.
    Raises `Invalid` for the field `response` if there is no answer in it.
    """
    case = _case(decoded(response), expected)
    attributes = tuple(saml_facts.attributes(case.node))
    name_id = find(case.node, "saml:Subject/saml:NameID") if case.node is not None else None
    email = saml_facts.email(attributes, name_id, expected.email)
    findings = [*_signature_findings(case), *status_findings(case.root), *_findings(case)]
    if case.node is not None:
        findings += [*_person_findings(name_id), *_profile_findings(attributes, email, expected)]
    return Judgement(
        protocol="saml", document=shown(case.root), checks=tuple(_checks(case, findings)),
        findings=tuple(dict.fromkeys(findings)), subject=text(name_id)[:LONGEST],
        subject_format=name_id.get("Format", "") if name_id is not None else "", email=email, attributes=attributes,
        verified=case.verified, signers=case.signers, skew=saml_times.skew(case.root, expected.received),
    )  # fmt: skip


def _case(root: Element, expected: SamlExpected) -> _Case:
    """Find the parts. From something signed only what was signed is taken."""
    whole = judge_signature(root, expected.certificates)
    first = find(root, "saml:Assertion")
    part = judge_signature(first, expected.certificates) if first is not None else Signed(MISSING)
    if part.node is not None:
        return _Case(root, expected, whole, part, part.node)
    inside = find(whole.node, "saml:Assertion") if whole.node is not None else None
    return _Case(root, expected, whole, part, inside if inside is not None else first)


def _signature_findings(case: _Case) -> Iterator[Finding]:
    if len(find_all(case.root, "saml:Assertion")) > 1:
        yield Finding("assertions-several")
    if len(find_all(case.root, ".//saml:Assertion")) > len(find_all(case.root, "saml:Assertion")):
        yield Finding("wrapped")
    for signed in (case.response, case.assertion):
        yield from _of_signature(signed)
    outcomes = {case.response.outcome, case.assertion.outcome}
    encrypted = find(case.root, "saml:EncryptedAssertion") is not None
    if outcomes == {MISSING} and not encrypted:
        yield Finding("unsigned")
    elif case.expected.assertions_signed and case.assertion.outcome == MISSING and case.node is not None:
        yield Finding("assertion-unsigned")


def _of_signature(signed: Signed) -> Iterator[Finding]:
    shown_key = f"{signed.certificate.fingerprint[:16]} ({signed.certificate.subject})" if signed.certificate else ""
    if signed.outcome == TRUSTED and signed.certificate and signed.certificate.days_left() < 0:
        yield Finding("certificate-expired", f"{signed.certificate.not_after:%Y-%m-%d}")
    elif signed.outcome not in {TRUSTED, MISSING}:
        yield Finding(_CODES.get(signed.outcome, "signature-wrong"), signed.algorithm or shown_key)


def _findings(case: _Case) -> Iterator[Finding]:
    """For whom, from whom, when."""
    for issuer in saml_facts.issuers(case.root, case.node) or [""]:
        if issuer != case.expected.issuer:
            yield Finding("issuer-wrong", issuer[:LONGEST])
    for place in saml_facts.recipients(case.root, case.node):
        if place not in case.expected.recipients:
            yield Finding("recipient-wrong", place[:LONGEST])
        if is_plain(place, case.expected.plain):
            yield Finding("http-address", place[:LONGEST])
    yield from encryption_findings(case.root, case.expected.encryption)
    yield from _request_findings(case)
    if case.node is not None:
        yield from _audience_findings(case)
        yield from saml_times.findings(case.node, case.expected.received, case.expected.skew)
        if not saml_facts.confirmations(case.node):
            yield Finding("recipient-missing")
    elif find(case.root, "saml:EncryptedAssertion") is None and not list(status_findings(case.root)):
        yield Finding("assertion-none")


def _request_findings(case: _Case) -> Iterator[Finding]:
    asked = case.root.get("InResponseTo", "")
    if not asked:
        yield Finding("unsolicited")
    elif case.expected.request_id and asked != case.expected.request_id:
        yield Finding("request-other")


def _audience_findings(case: _Case) -> Iterator[Finding]:
    audiences = saml_facts.audiences(case.node)
    if not audiences:
        yield Finding("audience-missing")
    elif case.expected.audience not in audiences:
        yield Finding("audience-wrong", ", ".join(audiences)[:LONGEST])


def _person_findings(name_id: Element | None) -> Iterator[Finding]:
    if not text(name_id):
        yield Finding("name-id-missing")
    elif name_id is not None and name_id.get("Format") == TRANSIENT:
        yield Finding("name-id-transient")


def _profile_findings(attributes: tuple[Attribute, ...], email: str, expected: SamlExpected) -> Iterator[Finding]:
    came = {each.name for each in attributes} | {each.friendly_name for each in attributes}
    yield from address_findings(email, ", ".join(each.name for each in attributes)[:LONGEST], expected.domains)
    for name in expected.attributes:
        if name not in came and name != expected.email:
            yield Finding("attribute-missing", name)


def _checks(case: _Case, findings: list[Finding]) -> Iterator[Check]:
    """One line for each thing that was compared."""
    codes = {each.code for each in findings}
    signers = ", ".join(each[:16] for each in case.signers)
    trusted = ", ".join(each.fingerprint[:16] for each in case.expected.certificates)
    yield Check("signature", OK if case.verified and "certificate-expired" not in codes else WRONG, trusted, signers)
    yield _compared("issuer", codes, case.expected.issuer, ", ".join(saml_facts.issuers(case.root, case.node)))
    yield _compared("audience", codes, case.expected.audience, ", ".join(saml_facts.audiences(case.node)))
    yield _compared(
        "recipient", codes, " / ".join(case.expected.recipients), ", ".join(saml_facts.recipients(case.root, case.node))
    )
    times = saml_times.described(case.node) if case.node is not None else ""
    yield Check("times", WRONG if any(each.startswith("clock") for each in codes) else (
        OK if times and case.expected.received else UNSEEN), "", times)  # fmt: skip


def _compared(name: str, codes: set[str], expected: str, found: str) -> Check:
    wrong = any(each.startswith(name) for each in codes)
    return Check(name, WRONG if wrong else (OK if found else UNSEEN), expected, found[:LONGEST])
