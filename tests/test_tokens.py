"""Which tokens are believed. Keycloak never issues the bad ones, so a key of the test's own signs them."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from portal.clients.http import Http
from portal.errors import SessionEnded
from portal.settings import Realm
from portal.signin.provider import Provider, SignInRefused, Tokens

REALM = Realm("demo", "https://id.test", "https://id.test", client_secret="s")
BASE = "https://id.test/realms/demo"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
DOCUMENT = {
    "issuer": BASE,
    **{
        f"{name}_endpoint": f"{BASE}/protocol/openid-connect/{name}"
        for name in ("authorization", "token", "introspection", "end_session")
    },
    "jwks_uri": f"{BASE}/protocol/openid-connect/certs",
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{BASE}/.well-known/openid-configuration", json=DOCUMENT)
        mock.get(DOCUMENT["jwks_uri"], json=KeySet([KEY]).as_dict(private=False))
        found = Provider(REALM, Http())
        found.mock = mock  # type: ignore[attr-defined]
        yield found


def good(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": BASE, "aud": "portal", "azp": "portal", "sub": "me", "typ": "ID", "nonce": "n", "iat": now,
        "exp": now + 60, "auth_time": now,
    }  # fmt: skip
    return {key: value for key, value in {**claims, **changes}.items() if value is not None}


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "k1", **header}, claims, key, algorithms=["RS256"])


def check(provider: Provider, token: str) -> dict[str, Any]:
    return provider.id_claims(Tokens("access", "refresh", token, 0), "n")


def test_a_good_token_is_believed(provider: Provider) -> None:
    assert check(provider, signed(good()))["sub"] == "me"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "https://id.test/realms/other"}, marks=pytest.mark.case("T4"), id="iss of another realm"),
        pytest.param({"aud": "another"}, marks=pytest.mark.case("T3"), id="aud of another client"),
        pytest.param({"azp": "another"}, marks=pytest.mark.case("T3"), id="azp of another client"),
        pytest.param({"nonce": "m"}, marks=pytest.mark.case("T5"), id="another nonce"),
        pytest.param({"nonce": None}, marks=pytest.mark.case("T5"), id="no nonce"),
        pytest.param({"nonce": None, "nonce_supported": False}, marks=pytest.mark.case("T5"), id="nonce talked away"),
        pytest.param({"typ": "Bearer"}, marks=pytest.mark.case("T6"), id="an access token"),
        pytest.param({"typ": "Logout"}, marks=pytest.mark.case("T6"), id="a logout token"),
        pytest.param({"exp": int(time.time()) - 60}, marks=pytest.mark.case("T7"), id="expired"),
        pytest.param({"iat": int(time.time()) + 86_400}, marks=pytest.mark.case("T7"), id="from the future"),
        pytest.param({"sub": None}, id="nobody"),
        pytest.param({"at_hash": "AAAA"}, marks=pytest.mark.case("T12"), id="at_hash of another access token"),
    ],
)
def test_a_token_with_one_wrong_claim_is_refused(provider: Provider, changes: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        check(provider, signed(good(**changes)))


@pytest.mark.case("T7")
def test_clocks_may_differ_a_little(provider: Provider) -> None:
    assert check(provider, signed(good(exp=int(time.time()) - 10, iat=int(time.time()) + 10)))


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def by_hand(header: dict[str, str], secret: bytes = b"") -> str:
    """A token as no library makes it."""
    head = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(good()).encode())}"
    return f"{head}.{_part(hmac.digest(secret, head.encode(), 'sha256')) if secret else ''}"


def forged() -> list[Any]:
    return [
        pytest.param(lambda: signed(good(), OTHER), id="signed by another key"),
        pytest.param(
            lambda: by_hand({"alg": "HS256", "kid": "k1"}, KEY.as_pem(private=False)), id="HS256 with the public key"
        ),
        pytest.param(lambda: by_hand({"alg": "none"}), id="alg none"),
        pytest.param(lambda: signed(good(), OTHER, kid="new"), id="unknown kid"),
        pytest.param(lambda: signed(good(), OTHER, jku="https://evil.test/keys"), id="keys named in the header"),
        pytest.param(lambda: "nonsense", id="not a token"),
    ]


@pytest.mark.case("T1")
@pytest.mark.case("T2")
@pytest.mark.parametrize("make", forged())
def test_a_forged_token_is_refused_without_asking_elsewhere(provider: Provider, make: Callable[[], str]) -> None:
    with pytest.raises(SignInRefused):
        check(provider, make())
    hosts = {call.request.url.split("/")[2] for call in provider.mock.calls}  # type: ignore[attr-defined]
    assert hosts == {"id.test"}


@pytest.mark.case("T14")
def test_a_new_key_is_fetched_once_and_a_flood_of_unknown_ones_fetches_nothing(provider: Provider) -> None:
    check(provider, signed(good()))
    asked = provider.mock.calls.__len__  # type: ignore[attr-defined]
    before = asked()
    for number in range(20):
        with pytest.raises(SignInRefused):
            check(provider, signed(good(), OTHER, kid=f"unknown{number}"))
    assert asked() == before, "keys fetched a moment ago were fetched again"
    provider._keys_at -= 120
    provider.mock.replace("GET", DOCUMENT["jwks_uri"], json=KeySet([OTHER]).as_dict(private=False))  # type: ignore[attr-defined]
    assert check(provider, signed(good(), OTHER))
    assert asked() == before + 1


@pytest.mark.case("T11")
@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://id.test/realms/other"},
        {"token_endpoint": "https://evil.test/token"},
        {"jwks_uri": "https://evil.test/keys"},
        {"authorization_endpoint": "http://id.test.evil.test/auth"},
    ],
)
def test_a_discovery_document_that_points_elsewhere_is_refused(provider: Provider, wrong: dict[str, str]) -> None:
    provider.mock.replace("GET", f"{BASE}/.well-known/openid-configuration", json={**DOCUMENT, **wrong})  # type: ignore[attr-defined]
    with pytest.raises(SignInRefused):
        provider.metadata()


def logout_claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": BASE, "aud": "portal", "sub": "me", "sid": "s", "jti": "j", "iat": now, "exp": now + 60}
    return {key: value for key, value in {**claims, "events": {EVENT: {}}, **changes}.items() if value is not None}


def test_a_good_logout_token_is_believed(provider: Provider) -> None:
    assert provider.logout_claims(signed(logout_claims(), typ="logout+jwt"))["sid"] == "s"


@pytest.mark.case("A8")
@pytest.mark.parametrize(
    ("changes", "typ"),
    [
        ({}, "JWT"),
        ({"nonce": "n"}, "logout+jwt"),
        ({"events": None}, "logout+jwt"),
        ({"events": {"other": {}}}, "logout+jwt"),
        ({"aud": "another"}, "logout+jwt"),
        ({"iss": "https://id.test/realms/other"}, "logout+jwt"),
        ({"exp": int(time.time()) - 120}, "logout+jwt"),
        ({"jti": None}, "logout+jwt"),
        ({"sub": None, "sid": None}, "logout+jwt"),
    ],
)
def test_a_logout_token_with_one_fault_is_refused(provider: Provider, changes: dict[str, Any], typ: str) -> None:
    with pytest.raises(SignInRefused):
        provider.logout_claims(signed(logout_claims(**changes), typ=typ))


def test_a_refresh_that_is_refused_ends_the_session_and_one_that_fails_does_not(provider: Provider) -> None:
    url = DOCUMENT["token_endpoint"]
    provider.mock.post(url, json={"error": "invalid_grant"}, status=400)  # type: ignore[attr-defined]
    with pytest.raises(SessionEnded):
        provider.refresh("r")
