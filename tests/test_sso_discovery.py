"""Discovery documents: what is found, what is refused, and how both are fetched."""

from __future__ import annotations

import json
from typing import Any

import outbound_doubles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_documents import body, endpoint, entities, entity, key, make_certificate, metadata, private_pem
from outbound_doubles import Listener, loopback

from portal.clients.outbound import Policy
from portal.clients.outbound_socket import nameserver_resolver
from portal.errors import Denied, Invalid
from portal.sso import fetching, keycloak_config, saml_by_hand
from portal.sso.changes import oidc_changes, saml_changes
from portal.sso.discovery import Discovery, by_hand, read
from portal.sso.saml_metadata import read as read_saml

listen = outbound_doubles.listen
name_server, dns_server = outbound_doubles.name_server, outbound_doubles.dns_server
ISSUER = "https://idp.umbrella.test/oidc"
URL = f"{ISSUER}/.well-known/openid-configuration"
PLAIN = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/keys",
    "end_session_endpoint": f"{ISSUER}/logout",
    "scopes_supported": ["openid", "email", "profile", "groups"],
    "claims_supported": ["sub", "email"],
    "response_types_supported": ["code", "id_token"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "code_challenge_methods_supported": ["S256"],
    "id_token_signing_alg_values_supported": ["RS256"],
}


def document(**changed: Any) -> bytes:
    return json.dumps({name: value for name, value in {**PLAIN, **changed}.items() if value is not None}).encode()


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
    sound = {name: PLAIN[name] for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}
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
CHANGED = st.dictionaries(st.sampled_from(list(PLAIN)), VALUES).map(lambda changed: document(**changed))


@given(st.binary(max_size=200) | CHANGED)
def test_nothing_but_a_provider_or_a_sentence_comes_back(data: bytes) -> None:
    try:
        assert isinstance(read(data), Discovery)
    except Invalid as error:
        assert error.errors["discovery"]


# Fetching ------------------------------------------------------------------------------------------------------------


def answering(listen: Any, data: bytes, status: str = "200 OK", head: str = "") -> tuple[Listener, str, Policy]:
    """A server on this machine that gives one answer, its address, and a policy that allows it."""
    start = f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\n{head}\r\n"
    server = listen(start.encode() + data)
    return server, f"http://localhost:{server.port}", loopback(f"localhost:{server.port} in 127.0.0.0/8")


def told_at(call: Any, name: str = "url") -> str:
    with pytest.raises(Invalid) as caught:
        call()
    assert set(caught.value.errors) == {name}
    return caught.value.errors[name]


def test_metadata_is_fetched(listen) -> None:
    server, url, policy = answering(listen, metadata())
    assert fetching.fetch_saml(f"{url}/metadata", policy).entity_id
    assert b"GET /metadata" in server.requests[0]
    assert b"ookie" not in server.requests[0]


def test_one_of_several_is_fetched_by_its_entity_id(listen) -> None:
    _server, url, policy = answering(
        listen, entities(entity(endpoint()), entity(endpoint(), entity_id="https://b.test"))
    )
    assert fetching.fetch_saml(url, policy, entity_id="https://b.test").entity_id == "https://b.test"
    assert "Say which one" in told_at(lambda: fetching.fetch_saml(url, policy))


