"""Answers of OpenID providers: sound tokens pass, each broken one and each error is told by its fault."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from portal.sso.id_token import OidcExpected, judge, judge_token
from portal.sso.judgement import Judgement

# Tokens are made while this file is read, which may be long before a test's turn.
READ = int(time.time())
ISSUER, CLIENT = "https://idp.umbrella.test", "portal"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})
KEYS = KeySet([KEY]).as_dict(private=False)


def claims(**changed: Any) -> dict[str, Any]:
    now = READ
    usual = {"iss": ISSUER, "aud": CLIENT, "sub": "dana-1", "iat": now, "exp": now + 300, "nonce": "n",
             "email": "dana@umbrella.test", "email_verified": True, "given_name": "Dana"}  # fmt: skip
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def token(changed: dict[str, Any] | None = None, key: Any = KEY, **header: Any) -> str:
    head = {"alg": "RS256", "kid": "k1", **header}
    return jwt.encode({k: v for k, v in head.items() if v}, claims(**(changed or {})), key, algorithms=[head["alg"]])


def expected(**changed: Any) -> OidcExpected:
    usual = OidcExpected(ISSUER, CLIENT, KEYS, nonce="n", received=datetime.fromtimestamp(READ, UTC),
                         attributes=("email", "given_name"), domains=frozenset({"umbrella.test"}))  # fmt: skip
    return replace(usual, **changed)


def codes(text: str, **changed: Any) -> list[str]:
    found = judge_token(text, expected(**changed))
    assert all(each.title and each.meaning and each.remedy for each in found.findings)
    return [each.code for each in found.findings]


def test_a_sound_token_passes_and_everything_in_it_is_told() -> None:
    found = judge({"id_token": token(), "access_token": "s3cret"}, expected())
    assert found.passed
    assert found.findings == ()
    assert (found.subject, found.email, found.signers) == ("dana-1", "dana@umbrella.test", ("k1",))
    assert {each.name: each.outcome for each in found.checks} == dict.fromkeys(
        ("signature", "issuer", "audience", "times", "nonce"), "ok"
    )
    assert abs(found.skew) < 60
    assert '"given_name": "Dana"' in found.document


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (token(key=OTHER), ["signature-wrong"]),
        (token(kid="k2"), ["key-unknown"]),
        (token({"iss": "https://b.test"}), ["issuer-wrong"]),
        (token({"iss": f"{ISSUER}/"}), ["issuer-wrong"]),
        (token({"aud": "other"}), ["token-audience"]),
        (token({"aud": ["other", "third"]}), ["token-audience"]),
        (token({"aud": [CLIENT, "other"], "azp": "other"}), ["token-audience"]),
        (token({"nonce": "m"}), ["nonce-wrong"]),
        (token({"nonce": None}), ["nonce-wrong"]),
        (token({"exp": 1_000_000_000}), ["token-expired"]),
        (token({"exp": None}), ["token-expired"]),
        (token({"iat": READ + 600, "exp": READ + 900}), ["clock-ahead"]),
        (token({"nbf": READ + 600}), ["clock-ahead"]),
        (token({"sub": None}), ["subject-missing"]),
        (token({"email": None}), ["email-missing"]),
        (token({"email": "dana"}), ["email-invalid"]),
        (token({"email": "dana@b.test"}), ["domain-foreign"]),
        (token({"email": "dana@evil.test@umbrella.test"}), ["email-invalid"]),
        (token({"email_verified": False}), ["email-unverified"]),
        (token({"given_name": None}), ["attribute-missing"]),
        ("x.y", ["token-unreadable"]),
        ("a.b.c", ["token-unreadable"]),
        ("a.b.c.d.e", ["token-unreadable"]),
        ("", ["token-unreadable"]),
    ],
)
def test_each_fault_is_told_by_its_name(text: str, told: list[str]) -> None:
    assert codes(text) == told


def test_what_is_signed_with_a_published_secret_or_not_at_all_does_not_pass() -> None:
    def unsigned(header: dict[str, Any]) -> str:
        parts = (
            base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims())
        )
        return f"{'.'.join(parts)}."

    shared = OctKey.import_key("x" * 64)
    assert codes(unsigned({"alg": "none"})) == ["token-algorithm"]
    assert codes(unsigned({"alg": "RS256", "kid": "k1"})) == ["signature-wrong"]
    assert codes(token(key=shared, alg="HS256")) == ["token-algorithm"]
    own = token(key=OTHER, jwk=OTHER.as_dict(private=False), jku="https://evil.test/keys")
    assert codes(own) == ["signature-wrong"]
    assert codes(token(), keys={"keys": [{"kty": "oct", "k": "eA", "kid": "k1"}]}) == ["key-unknown"]
    assert codes(token(), keys=None) == ["key-unknown"]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(ECKey.generate_key("P-256"), "ES256"), (OKPKey.generate_key("Ed25519"), "EdDSA"), (OTHER, "PS256")],
)
def test_other_kinds_of_keys(key: Any, algorithm: str) -> None:
    strange = [5, {"kty": "XY"}, {"kty": "RSA", "n": "!"}, {"kty": "EC", "use": "enc"}]
    keys = {"keys": [*(each for each in strange if isinstance(each, dict)), key.as_dict(private=False)]}
    assert codes(token(key=key, alg=algorithm, kid=None), keys=keys) == []


def test_a_large_token_of_a_vendor_with_many_groups_is_read() -> None:
    groups = [f"group-{number:05d}" for number in range(9000)]
    found = judge_token(token({"groups": groups}, x5c=["A" * 2000]), expected())
    assert found.passed
    assert len(next(each for each in found.attributes if each.name == "groups").values) == 50


def test_claims_of_userinfo_count_but_those_of_the_token_first() -> None:
    text = token({"email": None, "given_name": None})
    more = {"email": "dana@umbrella.test", "given_name": "Dana", "sub": "other"}
    found = judge({"id_token": text}, expected(), more)
    assert found.passed
    assert (found.email, found.subject) == ("dana@umbrella.test", "dana-1")


def test_a_clock_may_differ_by_what_is_allowed_and_a_pasted_token_has_no_age() -> None:
    late = token({"iat": READ + 60})
    assert codes(late) == ["clock-ahead"]
    assert codes(late, skew=90) == []
    assert codes(token({"exp": 1_000_000_000}), received=None) == []
    assert codes(token({"iat": "soon", "exp": 10**40})) == ["token-expired"]


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        ("invalid_client", "", "client-wrong"),
        ("unauthorized_client", "Invalid client or Invalid client credentials", "client-wrong"),
        ("invalid_client", "AADSTS7000215: Invalid client secret provided.", "client-wrong"),
        ("unauthorized_client", "AADSTS700016: Application was not found", "client-wrong"),
        ("unauthorized_client", "Client not allowed for flow", "client-not-allowed"),
        ("access_denied", "User is not assigned to the client application.", "access-denied"),
        ("invalid_request", "AADSTS50105: not assigned to a role", "access-denied"),
        ("invalid_request", "Invalid parameter: redirect_uri", "redirect-uri"),
        ("redirect_uri_mismatch", "", "redirect-uri"),
        ("invalid_grant", "Code not valid", "code-refused"),
        ("invalid_grant", "Incorrect redirect_uri", "redirect-uri"),
        ("invalid_scope", "groups", "scope-refused"),
        ("login_required", "", "passive"),
        ("server_error", "boom", "provider-failed"),
        ("strange", "", "provider-failed"),
    ],
)
def test_errors_of_providers_are_told_by_their_fault(error: str, said: str, code: str) -> None:
    found = judge({"error": error, "error_description": said}, expected())
    assert [each.code for each in found.findings] == [code]
    assert not found.passed
    assert error in found.findings[0].value


def test_an_answer_without_an_id_token_is_told_and_shown_without_its_secrets() -> None:
    found = judge({"access_token": "s3cret", "more": [{"client_secret": "s3cret"}]}, expected())
    assert [each.code for each in found.findings] == ["token-none"]
    assert "s3cret" not in repr(found)


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
                    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
                    max_leaves=5)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*sorted(claims()), "azp", "nbf"]), JSON))
def test_whatever_the_claims_are_there_is_a_judgement(changed: dict[str, Any]) -> None:
    body = {**claims(), **changed}
    parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in ({"alg": "RS256"}, body))
    found = judge_token(f"{'.'.join(parts)}.AAAA", expected())
    assert isinstance(found, Judgement)
    assert not found.passed


@given(st.text(max_size=60))
def test_whatever_the_token_is_there_is_a_judgement(text: str) -> None:
    assert not judge_token(text, expected()).passed
