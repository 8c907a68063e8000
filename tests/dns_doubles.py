"""A name server on loopback that behaves as it is told: well, wrongly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dnslib import CNAME, NS, QTYPE, RCODE, RR, SOA, TXT, A, DNSError, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

from portal.clients.dns import Diagnosis, Dns
from portal.domains.records import record_name

VALUE = "5d41402abc4b2a76b9719d911017c592aaf4c61ddcc5e8a2dabede0f3b482cd9"
_UDP = 1232
Behaviour = Callable[[DNSRecord, str], DNSRecord | bytes | None]  # the question, and `udp` or `tcp`


class Zone(BaseResolver):
    """Records by (type, name), names without any do not exist. Remembers what was asked."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[Any]] = {}
        self.zones: list[str] = []
        self.behaviour: dict[tuple[str, str], Behaviour] = {}
        self.asked: list[tuple[str, str]] = []

    def add(self, kind: str, name: str, *rdata: Any, ttl: int = 300) -> None:
        self.records.setdefault((kind, name), []).extend((each, ttl) for each in rdata)

    def text(self, name: str, *values: str, ttl: int = 300) -> None:
        """TXT records; longer text is several strings."""
        for value in values:
            raw = value.encode()
            self.add("TXT", name, TXT([raw[at : at + 255] for at in range(0, len(raw), 255)] or [b""]), ttl=ttl)

    def alias(self, name: str, target: str, ttl: int = 300) -> None:
        self.add("CNAME", name, CNAME(target), ttl=ttl)

    def zone(self, name: str, **servers: str) -> None:
        """A zone with these name servers: `ns1="127.0.0.2"` is ns1 of the zone."""
        self.zones.append(name)
        self.add("SOA", name, SOA(f"ns1.{name}", f"mail.{name}", (1, 60, 60, 60, 120)))
        self.add("NS", name, *(NS(f"{server}.{name}") for server in servers))
        for server, address in servers.items():
            self.add("A", f"{server}.{name}", A(address))

    def always(self, behaviour: Behaviour, name: str = "", kind: str = "") -> None:
        """Answer every question like that, or those for one name or type."""
        self.behaviour[kind, name] = behaviour

    def resolve(self, request: DNSRecord, handler: Any) -> Any:
        kind, name = QTYPE[request.q.qtype], str(request.q.qname).rstrip(".").lower()
        self.asked.append((kind, name))
        for key in ((kind, name), ("", name), (kind, ""), ("", "")):
            if key in self.behaviour:
                return self.behaviour[key](request, handler.protocol)
        return self._answer(request, kind, name)

    def _answer(self, request: DNSRecord, kind: str, name: str) -> DNSRecord:
        reply = request.reply()
        found = self.records.get((kind, name)) or self.records.get(("CNAME", name), [])
        for rdata, ttl in found:
            reply.add_answer(RR(name, getattr(QTYPE, type(rdata).__name__), rdata=rdata, ttl=ttl))
        if not found:
            self._say_none(reply, name)
        return reply

    def _say_none(self, reply: DNSRecord, name: str) -> None:
        zone = max((zone for zone in self.zones if f".{name}".endswith(f".{zone}")), key=len, default="")
        if zone:
            reply.add_auth(RR(zone, QTYPE.SOA, rdata=self.records["SOA", zone][0][0], ttl=600))
        if not any(known == name or known.endswith(f".{name}") for _, known in self.records):
            reply.header.rcode = RCODE.NXDOMAIN


def fails(code: str) -> Behaviour:
    """A server that says it cannot."""

    def answer(request: DNSRecord, _protocol: str) -> DNSRecord:
        reply = request.reply()
        reply.header.rcode = getattr(RCODE, code)
        return reply

    return answer


def silent(_request: DNSRecord, _protocol: str) -> None:
    """A server that says nothing."""


def cut(request: DNSRecord) -> DNSRecord:
    """What a server says whose answer is too long for UDP."""
    reply = request.reply()
    reply.header.tc = 1
    return reply


class _Handler(DNSHandler):
    def get_reply(self, data: bytes) -> bytes:
        request = DNSRecord.parse(data)
        reply = self.server.resolver.resolve(request, self)
        if reply is None:
            raise DNSError("silent")
        if isinstance(reply, bytes):
            return reply
        packed = reply.pack()
        return cut(request).pack() if self.protocol == "udp" and len(packed) > _UDP else packed


class _NoLog:
    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_args: None


def _serve(zone: Zone, address: str, port: int, *, tcp: bool) -> DNSServer:
    server = DNSServer(zone, address=address, port=port, tcp=tcp, logger=_NoLog(), handler=_Handler)
    server.start_thread()
    return server


class Server:
    """The running server, on UDP and TCP at the same port of one loopback address."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self.zone = Zone()
        self.running = [_serve(self.zone, address, port, tcp=True)]
        self.port: int = self.running[0].server.server_address[1]
        self.running.append(_serve(self.zone, address, self.port, tcp=False))
        self.where = f"{address}:{self.port}"

    def stop(self) -> None:
        for each in self.running:
            each.stop()
            each.server.server_close()

    def diagnose(self, domain: str = "umbrella.test", **options: Any) -> Diagnosis:
        """Ask this server alone."""
        return Dns(self.where, **options).diagnose(domain, record_name(domain), VALUE)


@pytest.fixture(scope="module")
def running_server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def server(running_server: Server) -> Server:
    """A name server that knows nothing yet."""
    running_server.zone.__init__()
    return running_server


@pytest.fixture
def internet(server: Server) -> Iterator[Callable[..., Server]]:
    """Makes further servers at the port of `server`, on loopback addresses of their own."""
    made: list[Server] = []

    def make(address: str) -> Server:
        made.append(Server(address, server.port))
        return made[-1]

    yield make
    for each in made:
        each.stop()
