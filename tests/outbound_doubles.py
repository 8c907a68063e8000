"""Listeners that count connections, and a DNS server that answers from a script."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import requests
from dnslib import AAAA, QTYPE, RR, A
from dnslib.server import BaseResolver, DNSServer
from waiting import eventually

from portal.clients.outbound import Policy
from portal.clients.outbound_address import allowed

OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\nhello"


@dataclass
class Listener:
    """Accepts connections, counts them, keeps what was said, and answers from a script."""

    answer: Callable[[socket.socket], None] | bytes = OK
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    def start(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sock.bind((self.host, self.port))
        self._sock.listen(16)
        self.port = self._sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._sock.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(peer):
            peer.settimeout(30)
            if self.tls:
                peer = self.tls.wrap_socket(peer, server_side=True)
            self.requests.append(peer.recv(65536))
            if isinstance(self.answer, bytes):
                peer.sendall(self.answer)
            else:
                self.answer(peer)
            peer.close()


class Script(BaseResolver):
    """Answers each question for a name with the next of its answers; the last one stays. A and AAAA belong together."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.seen: dict[str, set[str]] = {}

    def resolve(self, request, handler):
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked.append((name, kind))
        reply = request.reply()
        for address in self._next(name, kind, reply):
            v6 = ":" in address
            if (kind == "AAAA") == v6:
                rdata = AAAA(tuple(ipaddress.ip_address(address).packed)) if v6 else A(address)
                reply.add_answer(RR(request.q.qname, request.q.qtype, rdata=rdata, ttl=0))
        return reply

    def _next(self, name, kind, reply):
        answers = self.names.get(name)
        if answers is None:
            reply.header.rcode = 3
            return []
        if kind in self.seen.get(name, set()) and len(answers) > 1:
            answers.pop(0)
            self.seen[name] = set()
        self.seen.setdefault(name, set()).add(kind)
        return answers[0]


@dataclass
class Dns:
    script: Script
    port: int

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def name_server() -> Iterator[Dns]:
    script = Script()
    server = DNSServer(script, address="127.0.0.1", port=0, logger=_Silent())
    server.start_thread()
    yield Dns(script, server.server.server_address[1])
    server.stop()
    server.server.server_close()


@pytest.fixture
def dns_server(name_server: Dns) -> Dns:
    name_server.script.__init__()
    return name_server


class _Silent:
    def __getattr__(self, _name):
        return lambda *_args: None


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    running: list[Listener] = []

    def start(*args, **kwargs) -> Listener:
        listener = Listener(*args, **kwargs)
        listener.start()
        running.append(listener)
        return listener

    yield start
    for listener in running:
        listener.stop()


def loopback(*entries: str, **kwargs) -> Policy:
    """The policy of a portal on a loopback address with these exceptions."""
    return Policy(tuple(allowed(entry, loopback=True) for entry in entries), plain_http=True, **kwargs)


def plainly(url: str) -> requests.Response:
    """What an unguarded client does."""
    return requests.get(url, timeout=5)


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for a condition, closely."""
    eventually(condition, seconds, "the condition did not come true", pause=0.01)
