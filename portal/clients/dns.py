"""Looks for the record that proves a domain, and says what is wrong where it is not found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

import dns.exception
import dns.name
from dns.name import Name
from dns.rdatatype import TXT

from portal.clients.dns_providers import provider_of
from portal.clients.dns_query import CHAIN, Failed, Inquiry, Server, Silent, Texts, canonical, texts
from portal.clients.dns_zone import hosts_of, servers_of, system_resolvers, zone_of
from portal.clients.outbound_address import Address, is_public
from portal.clients.outbound_socket import host_and_port

SECONDS = 4.0  # to ask in; reading the last answer, if it is a monster, takes most of another
MOST_TEXTS, MOST_CHARACTERS = 100, 64 * 1024


class State(StrEnum):
    """What became of the search."""

    VERIFIED = "verified"
    MISSING = "missing"
    WRONG_VALUE = "wrong_value"
    WRONG_PLACE = "wrong_place"
    NO_ZONE = "no_zone"
    SERVER_FAILURE = "server_failure"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Diagnosis:
    """One look at a domain's record.

    `found` are TXT values by name, those of the record's own name first; `ttl` is for how many seconds others may
    remember that answer ("there is none" as well); `servers` are those that were asked; `checked_at` is naive UTC;
    `provider` is a key of `portal.clients.dns_providers` or empty; `zone` is the domain whose servers were asked,
    empty if unknown.
    """

    state: State
    found: tuple[tuple[str, str], ...]
    ttl: int
    servers: tuple[str, ...]
    checked_at: datetime
    provider: str = ""
    zone: str = ""

    @property
    def verified(self) -> bool:
        """Whether the record is where it belongs, with the right value."""
        return self.state is State.VERIFIED


class Dns:
    """Asks `nameserver` (`address:port`) alone, or without one the servers of the domain itself.

    `resolver` (default: the system's) finds those servers; `acceptable` says which of their addresses may be asked.
    """

    def __init__(
        self,
        nameserver: str = "",
        *,
        resolver: str = "",
        acceptable: Callable[[Address], bool] = is_public,
        port: int = 53,
        seconds: float = SECONDS,
    ) -> None:
        self.only = _server(nameserver, nameserver) if nameserver else None
        self._resolver = _server(resolver) if resolver else None
        self._acceptable, self._port, self.seconds = acceptable, port, seconds

    def diagnose(self, domain_ascii: str, record_name: str, expected: str) -> Diagnosis:
        """Look for `expected` at `record_name`, and where it is often put by mistake. Trouble is a state, no error."""
        return _Search(self, domain_ascii, record_name, expected).run()

    def resolvers(self) -> list[Server]:
        """Whom to ask for zones and their servers. Raises `Failed` if the machine has no resolver."""
        known = self.only or self._resolver
        return [known] if known else system_resolvers()

    def servers(self, inquiry: Inquiry, hosts: Sequence[Name]) -> Iterator[Server]:
        """The acceptable ones among a zone's servers."""
        return servers_of(inquiry, self.resolvers(), hosts, self._acceptable, self._port)


class _NoZone(Exception):
    """Nobody has registered the domain."""


class _Search:
    def __init__(self, client: Dns, domain: str, record: str, expected: str) -> None:
        self.client, self.domain, self.record, self.expected = client, domain, record, expected.encode()
        self.inquiry = Inquiry(client.seconds)
        self.zone: Name | None = None
        self.hosts: list[Name] = []
        self.near: Server | None = None

    def run(self) -> Diagnosis:
        try:
            here = self._texts(_name(self.record), self._servers)
        except _NoZone:
            return self._told(State.NO_ZONE)
        except Silent:
            return self._told(State.TIMEOUT)
        except Failed:
            return self._told(State.SERVER_FAILURE)
        except dns.exception.DNSException:  # a name too long to be asked for
            return self._told(State.MISSING)
        self._place()
        if self.expected in here.values:
            return self._told(State.VERIFIED, {self.record: here}, here.ttl)
        everywhere = {self.record: here, **dict(self._elsewhere())}
        return self._told(self._judged(here, everywhere), everywhere, here.ttl)

    def _judged(self, here: Texts, everywhere: dict[str, Texts]) -> State:
        if any(self.expected in there.values for there in everywhere.values()):
            return State.WRONG_PLACE
        if here.values:
            return State.WRONG_VALUE
        apex = everywhere.get(self.domain)
        return State.NO_ZONE if not here.exists and apex and not apex.exists else State.MISSING

    def _texts(self, name: Name, servers: Callable[[Name], Sequence[Server] | Iterator[Server]]) -> Texts:
        """The records of `name`, along its aliases from zone to zone."""
        left, ttl = CHAIN, 2**31
        while True:
            message = self.inquiry.ask(servers(name), name, TXT)
            self.near = self.near or self.inquiry.answered
            end, steps, shortest = canonical(message, name, left)
            left, ttl = left - steps, min(ttl, shortest)
            found = texts(message, end, ttl)
            if found.values or end == name:
                return found
            name, servers = end, self._servers

    def _servers(self, name: Name) -> Sequence[Server] | Iterator[Server]:
        if self.client.only:
            return [self.client.only]
        resolvers = self.client.resolvers()
        zone = zone_of(self.inquiry, resolvers, name)
        if zone is None or len(zone) <= 2:  # the root, or a top-level domain: nothing was registered below it
            raise _NoZone
        hosts = hosts_of(self.inquiry, resolvers, zone)
        if self.zone is None:
            self.zone, self.hosts = zone, hosts
        return self.client.servers(self.inquiry, hosts)

    def _elsewhere(self) -> Iterator[tuple[str, Texts]]:
        """Usual wrong places, asked of the server that knew the record's; the first trouble ends the tour."""
        with suppress(Failed, Silent, _NoZone):
            for place in self._places():
                with suppress(dns.exception.DNSException):
                    yield place, self._texts(_name(place), self._same_server)

    def _same_server(self, name: Name) -> Sequence[Server] | Iterator[Server]:
        return [self.near] if self.near and self.zone and name.is_subdomain(self.zone) else self._servers(name)

    def _places(self) -> list[str]:
        prefix = self.record.removesuffix(f".{self.domain}")
        zone = _text(self.zone) if self.zone else self.domain
        places = [self.domain, f"{self.record}.{zone}", f"{self.record}.{self.domain}", f"{prefix}.{zone}",
                  f"www.{self.domain}"]  # fmt: skip
        return [place for place in dict.fromkeys(places) if place != self.record]

    def _place(self) -> None:
        """Zone and servers, where the one name server that is asked knows them."""
        if self.client.only:
            with suppress(Failed, Silent):
                self.zone = zone_of(self.inquiry, [self.client.only], _name(self.record))
                self.hosts = hosts_of(self.inquiry, [self.client.only], self.zone or _name(self.domain))

    def _told(self, state: State, found: dict[str, Texts] | None = None, ttl: int = 0) -> Diagnosis:
        shown = tuple(_shown(found or {}, self.expected))
        return Diagnosis(
            state, shown, ttl, tuple(self.inquiry.asked), datetime.now(UTC).replace(tzinfo=None),
            provider_of(map(_text, self.hosts)), _text(self.zone) if self.zone else "",
        )  # fmt: skip


def _shown(found: dict[str, Texts], expected: bytes) -> Iterator[tuple[str, str]]:
    """What people get to see: a bounded number of values, the expected one first."""
    left = MOST_CHARACTERS
    every = ((name, raw) for name, there in found.items() for raw in sorted(there.values, key=lambda v: v != expected))
    for name, raw in islice(every, MOST_TEXTS):
        value = _printable(raw)[:left]
        left -= len(value)
        if left <= 0:
            return
        yield name, value


def _printable(raw: bytes) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in raw.decode("utf-8", "replace"))


def _name(text: str) -> Name:
    return dns.name.from_text(text)


def _text(name: Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _server(text: str, name: str = "") -> Server:
    address, port = host_and_port(text)
    return Server(address, port, name, recursive=True)
