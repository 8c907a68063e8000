"""Names into addresses, and a connection to exactly the address that was checked, all before one deadline."""

from __future__ import annotations

import functools
import io
import ipaddress
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import certifi
import dns.exception
import dns.resolver

from portal.clients.outbound_address import Address, refused
from portal.errors import Upstream

_LOOKUPS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="outbound-lookup")
LOCALHOST: tuple[Address, ...] = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))


class Deadline:
    """A point in time after which nothing waits any longer."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises `TimeoutError` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        return left


class Resolver(Protocol):
    """Answers a name with all its addresses. Raises `Invalid` for an unknown name, `Upstream` when it cannot tell."""

    def __call__(self, name: str, deadline: Deadline) -> list[Address]: ...


def system_resolver(name: str, deadline: Deadline) -> list[Address]:
    """Ask the system (hosts file included)."""
    lookup = _LOOKUPS.submit(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)
    try:
        found = lookup.result(timeout=deadline.left())
    except socket.gaierror as error:
        raise _unresolved(error, unknown=error.errno in {socket.EAI_NONAME, socket.EAI_NODATA}) from error
    except TimeoutError as error:
        raise _unresolved(error) from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def nameserver_resolver(server: str) -> Resolver:
    """Ask one nameserver, given as `address` or `address:port` (IPv6 in brackets). `localhost` is never asked for.

    Raises `ValueError` for anything else.
    """
    host, port = host_and_port(server)
    stub = dns.resolver.Resolver(configure=False)
    stub.nameservers = [host]
    stub.port = port

    def resolve(name: str, deadline: Deadline) -> list[Address]:
        if name == "localhost":
            return list(LOCALHOST)
        try:
            answers = stub.resolve_name(name + ".", lifetime=min(5.0, deadline.left()))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
            raise _unresolved(error, unknown=True) from error
        except (dns.exception.DNSException, OSError) as error:
            raise _unresolved(error) from error
        return [ipaddress.ip_address(text) for text in answers.addresses()]

    return resolve


def host_and_port(server: str) -> tuple[str, int]:
    """Address and port of a nameserver as it is configured. Raises `ValueError`."""
    try:
        return str(ipaddress.ip_address(server.strip("[]"))), 53
    except ValueError:
        host, _, port = server.rpartition(":")
        return str(ipaddress.ip_address(host.strip("[]"))), int(port)


def _unresolved(error: Exception, *, unknown: bool = False) -> Exception:
    # An unknown name and one that leads to a private network look alike from outside.
    return refused() if unknown else Upstream(f"name resolution: {type(error).__name__}")


def connect(address: Address, port: int, deadline: Deadline) -> socket.socket:
    """Open a TCP connection to a numeric address; no name is looked up."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(min(3.0, deadline.left()))
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def secured(sock: socket.socket, name: str, context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    """TLS over `sock`; the certificate must be for `name`. The handshake as a whole keeps the deadline."""
    sock.settimeout(deadline.left())
    try:
        return context.wrap_socket(sock, server_hostname=name)
    except BaseException:
        sock.close()
        raise


@functools.cache
def trust() -> ssl.SSLContext:
    """The system's authorities (and those of SSL_CERT_FILE), together with the bundled list."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class TimedSocket:
    """What `http.client` needs of a socket, with one deadline for all reads: a slow drip cannot stretch it."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send everything before the deadline."""
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A buffered reader over the connection."""
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def close(self) -> None:
        """Leave the connection open: `http.client` closes before the body is read; the owner closes afterwards."""


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._sock.settimeout(self._deadline.left())
        return self._sock.recv_into(buffer)