@pytest.mark.parametrize(
    ("status", "data", "told"),
    [
        ("404 Not Found", b"", "nothing at this address"),
        ("401 Unauthorized", b"secret inside", "wants a sign-in"),
        ("403 Forbidden", b"", "refuses to answer"),
        ("302 Found", b"", "leads on to another"),
        ("500 Oops", b"secret inside", "error (500)"),
        ("200 OK", b"<html>secret inside</html>", "sign-in page"),
        ("200 OK", b"x" * (2 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_each_failure_has_its_sentence_and_tells_nothing_of_the_answer(listen, status, data, told) -> None:
    _server, url, policy = answering(
        listen, data, status, "Location: http://inside.test/\r\n" if "302" in status else ""
    )
    for call in (lambda: fetching.fetch_saml(url, policy), lambda: fetching.fetch_discovery(url, policy)):
        said = told_at(call)
        assert told in said
        assert "inside" not in said


def test_refused_and_unreachable_addresses(listen) -> None:
    server, url, policy = answering(listen, metadata())
    assert "must begin with https" in told_at(lambda: fetching.fetch_saml(url, Policy()))
    assert "must begin with https" in told_at(
        lambda: fetching.fetch_saml("https://127.0.0.1/x", policy, name="address"), "address"
    )
    assert server.connections == 0
    server.stop()
    assert "did not answer" in told_at(lambda: fetching.fetch_saml(url, policy))


def test_discovery_is_fetched_by_issuer_or_by_its_own_address(listen) -> None:
    server, url, policy = answering(listen, b"")
    data = json.dumps(
        {name: f"{url}/{name}" for name in PLAIN if "_" in name and "supported" not in name} | {"issuer": url}
    )
    server.answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n{data}".encode()
    for entered in (url, f"{url}/", f"{url}/.well-known/openid-configuration"):
        assert fetching.fetch_discovery(entered, policy).issuer == url
    assert all(b"GET /.well-known/openid-configuration " in each for each in server.requests)


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
def test_addresses_that_keycloak_would_call_must_not_lead_inside(dns_server, name: str) -> None:
    dns_server.script.names |= {"idp.umbrella.test": [["93.184.216.34"]], "inside.umbrella.test": [["10.0.0.7"]]}
    policy = Policy(resolver=nameserver_resolver(dns_server.server))
    fetching.check_called(read(document()), policy)
    inside = read(document(**{name: "https://inside.umbrella.test/x"}))
    assert "must be public" in told_at(lambda: fetching.check_called(inside, policy))
    assert "10.0.0.7" not in told_at(lambda: fetching.check_called(inside, policy))
    unknown = read(document(**{name: "https://nowhere.umbrella.test/x"}))
    assert "in the DNS" in told_at(lambda: fetching.check_called(unknown, policy))
    fetching.check_called(read(document(authorization_endpoint="https://inside.umbrella.test/x")), policy)


def test_keys_are_fetched(listen) -> None:
    _server, url, policy = answering(listen, b'{"keys": [{"kty": "RSA"}, 5]}')
    assert fetching.fetch_keys(url, policy) == {"keys": [{"kty": "RSA"}]}
    _server, url, policy = answering(listen, b'{"keys": 5}')
    assert "no key set" in told_at(lambda: fetching.fetch_keys(url, policy))


# Config and changes --------------------------------------------------------------------------------------------------


def test_a_config_says_what_the_document_said() -> None:
    found = read(document(), URL)
    config = keycloak_config.oidc_config(found, "client", secret="s")
    assert config["clientAuthMethod"] == "client_secret_basic"
    assert (config["pkceEnabled"], config["pkceMethod"], config["defaultScope"]) == (
        "true",
        "S256",
        "openid profile email",
    )
    assert config["validateSignature"] == config["useJwksUrl"] == "true"
    assert oidc_changes(keycloak_config.oidc_reading(config), found) == ()
    saml = read_saml(metadata())
    kept = keycloak_config.saml_config(saml, "https://sso.portal.test/realms/demo")
    assert saml_changes(keycloak_config.saml_reading(kept), saml) == ()


def test_only_keys_on_the_list_are_written_and_others_stay() -> None:
    saml = keycloak_config.saml_config(read_saml(metadata()), "us")
    oidc = keycloak_config.oidc_config(read(document()), "client", secret="s")
    assert set(saml) <= keycloak_config.ALLOWED["saml"]
    assert set(oidc) <= keycloak_config.ALLOWED["oidc"]
    existing = {"home.idp.discovery.org": "1", "singleLogoutServiceUrl": "https://old.test", "guiOrder": "2"}
    kept = keycloak_config.merged("saml", existing, saml)
    assert kept["home.idp.discovery.org"] == "1"
    assert kept["guiOrder"] == "2"
    assert "singleLogoutServiceUrl" not in kept
    for key_ in (
        "metadataDescriptorUrl",
        "useMetadataDescriptorUrl",
        "artifactBindingResponse",
        "home.idp.discovery.org",
    ):
        with pytest.raises(Denied):
            keycloak_config.merged("saml", existing, {key_: "x"})


def test_a_document_that_cannot_work_makes_no_config() -> None:
    for parts in ((endpoint(),), (entity_key(), endpoint("HTTP-Artifact"))):
        with pytest.raises(Invalid) as caught:
            keycloak_config.saml_config(read_saml(metadata(*parts)), "us")
        assert caught.value.errors["metadata"]


def entity_key(*which: Any) -> str:
    from identity_documents import descriptor

    return "".join(descriptor(each) for each in (which or (make_certificate(),)))


def test_changes_are_named() -> None:
    old, new = make_certificate(), make_certificate(key("second"))

    def kinds(before: bytes, after: bytes) -> list[str]:
        return [each.kind for each in saml_changes(read_saml(before), read_saml(after))]

    def with_keys(*which: Any, **options: str) -> bytes:
        return metadata(entity_key(*which), endpoint(), **options)

    assert kinds(with_keys(old), with_keys(old)) == []
    assert kinds(with_keys(old), with_keys(old, new)) == ["certificate-added"]
    assert kinds(with_keys(old, new), with_keys(new)) == ["certificate-removed"]
    assert kinds(with_keys(old), with_keys(new)) == ["certificate-exchanged"]
    assert kinds(with_keys(old), with_keys(old, entity_id="https://x.test")) == ["entity-id"]
    moved = metadata(entity_key(old), endpoint(location="https://idp.umbrella.test/new"))
    assert kinds(with_keys(old), moved) == ["sso"]
    assert kinds(with_keys(old), metadata(entity_key(old), endpoint("HTTP-Redirect"))) == ["binding"]
    assert kinds(with_keys(old), with_keys(old, more=' WantAuthnRequestsSigned="1"')) == ["signed-requests"]
    formats = [metadata(entity_key(old), endpoint(), f"<md:NameIDFormat>{each}</md:NameIDFormat>") for each in "ab"]
    assert kinds(*formats) == ["name-id-formats"]
    found = oidc_changes(read(document()), read(document(issuer="https://b.test", jwks_uri="https://b.test/k")))
    assert [(each.kind, each.severity) for each in found] == [("issuer", "bad"), ("keys", "bad")]
    assert found[0].before == ISSUER
    assert all(each.text for each in found)
