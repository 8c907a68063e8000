"""Judging what an OpenID provider answers: tokens (OpenID Connect Core 3.1.3.7) and errors (RFC 6749 4.1.2.1, 5.2)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portal import foreign_json
from portal.sso.discovery import ALGORITHMS
from portal.sso.faults import Finding
from portal.sso.judgement import (
    LONGEST,
    MASK,
    MOST_ATTRIBUTES,
    OK,
    UNSEEN,
    WRONG,
    Attribute,
    Check,
    Judgement,
    address_findings,
    attribute,
    is_secret,
)
from portal.sso.token_keys import KEY_UNKNOWN, SIGNATURE_WRONG, verify

MOST_BYTES = 256 * 1024
_ERRORS = {
    "invalid_client": "client-wrong",
    "unauthorized_client": "client-not-allowed",
    "unsupported_response_type": "client-not-allowed",
    "unsupported_grant_type": "client-not-allowed",
    "access_denied": "access-denied",
    "consent_required": "access-denied",
    "login_required": "passive",
    "interaction_required": "passive",
    "account_selection_required": "passive",
    "invalid_grant": "code-refused",
    "invalid_scope": "scope-refused",
    "redirect_uri_mismatch": "redirect-uri",
}
# What vendors say tells more than the error they say it under.
_SAYINGS = (
    (re.compile(r"redirect[_ ]?uri|AADSTS50011\b", re.I), "redirect-uri"),
    (re.compile(r"AADSTS50105\b|not assigned", re.I), "access-denied"),
    (re.compile(r"AADSTS70002(15|22)\b|AADSTS700016\b|client credentials|client[_ ]secret", re.I), "client-wrong"),
)


@dataclass(frozen=True)
class OidcExpected:
    """What a connection expects of a token.

    `keys` is the provider's key set (RFC 7517), None if it could not be fetched; `received`: when it came in, None for
    a pasted one; `attributes`: claims that mappings need; `email`: the claim with the address; `domains`: verified
    ones, empty for any; `skew`: seconds that clocks may differ.
    """

    issuer: str
    client_id: str
    keys: Mapping[str, Any] | None
    nonce: str = ""
    received: datetime | None = None
    attributes: tuple[str, ...] = ()
    email: str = "email"
    domains: frozenset[str] = field(default_factory=frozenset)
    skew: int = 0


def judge(answer: Mapping[str, Any], expected: OidcExpected, userinfo: Mapping[str, Any] | None = None) -> Judgement:
    """Judge an answer of the token endpoint or of the authorization endpoint; never raises.

    Claims of `userinfo` count beside those of the ID token, as with Keycloak.
    """
    if answer.get("error"):
        return judge_error(answer)
    token = answer.get("id_token")
    if not isinstance(token, str) or not token:
        return Judgement("oidc", _shown(answer), findings=(Finding("token-none"),))
    return judge_token(token, expected, userinfo)


def judge_error(answer: Mapping[str, Any]) -> Judgement:
    """Judge `error` and `error_description`."""
    error, said = str(answer.get("error", ""))[:LONGEST], str(answer.get("error_description") or "")[:LONGEST]
    code = next((code for pattern, code in _SAYINGS if pattern.search(f"{error} {said}")), "")
    finding = Finding(code or _ERRORS.get(error, "provider-failed"), f"{error}: {said}" if said else error)
    return Judgement("oidc", _shown(answer), findings=(finding,))


def judge_token(token: str, expected: OidcExpected, userinfo: Mapping[str, Any] | None = None) -> Judgement:
    """Judge an ID token. What cannot be trusted is shown all the same; `Judgement.verified` says which it is."""
    header, claims = _parts(token)
    if header is None or claims is None:
        return Judgement("oidc", "", findings=(Finding("token-unreadable"),))
    signing = list(_signature_findings(token, header, expected))
    merged = {**(userinfo or {}), **claims}
    findings = [*signing, *_findings(claims, expected), *_person_findings(merged, expected)]
    return Judgement(
        protocol="oidc", document=_shown({"header": header, "claims": claims, "userinfo": userinfo or {}}),
        checks=tuple(_checks(claims, findings, expected)), findings=tuple(findings), subject=_text(claims.get("sub")),
        email=_text(merged.get(expected.email)), attributes=tuple(_attributes(merged)), verified=not signing,
        signers=(_text(header.get("kid")),) if header.get("kid") else (), skew=_skew(claims, expected.received),
    )  # fmt: skip


def _parts(token: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Header and claims, unchecked."""
    pieces = token.strip().split(".")
    if len(pieces) != 3 or len(token) > MOST_BYTES:
        return None, None
    return _opened(pieces[0]), _opened(pieces[1])


