"""What providers publish is fetched, or it is said why not."""

from __future__ import annotations

import json
from typing import Any

import outbound_doubles
import pytest
from identity_documents import PROVIDER, document, endpoint, entities, entity, metadata
from outbound_doubles import Listener, loopback

from portal.clients.outbound import Policy
from portal.clients.outbound_socket import nameserver_resolver
from portal.errors import Invalid
from portal.sso import fetching
from portal.sso.discovery import read

listen = outbound_doubles.listen
name_server, dns_server = outbound_doubles.name_server, outbound_doubles.dns_server


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
        {name: f"{url}/{name}" for name in PROVIDER if "_" in name and "supported" not in name} | {"issuer": url}
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
