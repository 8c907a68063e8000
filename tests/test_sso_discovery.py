"""Discovery documents: what is found, what is refused, and how both are fetched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_documents import ISSUER, PROVIDER, URL, body, document, key, make_certificate, metadata, private_pem

from portal.errors import Invalid
from portal.sso import saml_by_hand
from portal.sso.discovery import Discovery, by_hand, read


def reason(data: bytes, url: str = "", **options) -> str:
    with pytest.raises(Invalid) as caught:
        read(data, url, **options)
    assert set(caught.value.errors) == {"discovery"}
    return caught.value.errors["discovery"]


def test_everything_of_a_sound_document_is_found() -> None:
    found = read(document(), URL)
    assert (found.issuer, found.token_endpoint) == (ISSUER, f"{ISSUER}/token")
    assert found.scopes == ("openid", "email", "profile", "groups")
    assert found.called == {
        "token_endpoint": f"{ISSUER}/token", "userinfo_endpoint": f"{ISSUER}/userinfo", "jwks_uri": f"{ISSUER}/keys"
    }  # fmt: skip
    assert found.weaknesses == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"jwks_uri": None}, "keys-none"),
        ({"userinfo_endpoint": None}, "userinfo-none"),
        ({"end_session_endpoint": None}, "logout-none"),
        ({"code_challenge_methods_supported": ["plain"]}, "pkce-none"),
        ({"scopes_supported": ["openid"]}, "email-none"),
        ({"response_types_supported": ["id_token"]}, "code-none"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "algorithm"),
        ({"token_endpoint_auth_methods_supported": ["tls_client_auth"]}, "auth-method"),
    ],
)
def test_what_is_weak_is_named(changed: dict[str, Any], code: str) -> None:
    (weakness,) = read(document(**changed), URL).weaknesses
    assert weakness.code == code
    assert weakness.text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"<!doctype html><html>", "web page"),
        (metadata(), "Is this connection SAML?"),
        (b"{", "not a JSON document"),
        (b"[" * 100_000, "not a JSON document"),
        (b"[]", "names no issuer"),
        (b'{"keys": []}', "JWKS"),
        (b'{"web": {"client_id": "x", "client_secret": "s3cret"}}', "client secret"),
        (private_pem(key()).encode(), "private key"),
        (b"{" + b" " * 2 * 1024 * 1024 + b"}", "too large"),
        (document(issuer="https://login.microsoftonline.com/{tenantid}/v2.0"), "tenant"),
        (document(issuer="http://idp.umbrella.test/oidc"), "must begin with https"),
        (document(token_endpoint="http://idp.umbrella.test/token"), "must begin with https"),
        (document(jwks_uri="file:///etc/passwd"), "not an address"),
        (document(authorization_endpoint="javascript:alert(1)"), "not an address"),
        (document(token_endpoint=None), "token_endpoint"),
        (document(issuer=7), "issuer"),
        (document(issuer="https://a.test/x y"), "not an address"),
    ],
)
def test_what_was_found_instead_is_said(data: bytes, told: str) -> None:
    assert told in reason(data)
    assert "s3cret" not in reason(data)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (ISSUER, URL),
        ("https://umbrella.auth0.test/", "https://umbrella.auth0.test/.well-known/openid-configuration"),
        (ISSUER, f"{URL}?appid=1"),
    ],
)
def test_the_issuer_is_what_the_address_begins_with(issuer: str, url: str) -> None:
    assert read(document(issuer=issuer), url).issuer == issuer


@pytest.mark.parametrize(
    ("issuer", "told"),
    [
        ("https://other.test/oidc", "fetched from another address"),
        (f"{ISSUER}x", "fetched from another address"),
        ("https://idp.umbrella.test/OIDC", "fetched from another address"),
        ("https://sts.windows.net/1234/", "/v2.0"),
    ],
)
def test_another_issuer_is_refused(issuer: str, told: str) -> None:
    assert told in reason(document(issuer=issuer), URL)


def test_our_own_realm_is_refused() -> None:
    own = frozenset({"https://sso.portal.test/realms/demo"})
    itself = "https://sso.portal.test/realms/demo"
    assert "very sign-in" in reason(document(issuer=itself), own=own)
    assert "very sign-in" in reason(document(token_endpoint=f"{itself}/protocol/openid-connect/token"), own=own)


def test_typed_values_are_judged_field_by_field() -> None:
    sound = {name: PROVIDER[name] for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}
    assert by_hand(sound).jwks_uri == f"{ISSUER}/keys"
    with pytest.raises(Invalid) as caught:
        by_hand({"issuer": "x", "token_endpoint": "http://idp.umbrella.test/token"})
    assert set(caught.value.errors) == {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"}
    with pytest.raises(Invalid) as caught:
        by_hand(sound, own=frozenset({ISSUER}))
    assert "very sign-in" in caught.value.errors["issuer"]


def test_typed_values_of_saml_are_judged_field_by_field() -> None:
    sound = {"entity_id": "x", "sso": "https://idp.umbrella.test/sso", "certificate": body(make_certificate())}
    found = saml_by_hand.by_hand({**sound, "binding": "POST", "slo": "https://idp.umbrella.test/slo"})
    assert [found.sso[0].short, found.slo[0].short, len(found.certificates)] == ["HTTP-POST", "HTTP-POST", 1]
    assert saml_by_hand.by_hand(sound).sso[0].short == "HTTP-Redirect"
    with pytest.raises(Invalid) as caught:
        saml_by_hand.by_hand({"sso": "http://idp.umbrella.test/", "slo": "x", "certificate": private_pem(key())})
    assert {name: told[:26] for name, told in caught.value.errors.items()} == {
        "entity_id": "Please fill in this field.",
        "sso": "The address must begin wit",
        "slo": "“x” is not an address that",
        "certificate": "This contains a private ke",
    }


VALUES = st.none() | st.integers() | st.text() | st.lists(st.text() | st.integers(), max_size=3)
CHANGED = st.dictionaries(st.sampled_from(list(PROVIDER)), VALUES).map(lambda changed: document(**changed))


@given(st.binary(max_size=200) | CHANGED)
def test_nothing_but_a_provider_or_a_sentence_comes_back(data: bytes) -> None:
    try:
        assert isinstance(read(data), Discovery)
    except Invalid as error:
        assert error.errors["discovery"]
