"""The search for the record that proves a domain, against real name servers on loopback."""

from __future__ import annotations

import time
import tomllib
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns_doubles
import pytest
import requests
from dns_doubles import VALUE, Server, fails, silent

from portal.clients.dns import Dns, State
from portal.clients.dns_providers import _ENDINGS, provider_of
from portal.demo.folder import Folder
from portal.demo.organizations import ensure_organization, verify_domain
from portal.domains.providers import BY_KEY, UNKNOWN, name_hint, provider
from portal.domains.records import record_name, record_value

running_server, server, internet = dns_doubles.running_server, dns_doubles.server, dns_doubles.internet
RECORD = "_org-domain-ownership.umbrella.test"
OTHER = VALUE[::-1]


def test_the_record_is_found_where_it_belongs(server):
    server.zone.text("umbrella.test", "v=spf1 -all")
    server.zone.text(RECORD, "something else", VALUE, ttl=77)
    told = server.diagnose()
    assert told.verified
    assert told.found == ((RECORD, VALUE), (RECORD, "something else"))
    assert (told.ttl, told.servers) == (77, (server.where,))
    assert abs(datetime.now(UTC).replace(tzinfo=None) - told.checked_at) < timedelta(seconds=5)
    assert told.checked_at.tzinfo is None


def test_a_missing_record_is_told_with_how_long_that_is_remembered(server):
    server.zone.zone("umbrella.test", ns1="127.0.0.2")
    told = server.diagnose()
    assert (told.state, told.found, told.ttl) == (State.MISSING, (), 120)
    assert (told.zone, told.provider) == ("umbrella.test", "")


def test_a_wrong_value_is_shown(server):
    server.zone.text(RECORD, OTHER, f'"{VALUE}"')
    server.zone.text("umbrella.test", "v=spf1 -all")
    told = server.diagnose()
    assert told.state is State.WRONG_VALUE
    assert told.found == ((RECORD, OTHER), (RECORD, f'"{VALUE}"'), ("umbrella.test", "v=spf1 -all"))


@pytest.mark.parametrize(
    ("domain", "place"),
    [("umbrella.test", "umbrella.test"), ("umbrella.test", "www.umbrella.test"),
     ("umbrella.test", f"{RECORD}.umbrella.test"), ("mail.umbrella.test", RECORD),
     ("mail.umbrella.test", "_org-domain-ownership.mail.umbrella.test.umbrella.test"),
     ("mail.umbrella.test", "mail.umbrella.test")],
)  # fmt: skip
def test_the_usual_wrong_places_are_looked_at(server, domain, place):
    server.zone.zone("umbrella.test", ns1="127.0.0.2")
    server.zone.text(place, VALUE)
    told = server.diagnose(domain)
    assert told.state is State.WRONG_PLACE
    assert (place, VALUE) in told.found


def test_a_domain_that_nobody_registered_is_told(server):
    server.zone.text("else.test", "x")
    assert server.diagnose().state is State.NO_ZONE


def world(root: Server, **options) -> Dns:
    """A portal without a configured name server, whose internet lies on loopback."""
    return Dns(resolver=root.where, port=root.port, acceptable=lambda address: address.is_loopback, **options)


def test_the_servers_of_the_domain_are_asked(server, internet):
    server.zone.zone("umbrella.test", ns1="127.0.0.2", ns2="127.0.0.3")
    first, second = internet("127.0.0.2"), internet("127.0.0.3")
    first.zone.text(RECORD, VALUE)
    told = world(server).diagnose("umbrella.test", RECORD, VALUE)
    assert told.verified
    assert (told.servers, told.zone) == (("ns1.umbrella.test",), "umbrella.test")
    assert first.zone.asked == [("TXT", RECORD)]
    assert second.zone.asked == []
    assert "TXT" not in {kind for kind, _ in server.zone.asked}


def test_another_server_of_the_domain_is_asked_when_one_fails(server, internet):
    server.zone.zone("umbrella.test", ns1="127.0.0.2", ns2="127.0.0.3", ns3="127.0.0.4")
    internet("127.0.0.2").zone.always(fails("REFUSED"))
    internet("127.0.0.3").zone.always(silent)
    last = internet("127.0.0.4")
    last.zone.zone("umbrella.test")
    last.zone.text("umbrella.test", VALUE)
    told = world(server).diagnose("umbrella.test", RECORD, VALUE)
    assert (told.state, told.servers) == (
        State.WRONG_PLACE, ("ns1.umbrella.test", "ns2.umbrella.test", "ns3.umbrella.test")
    )  # fmt: skip
    last.zone.always(fails("SERVFAIL"))
    began = time.monotonic()
    assert world(server).diagnose("umbrella.test", RECORD, VALUE).state is State.SERVER_FAILURE
    assert time.monotonic() - began < 5


def test_an_alias_into_another_zone_is_followed_to_its_servers(server, internet):
    server.zone.zone("umbrella.test", ns1="127.0.0.2")
    server.zone.zone("proofs.test", ns1="127.0.0.3")
    internet("127.0.0.2").zone.alias(RECORD, "umbrella.proofs.test")
    internet("127.0.0.3").zone.text("umbrella.proofs.test", VALUE)
    told = world(server).diagnose("umbrella.test", RECORD, VALUE)
    assert told.verified
    assert (told.zone, told.servers) == ("umbrella.test", ("ns1.umbrella.test", "ns1.proofs.test"))


