"""From a name to the zone it is in, and to the servers that answer for that zone."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

import dns.exception
import dns.resolver
from dns.name import Name
from dns.rdataclass import IN
from dns.rdatatype import AAAA, NS, SOA, A

from portal.clients.dns_query import Failed, Inquiry, Server, Silent
from portal.clients.outbound_address import Address

_STEPS, _HOSTS, _ADDRESSES = 5, 4, 2


def system_resolvers() -> list[Server]:
    """The resolvers this machine is configured with, at most three. Raises `Failed` if there are none."""
    try:
        found = dns.resolver.Resolver(configure=True)
    except dns.exception.DNSException as error:
        raise Failed from error
    return [Server(str(each), found.port, recursive=True) for each in found.nameservers[:3]]


def zone_of(inquiry: Inquiry, resolvers: Sequence[Server], name: Name) -> Name | None:
    """The zone that holds `name` or would hold it; None if nobody says. Raises `Failed` and `Silent`."""
    for ancestor in islice(_upwards(name), _STEPS):
        message = inquiry.ask(resolvers, ancestor, SOA)
        owners = [each.name for each in (*message.answer, *message.authority) if each.rdtype == SOA]
        above = [owner for owner in owners if ancestor.is_subdomain(owner)]
        if above:
            return max(above, key=len)
    return None


def _upwards(name: Name) -> Iterator[Name]:
    while len(name) > 1:
        yield name
        name = name.parent()


def hosts_of(inquiry: Inquiry, resolvers: Sequence[Server], zone: Name) -> list[Name]:
    """The names of a zone's servers. Raises `Failed` and `Silent`."""
    message = inquiry.ask(resolvers, zone, NS)
    found = message.get_rrset(message.answer, zone, IN, NS)
    return sorted(each.target for each in found) if found else []


def servers_of(
    inquiry: Inquiry,
    resolvers: Sequence[Server],
    hosts: Sequence[Name],
    acceptable: Callable[[Address], bool],
    port: int,
) -> Iterator[Server]:
    """The servers themselves, looked up one after the other as they are needed.

    Whoever owns the zone chooses these addresses: only `acceptable` ones are passed on.
    """
    for host in hosts[:_HOSTS]:
        for kind in (A, AAAA):
            with suppress(Failed, Silent):
                message = inquiry.ask(resolvers, host, kind)
                found = message.get_rrset(message.answer, host, IN, kind) or ()
                for each in islice(found, _ADDRESSES):
                    if acceptable(ipaddress.ip_address(each.address)):
                        yield Server(each.address, port, host.to_text(omit_final_dot=True))