def _opened(piece: str) -> dict[str, Any] | None:
    try:
        found = foreign_json.read(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _signature_findings(token: str, header: Mapping[str, Any], expected: OidcExpected) -> Iterator[Finding]:
    algorithm = _text(header.get("alg"))
    if algorithm not in ALGORITHMS:
        yield Finding("token-algorithm", algorithm)
        return
    outcome = verify(token.strip(), header, expected.keys or {})
    if outcome == KEY_UNKNOWN:
        yield Finding("key-unknown", _text(header.get("kid")))
    elif outcome == SIGNATURE_WRONG:
        yield Finding("signature-wrong")


def _findings(claims: Mapping[str, Any], expected: OidcExpected) -> Iterator[Finding]:
    """From whom, for whom, when, to which question."""
    if claims.get("iss") != expected.issuer:
        yield Finding("issuer-wrong", _text(claims.get("iss")))
    audiences = _audiences(claims)
    azp = claims.get("azp")
    if expected.client_id not in audiences or (len(audiences) > 1 and azp not in (None, expected.client_id)):
        yield Finding("token-audience", ", ".join(audiences)[:LONGEST])
    if expected.nonce and claims.get("nonce") != expected.nonce:
        yield Finding("nonce-wrong")
    yield from _time_findings(claims, expected)


def _time_findings(claims: Mapping[str, Any], expected: OidcExpected) -> Iterator[Finding]:
    if expected.received is None:
        return
    now = expected.received.timestamp()
    begins = [found for name in ("iat", "nbf") if (found := _number(claims.get(name))) is not None]
    ends = _number(claims.get("exp"))
    # `iat` and `exp` are whole seconds: a fraction of one is no difference between clocks.
    if begins and (early := max(begins) - now) > expected.skew + 1:
        yield Finding("clock-ahead", str(round(early)))
    if ends is None or (late := now - ends) >= expected.skew:
        yield Finding("token-expired", str(round(late)) if ends is not None else "")


def _person_findings(claims: Mapping[str, Any], expected: OidcExpected) -> Iterator[Finding]:
    if not _text(claims.get("sub")):
        yield Finding("subject-missing")
    yield from address_findings(_text(claims.get(expected.email)), ", ".join(claims)[:LONGEST], expected.domains)
    if claims.get("email_verified") is False:
        yield Finding("email-unverified")
    for name in expected.attributes:
        if name not in claims and name != expected.email:
            yield Finding("attribute-missing", name)


def _checks(claims: Mapping[str, Any], findings: list[Finding], expected: OidcExpected) -> Iterator[Check]:
    codes = {each.code for each in findings}
    unsigned = codes & {"signature-wrong", "key-unknown", "token-algorithm"}
    yield Check("signature", WRONG if unsigned else OK)
    yield Check("issuer", _outcome("issuer-wrong", codes), expected.issuer, _text(claims.get("iss")))
    yield Check("audience", _outcome("token-audience", codes), expected.client_id, ", ".join(_audiences(claims)))
    late = codes & {"clock-ahead", "token-expired"}
    times = " – ".join(_moment(claims.get(name)) for name in ("iat", "exp"))
    yield Check("times", WRONG if late else (OK if expected.received else UNSEEN), "", times)
    yield Check("nonce", _outcome("nonce-wrong", codes) if expected.nonce else UNSEEN)


def _outcome(code: str, codes: set[str]) -> str:
    return WRONG if code in codes else OK


def _audiences(claims: Mapping[str, Any]) -> list[str]:
    value = claims.get("aud")
    each = value if isinstance(value, list) else [value]
    return [item for item in each if isinstance(item, str)]


def _attributes(claims: Mapping[str, Any]) -> Iterator[Attribute]:
    for name, value in list(claims.items())[:MOST_ATTRIBUTES]:
        yield attribute(name, (_text(each) for each in (value if isinstance(value, list) else [value])))


def _skew(claims: Mapping[str, Any], received: datetime | None) -> int | None:
    issued = _number(claims.get("iat"))
    return round(issued - received.timestamp()) if issued is not None and received else None


def _number(value: Any) -> float | None:
    """A NumericDate (RFC 7519 2) that a clock could show."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 253_402_300_800
    return float(value) if good else None


def _moment(value: Any) -> str:
    seconds = _number(value)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}" if seconds is not None else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:LONGEST]


def _shown(answer: Mapping[str, Any]) -> str:
    """The answer as JSON; tokens and secrets are masked, those inside as well."""
    return json.dumps(_masked(answer), indent=2, ensure_ascii=False)[: 64 * LONGEST]


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(key): _masked(each, str(key)) for key, each in value.items()}
    if is_secret(name):
        return MASK
    return [_masked(each) for each in value] if isinstance(value, list) else value