def test_the_zone_of_a_domain_below_the_registered_one_is_found(server, internet):
    server.zone.zone("umbrella.test", ns1="127.0.0.2")
    own = internet("127.0.0.2")
    own.zone.text(RECORD, VALUE)
    told = world(server).diagnose("mail.umbrella.test", record_name("mail.umbrella.test"), VALUE)
    assert (told.state, told.zone, told.found) == (State.WRONG_PLACE, "umbrella.test", ((RECORD, VALUE),))


def test_a_domain_without_a_zone_is_told(server):
    server.zone.zone("test", ns1="127.0.0.2")
    told = world(server).diagnose("umbrella.test", RECORD, VALUE)
    assert (told.state, told.servers) == (State.NO_ZONE, ())


@pytest.mark.parametrize(("behaviour", "state"), [(fails("SERVFAIL"), State.SERVER_FAILURE), (silent, State.TIMEOUT)])
def test_a_broken_delegation_is_a_state(server, behaviour, state):
    server.zone.always(behaviour)
    assert world(server, seconds=1).diagnose("umbrella.test", RECORD, VALUE).state is state


@pytest.mark.case("F1")
@pytest.mark.case("D8")
def test_a_domain_cannot_make_the_portal_ask_inner_servers(server, internet):
    server.zone.zone("umbrella.test", ns1="127.0.0.2", ns2="10.0.0.1", ns3="169.254.169.254")
    inner = internet("127.0.0.2")
    inner.zone.text(RECORD, VALUE)
    told = Dns(resolver=server.where, port=server.port).diagnose("umbrella.test", RECORD, VALUE)
    assert (told.state, told.servers) == (State.SERVER_FAILURE, ())
    assert inner.zone.asked == []
    assert world(server).diagnose("umbrella.test", RECORD, VALUE).verified


@pytest.mark.parametrize("where", ["nowhere", "127.0.0.1:x", "dns.test:53"])
def test_a_name_server_is_an_address(where):
    with pytest.raises(ValueError, match=r"address|invalid literal"):
        Dns(where)


@pytest.mark.parametrize(
    ("hosts", "key"),
    [(("ada.ns.cloudflare.com.", "bob.ns.cloudflare.com."), "cloudflare"),
     (("ns-1.awsdns-01.co.uk", "ns-2.awsdns-00.com"), "route53"),
     (("ns51.domaincontrol.com",), "godaddy"), (("ns1045.ui-dns.biz", "ns1045.ui-dns.com"), "ionos"),
     (("dns1.registrar-servers.com",), "namecheap"), (("ns-cloud-a1.googledomains.com",), "google"),
     (("ns1-07.azure-dns.com", "ns2-07.azure-dns.net"), "azure"),
     (("hydrogen.ns.hetzner.com", "helium.ns.hetzner.de"), "hetzner"),
     (("dns10.ovh.net", "ns10.ovh.net"), "ovh"), (("NS1.DigitalOcean.com",), "digitalocean"),
     (("ns-1-a.gandi.net",), "gandi"),
     (("docks09.rzone.de", "shades04.rzone.de"), "strato"), (("ns1.umbrella.test",), ""), ((), ""),
     (("ns1.evilcloudflare.com",), ""), (("ada.ns.cloudflare.com", "ns51.domaincontrol.com"), "")],
)  # fmt: skip
def test_the_provider_is_told_by_its_servers(hosts, key):
    assert provider_of(hosts) == key


def test_each_known_provider_has_a_hint():
    assert set(BY_KEY) == {*_ENDINGS, "route53"}
    assert [*BY_KEY] == sorted(BY_KEY)
    assert all(each.name and str(each.where) and name_hint(each) for each in BY_KEY.values())


def test_the_name_field_is_told_for_the_zone():
    assert provider("cloudflare").name_field(RECORD, "umbrella.test") == "_org-domain-ownership"
    below = record_name("mail.umbrella.test")
    assert provider("strato").name_field(below, "umbrella.test") == "_org-domain-ownership.mail"
    assert provider("hurricane").name_field(below, "umbrella.test") == below
    assert provider("") is provider("unheard-of") is UNKNOWN
    assert not name_hint(UNKNOWN)


def test_portal_and_keycloak_agree_on_what_proves_a_domain(stack):
    admin, own = stack.admin(), uuid.uuid4().hex
    domain = f"{own}.test"
    organization = ensure_organization(admin, "demo", f"proof-{own}", "Proof", [domain])
    name, value = record_name(domain), record_value(domain, organization)
    config = tomllib.loads(Folder(Path(stack.folder)).config.read_text(encoding="utf-8"))
    dns = Dns(config["outbound_nameserver"])
    try:
        for published, state in (([], State.MISSING), ([OTHER], State.WRONG_VALUE), ([value], State.VERIFIED)):
            requests.put(f"{stack.inbox_url}/dns/TXT/{name}", json=published, timeout=10).raise_for_status()
            assert dns.diagnose(domain, name, value).state is state
            assert verify_domain(admin, "demo", organization, domain) is (state is State.VERIFIED)
    finally:
        requests.put(f"{stack.inbox_url}/dns/TXT/{name}", json=[], timeout=10)
        admin.delete(f"/realms/demo/orgs/{organization}")
