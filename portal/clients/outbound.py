"""The only way to call an address that came from outside: operators, customers, tenants.

Public addresses only, checked after the name was resolved and pinned for the connection; no redirects, no proxy,
no cookies, no credentials; bounded in time and size. Errors never repeat what the other side said.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode

from portal.clients.outbound_address import Address, Allowed, Target, allowed, is_public, parse, refused
from portal.clients.outbound_socket import (
    Deadline,
    Resolver,
    TimedSocket,
    connect,
    nameserver_resolver,
    secured,
    system_resolver,
    trust,
)
from portal.errors import Upstream
from portal.settings import Settings, SettingsError

SECONDS = 10.0
MOST = 2 * 1024 * 1024
# What is read of an answer of which only the status counts.
GLIMPSE = 1024
_PIECE = 64 * 1024

__all__ = ["Fetched", "Policy", "announce", "check", "fetch", "policy_from", "post", "read_as"]


@dataclass(frozen=True)
class Policy:
    """What may be called and by which means. `plain_http` opens http, for allow-listed names only."""

    allow: tuple[Allowed, ...] = ()
    plain_http: bool = False
    resolver: Resolver = system_resolver
    tls: ssl.SSLContext = field(default_factory=trust)
    seconds: float = SECONDS


@dataclass(frozen=True)
class Fetched:
    """An answer, whatever its status. Header names are lower case; `body` is decompressed and within the cap."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    final_url: str

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def policy_from(settings: Settings) -> Policy:
    """The policy the operator configured. Raises `SettingsError` for an entry that cannot be used."""
    try:
        entries = tuple(allowed(text, loopback=settings.loopback) for text in settings.outbound_allow)
        server = settings.outbound_nameserver
        resolver = nameserver_resolver(server) if server else system_resolver
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return Policy(entries, plain_http=settings.loopback, resolver=resolver)


def check(url: str, policy: Policy) -> list[Address]:
    """Resolve `url` without calling it, for addresses that somebody else will call.

    Returns the addresses. Raises `Invalid` for a refused address, `Upstream` if the name cannot be resolved now.
    """
    return _checked(parse(url), policy, Deadline(policy.seconds))


def fetch(url: str, policy: Policy, *, accept: str = "*/*", max_bytes: int = MOST) -> Fetched:
    """GET `url`. A redirect is an answer like any other and is not followed.

    Raises `Invalid` for a refused address and `Upstream` when no complete answer came within the deadline and cap.
    """
    return _send(url, policy, _Request("GET", {"Accept": accept}), min(max_bytes, MOST))


def post(url: str, policy: Policy, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Fetched:
    """POST a form to `url`, such as a token endpoint, and bring its answer of any status. Raises as `fetch` does."""
    head = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return _send(url, policy, _Request("POST", head, urlencode(form)), MOST)


def read_as(url: str, policy: Policy, token: str) -> Fetched:
    """GET `url` as JSON with a bearer token, such as a userinfo endpoint. Raises as `fetch` does."""
    head = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
    return _send(url, policy, _Request("GET", head), MOST)


def announce(url: str, policy: Policy, body: str, headers: Mapping[str, str]) -> Fetched:
    """POST `body` in UTF-8 to `url`, such as a webhook, for the status alone: at most the beginning of the answer is
    read, and what is wrong with it after its headers is no error. Raises as `fetch` does."""
    return _send(url, policy, _Request("POST", headers, body.encode(), glimpse=True), GLIMPSE)


@dataclass(frozen=True)
class _Request:
    """What is sent."""

    method: str
    headers: Mapping[str, str] = field(repr=False)
    body: str | bytes | None = field(default=None, repr=False)
    glimpse: bool = False


def _send(url: str, policy: Policy, request: _Request, most: int) -> Fetched:
    target, deadline = parse(url), Deadline(policy.seconds)
    addresses = _checked(target, policy, deadline)
    try:
        with _connected(target, addresses, policy, deadline) as sock:
            return _exchange(TimedSocket(sock, deadline), target, request, most)
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise Upstream(f"outbound: {type(error).__name__}") from error


def _checked(target: Target, policy: Policy, deadline: Deadline) -> list[Address]:
    entries = [entry for entry in policy.allow if entry.names(target)]
    if not entries and (target.scheme != "https" or target.literal or "." not in target.host or _odd(target.port)):
        raise refused()
    found = [target.literal] if target.literal else policy.resolver(target.host, deadline)
    good = [address for address in found if _acceptable(target, address, entries, policy)]
    # A name that leads to both sides of the wall is a trap, unless the operator named it.
    if not good or (not entries and len(good) < len(found)):
        raise refused()
    return good


def _acceptable(target: Target, address: Address, entries: list[Allowed], policy: Policy) -> bool:
    if any(entry.covers(target, address) for entry in entries):
        return target.scheme == "https" or policy.plain_http
    return target.scheme == "https" and is_public(address)


def _odd(port: int) -> bool:
    """Well-known ports other than https belong to protocols that are not to be poked."""
    return port < 1024 and port != 443


def _connected(target: Target, addresses: list[Address], policy: Policy, deadline: Deadline) -> socket.socket:
    for position, address in enumerate(addresses, 1):
        try:
            sock = connect(address, target.port, deadline)
            break
        except OSError:
            if position == len(addresses):
                raise
    return secured(sock, target.host, policy.tls, deadline) if target.scheme == "https" else sock


def _exchange(sock: TimedSocket, target: Target, request: _Request, most: int) -> Fetched:
    host = f"[{target.host}]" if ":" in target.host else target.host
    connection = http.client.HTTPConnection(host, target.port)
    connection.default_port = 443 if target.scheme == "https" else 80
    connection.auto_open = 0  # opening it again would look the name up again
    connection.sock = cast("socket.socket", sock)
    own = {"User-Agent": "portal", "Connection": "close"}
    connection.request(request.method, target.path, request.body, {**request.headers, **own})
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if request.glimpse:
        return Fetched(answer.status, headers, _glimpse(answer, most), target.url)
    if (answer.length or 0) > most:
        raise Upstream("outbound: the answer is too large", retryable=False)
    body = _read(answer, headers.get("content-encoding", "identity").strip().lower(), most)
    return Fetched(answer.status, headers, body, target.url)


def _glimpse(answer: http.client.HTTPResponse, most: int) -> bytes:
    try:
        return answer.read(most)
    except (OSError, http.client.HTTPException, ValueError):
        return b""


def _read(answer: http.client.HTTPResponse, encoding: str, most: int) -> bytes:
    """Read and decompress, never holding more than `most` bytes and a piece."""
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise Upstream("outbound: unknown content encoding", retryable=False)
    opener = None if encoding in {"", "identity"} else zlib.decompressobj(47 if "gzip" in encoding else 15)
    body = bytearray()
    while piece := answer.read(_PIECE):
        body += opener.decompress(piece, most + 1 - len(body)) if opener else piece
        if len(body) > most:
            raise Upstream("outbound: the answer is too large", retryable=False)
    if answer.length or (opener and not opener.eof):
        raise Upstream("outbound: the answer is incomplete")
    return bytes(body)
