"""The answer of a test sign-in, from wherever it came, to one judgement."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from portal import foreign_json
from portal.clients.outbound import Policy, policy_from
from portal.clients.trials_service import TrialEvent
from portal.errors import Invalid
from portal.services import Services
from portal.sso import fetching, id_token, pasted, saml_response
from portal.sso.addresses import is_plain, origin, plain_origins
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.faults import Finding
from portal.sso.gates import CALLED
from portal.sso.id_token import OidcExpected
from portal.sso.judgement import OK, Check, Judgement, address_findings, attribute
from portal.sso.saml_response import SamlExpected
from portal.sso.trial_report import Target, feeding
from portal.sso.trial_rows import Run

# What Keycloak has looked at itself before it lets anybody in.
SIGNATURE = frozenset({
    "unsigned", "assertion-unsigned", "certificate-exchanged", "certificate-expired", "signature-wrong", "wrapped",
    "key-unknown", "token-algorithm",
})  # fmt: skip


def saml(run: Run, at: Target, answer: str | bytes, *, live: bool = True, request_id: str = "") -> Judgement:
    """A SAML answer; `live`: it came in just now. Raises `Invalid` for the field `response` if it is none."""
    config, fed = at.provider.config, named(at)
    second = pasted.second_reply(run.services.settings.public_url, run.realm, "saml")
    expected = SamlExpected(
        issuer=config.get("idpEntityId", ""), audience=config.get("entityId") or run.realm.issuer,
        recipients=(pasted.broker(run.realm, run.row.alias), second),
        certificates=_certificates(config.get("signingCertificate", "")),
        assertions_signed=config.get("wantAssertionsSigned") == "true",
        received=datetime.now(UTC) if live else None, request_id=request_id, email=fed.pop("email", ""),
        attributes=tuple(fed.values()), domains=at.domains, skew=_skew(config),
        plain=_plain(run.services),
    )  # fmt: skip
    return _with_addresses(run.services, at, saml_response.judge(answer, expected))


def oidc(
    run: Run, at: Target, answer: Mapping[str, Any], nonce: str = "", userinfo: Mapping[str, Any] | None = None
) -> Judgement:
    """An answer of the token endpoint, or an error of either endpoint."""
    config, fed = at.provider.config, named(at)
    expected = OidcExpected(
        issuer=config.get("issuer", ""), client_id=config.get("clientId", ""), keys=_keys(run.services, config),
        nonce=nonce, received=datetime.now(UTC), email=fed.pop("email", "email"), attributes=tuple(fed.values()),
        domains=at.domains, skew=_skew(config),
    )  # fmt: skip
    return _with_addresses(run.services, at, id_token.judge(answer, expected, userinfo))


def stored(run: Run, at: Target, answer: requests.Response, claims: Mapping[str, Any]) -> Judgement | None:
    """What Keycloak kept of a sign-in that it let in: a SAML response, or the answer of a token endpoint.

    Into an encrypted assertion it alone can look: then `claims` say what it made of it.
    """
    try:
        found = (
            saml(run, at, answer.content)
            if at.provider.protocol == "saml"
            else oidc(run, at, foreign_json.read(answer.content))
        )
    except (Invalid, ValueError):
        return None
    if any(each.code.startswith("encrypted") for each in found.findings):
        seen = from_claims(at, claims)
        return dataclasses.replace(seen, findings=(*seen.findings, Finding("encrypted")), document=found.document)
    return _let_in(found)


def _let_in(found: Judgement) -> Judgement:
    """Keycloak has checked the signature, and has kept the answer in a form of its own."""
    kept = tuple(each for each in found.findings if each.code not in SIGNATURE)
    checks = tuple(dataclasses.replace(each, outcome=OK) if each.name == "signature" else each for each in found.checks)
    return dataclasses.replace(found, findings=kept, checks=checks, verified=True)


def from_claims(at: Target, claims: Mapping[str, Any]) -> Judgement:
    """Where nothing was kept: what Keycloak made of it."""
    names = ("preferred_username", "email", "given_name", "family_name")
    told = tuple(attribute(name, [str(claims[name])]) for name in names if claims.get(name))
    email = str(claims.get("email", ""))
    return Judgement(
        at.provider.protocol, "", (Check("signature", OK),), tuple(address_findings(email, "", at.domains)),
        subject=str(claims.get("preferred_username", "")), email=email, attributes=told, verified=True,
    )  # fmt: skip


def from_event(at: Target, event: TrialEvent) -> Judgement:
    """From Keycloak's log, when it stopped at an account that exists."""
    email = event.details.get("existing_email", "")
    findings = tuple(address_findings(email, "", at.domains)) if email else ()
    subject = event.details.get("identity_provider_identity", "")
    return Judgement(
        at.provider.protocol, "", (Check("signature", OK),), findings, subject=subject, email=email, verified=True
    )


def named(at: Target) -> dict[str, str]:
    """The name of the attribute or claim that feeds each field."""
    return feeding(at.mappers)


def _with_addresses(services: Services, at: Target, found: Judgement) -> Judgement:
    """An address without protection is a fault whatever came."""
    plain = _plain(services)
    used = [at.provider.config[key] for key in CALLED if at.provider.config.get(key)]
    wrong = tuple(Finding("http-address", url) for url in used if is_plain(url, plain))
    return dataclasses.replace(found, findings=(*found.findings, *wrong))


def _plain(services: Services) -> frozenset[str]:
    """Origins that may be http: what the operator listed, and the portal itself on a loopback address."""
    return plain_origins(_policy(services)) | {origin(services.settings.public_url)}


def _policy(services: Services) -> Policy:
    return policy_from(services.settings)


def _certificates(text: str) -> tuple[Certificate, ...]:
    try:
        return read_certificates(text) if text else ()
    except Invalid:
        return ()


def _keys(services: Services, config: Mapping[str, str]) -> Mapping[str, Any] | None:
    try:
        return fetching.fetch_keys(config.get("jwksUrl", ""), _policy(services))
    except Invalid:
        return None


def _skew(config: Mapping[str, str]) -> int:
    given = config.get("allowedClockSkew", "")
    return int(given) if re.fullmatch("[0-9]{1,6}", given) else 0
