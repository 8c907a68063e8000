"""The guard in front of untrusted addresses: who may be called.

Each refusal stands beside a control: the same address, called by a plain client, is reached.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from urllib.parse import urlsplit

import outbound_doubles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outbound_doubles import loopback, plainly, until
from urllib3.util import parse_url

from portal.clients import outbound
from portal.clients.outbound import Policy, fetch, policy_from
from portal.clients.outbound_address import REFUSED, is_public, parse
from portal.clients.outbound_socket import LOCALHOST, nameserver_resolver
from portal.errors import Invalid, Upstream
from portal.settings import Realm, Settings, SettingsError

listen = outbound_doubles.listen
name_server, dns_server = outbound_doubles.name_server, outbound_doubles.dns_server

# Spellings with which a plain client of this machine gets through.
LOCAL_SPELLINGS = [
    "127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "0177.0.0.1", "127.1",
    "0.0.0.0", "LOCALHOST", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
]  # fmt: skip


@pytest.mark.case("F1")
@pytest.mark.parametrize("host", LOCAL_SPELLINGS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_this_machine_is_called(listen, host, scheme):
    listener = listen()
    for policy in (Policy(), loopback("sample.test:8001 in 127.0.0.0/8")):
        with pytest.raises(Invalid) as refusal:
            fetch(f"{scheme}://{host}:{listener.port}/", policy)
        assert refusal.value.form == [REFUSED]
    assert listener.connections == 0

    with contextlib.suppress(OSError, UnicodeError):
        info = socket.getaddrinfo(host.strip("[]"), listener.port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        for family, _, _, _, address in info:
            with contextlib.suppress(OSError), socket.socket(family) as plain:
                plain.connect(address)
    until(lambda: listener.connections > 0)


@pytest.mark.case("F1")
def test_ipv6_loopback_is_not_called(listen):
    listener = listen(host="::1")
    for host in ("[::1]", "[::]", "[0:0:0:0:0:0:0:1]"):
        with pytest.raises(Invalid):
            fetch(f"https://{host}:{listener.port}/", Policy())
    assert listener.connections == 0
    assert plainly(f"http://[::1]:{listener.port}/").text == "hello"
    assert listener.connections == 1


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3", "100.64.0.1",
     "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
     "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
     "64:ff9b:1::1", "fd00::1", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1",
     "2002:7f00:1::", "2002:0a00:0001::1", "2001:0:7f00:1::", "2001:0:808:808:0:0:80ff:fffe", "100::1"],
)  # fmt: skip
def test_private_and_special_addresses_are_refused_wherever_they_come_from(dns_server, address):
    assert not is_public(ipaddress.ip_address(address))
    dns_server.script.names["inner.test"] = [[address]]
    policy = Policy(resolver=nameserver_resolver(dns_server.server))
    with pytest.raises(Invalid):
        fetch("https://inner.test/", policy)


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "193.0.6.139", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
)
def test_public_addresses_are_not_refused(dns_server, address):
    dns_server.script.names["outer.test"] = [[address]]
    policy = Policy(resolver=nameserver_resolver(dns_server.server))
    assert [str(found) for found in outbound.check("https://outer.test/x", policy)] == [
        str(ipaddress.ip_address(address))
    ]


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "url",
    ["", "https:", "https://", "//outer.test/", "ftp://outer.test/", "file:///etc/passwd", "gopher://outer.test:25/",
     "javascript:alert(1)", "https:outer.test", "https:/outer.test", "https://user@outer.test/", "https://user:pw@outer.test/",
     "https://outer.test@inner.test/", "https://outer.test\\@inner.test/", "https:\\\\inner.test/", "https://outer.test\t/",
     "https://outer.test/\r\nHost: inner.test", " https://outer.test/", "https://outer.test/ x", "https://outer.test./",
     "https://outer.test:0/", "https://outer.test:65536/", "https://outer.test:99999999/", "https://outer.test:22/",
     "https://outer.test:25/", "http://outer.test/", "https://outer%2etest/", "https://keycloak/", "https://keycloak:8443/",
     "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://[::1%25lo]/", "https://①②⑦.0.0.1/", "https://127。0。0。1/",
     "https://outer.test/\udcff", "https://-outer.test/", "https://outer..test/", "https://outer.test/" + "a" * 2048],
)  # fmt: skip
def test_unusual_addresses_are_refused_before_any_lookup(dns_server, url):
    for name in ("outer.test", "inner.test", "keycloak"):
        dns_server.script.names[name] = [["8.8.8.8"]]
    with pytest.raises(Invalid):
        fetch(url, Policy(resolver=nameserver_resolver(dns_server.server)))
    assert dns_server.script.asked == []


def test_an_address_is_taken_apart_once():
    target = parse("HTTPS://Bücher.Example:8443/ä?q=1&r=%20#part")
    assert (target.scheme, target.host, target.port) == ("https", "xn--bcher-kva.example", 8443)
    assert target.path == "/%C3%A4?q=1&r=%20"
    assert parse("https://outer.test").path == "/"


@pytest.mark.case("F1")
def test_a_name_that_leads_to_both_sides_is_refused(dns_server):
    policy = Policy(resolver=nameserver_resolver(dns_server.server))
    for answers in (["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "::1"], []):
        dns_server.script.names["mixed.test"] = [answers]
        with pytest.raises(Invalid):
            outbound.check("https://mixed.test/", policy)
    with pytest.raises(Invalid):
        outbound.check("https://unknown.test/", policy)


@pytest.mark.case("F3")
def test_the_address_that_was_checked_is_the_address_that_is_called(dns_server, listen, monkeypatch):
    good = listen(host="127.0.0.2")
    bad = listen(host="127.0.0.3", port=good.port)
    policy = loopback(f"rebind.test:{good.port} in 127.0.0.2/32", resolver=nameserver_resolver(dns_server.server))
    url = f"http://rebind.test:{good.port}/logo.png"
    rebinding = [["127.0.0.2"], ["127.0.0.3"]]

    dns_server.script.names["rebind.test"] = list(rebinding)
    assert fetch(url, policy).body == b"hello"
    with pytest.raises(Invalid):
        fetch(url, policy)
    assert (good.connections, bad.connections) == (1, 0)

    # A client that checks first and lets its library look up again does reach the forbidden listener.
    dns_server.script.names["rebind.test"] = list(rebinding)
    dns_server.script.seen.clear()
    look_up, genuine = nameserver_resolver(dns_server.server), socket.getaddrinfo

    def scripted(host, port, *args, **kwargs):
        if host != "rebind.test":
            return genuine(host, port, *args, **kwargs)
        found = look_up(host, outbound.Deadline(5))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(address), port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", scripted)
    assert outbound.check(url, policy)
    assert plainly(url).text == "hello"
    assert bad.connections == 1


@pytest.mark.case("F1")
def test_an_exception_is_a_name_with_port_and_network(dns_server, listen):
    listener, other = listen(host="127.0.0.2"), listen(host="127.0.0.2")
    dns_server.script.names["idp.corp"] = [["127.0.0.2"]]
    dns_server.script.names["evil.corp"] = [["127.0.0.2"]]
    resolver = nameserver_resolver(dns_server.server)
    policy = loopback(f"idp.corp:{listener.port} in 127.0.0.2/32", resolver=resolver)
    assert fetch(f"http://idp.corp:{listener.port}/", policy).status == 200
    for url in (
        f"http://idp.corp:{other.port}/",
        f"http://evil.corp:{listener.port}/",
        f"http://127.0.0.2:{listener.port}/",
    ):
        with pytest.raises(Invalid):
            fetch(url, policy)
    elsewhere = loopback(f"idp.corp:{listener.port} in 10.0.0.0/8", resolver=resolver)
    with pytest.raises(Invalid):
        fetch(f"http://idp.corp:{listener.port}/", elsewhere)
    assert (listener.connections, other.connections) == (1, 0)


def test_localhost_is_not_asked_of_the_nameserver(dns_server):
    assert tuple(nameserver_resolver(dns_server.server)("localhost", outbound.Deadline(1))) == LOCALHOST
    assert dns_server.script.asked == []


def settings(public_url: str, *entries: str, nameserver: str = "") -> Settings:
    realm = Realm("demo", "http://localhost:8080")
    return Settings(
        public_url, {"demo": realm}, outbound_allow=entries, outbound_nameserver=nameserver, demo=True
    )  # fmt: skip


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "entry",
    ["localhost:8080 in 127.0.0.0/8", "localhost:8080 in ::1/128", "x.corp:443 in 0.0.0.0/0", "x.corp:443 in ::/0",
     "x.corp:443 in ::ffff:0:0/96", "x.corp:443 in 169.254.0.0/16"],
)  # fmt: skip
def test_exceptions_for_this_machine_load_on_a_loopback_portal_only(entry):
    assert policy_from(settings("http://localhost:8000", entry)).plain_http
    with pytest.raises(SettingsError, match="public_url"):
        policy_from(settings("https://portal.example", entry))


@pytest.mark.parametrize(
    "entry", ["localhost", "localhost:8080", "x:443 in 10.1.0.1/8", "x:0 in 10.0.0.0/8", "x in 10.0.0.0/8", ""]
)
def test_an_exception_that_cannot_be_read_stops_the_start(entry):
    with pytest.raises(SettingsError, match="outbound_allow"):
        policy_from(settings("http://localhost:8000", entry))


def test_a_public_portal_never_speaks_plain_http():
    policy = policy_from(settings("https://portal.example", "idp.corp:8443 in 10.1.0.0/16", nameserver="127.0.0.1:1"))
    assert not policy.plain_http
    fixed = Policy(policy.allow, policy.plain_http, lambda _name, _deadline: [ipaddress.ip_address("10.1.2.3")])
    assert outbound.check("https://idp.corp:8443/", fixed)
    with pytest.raises(Invalid):
        outbound.check("http://idp.corp:8443/", fixed)
    with pytest.raises(Upstream):
        outbound.check("https://outer.test/", policy)
    with pytest.raises(SettingsError):
        policy_from(settings("https://portal.example", nameserver="ns.example"))


PIECES = st.sampled_from(
    [*"ab1.:/?#@[]\\%-_ \t\n", "https://", "http://", "127.0.0.1", "0x7f", "localhost", "[::1]", "ü", "。", ":443"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_what_is_accepted_is_read_the_same_way_by_other_parsers(text, prefixed):
    with contextlib.suppress(Invalid):
        target = parse("https://" + text if prefixed else text)
        for parsed in (urlsplit(target.url), parse_url(target.url)):
            assert (parsed.hostname or "").strip("[]") == target.host
            assert (parsed.port or {"https": 443, "http": 80}[target.scheme]) == target.port
            assert parsed.scheme == target.scheme
        assert parse(target.url) == target
