"""Which addresses somebody else may make the portal call: one parser, one classification, one allow-list."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import quote

import idna

from portal.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED = "This address cannot be used. It must be a public https address."
LONGEST = 2048
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<path>/[!-~]*)?(?P<query>\?[!-~]*)?",
    re.ASCII,
)
_ENTRY = re.compile(r"(?P<name>[a-z0-9._:\[\]-]+):(?P<port>[0-9]{1,5})\s+in\s+(?P<network>[0-9a-f.:]+/[0-9]{1,3})")
_UNUSUAL = re.compile(r"[\x00-\x20\x7f\\\"<>^`{|}]")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# What `is_global` forgets, depending on the version of Python.
_NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
                 "2001:10::/28", "2001:20::/28", "2001:db8::/32", "3fff::/20")
)  # fmt: skip
_UNICAST6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """An address taken apart once; nothing parses it a second time. `host` is an A-label or a bare literal."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None = None


@dataclass(frozen=True)
class Allowed:
    """An exception made by the operator: this name on this port, if it leads into this network."""

    name: str
    port: int
    network: Network

    def covers(self, target: Target, address: Address) -> bool:
        """Whether the exception is for `target` as resolved to `address`."""
        return self.names(target) and address in self.network

    def names(self, target: Target) -> bool:
        """Whether the exception names `target`, wherever it leads."""
        return target.host == self.name and target.port == self.port


def refused() -> Invalid:
    """The one answer for every refused address: it tells nothing about what is behind it."""
    return Invalid(form=[REFUSED])


def parse(url: str) -> Target:
    """Take an http(s) address apart.

    Raises `Invalid` for anything unusual: user information, backslashes, control characters, a trailing dot,
    numeric hosts in any spelling but the canonical one, other schemes.
    """
    head, slash, tail = url.partition("://")
    host, rest = re.match(r"([^/?#]*)(.*)", tail, re.DOTALL).groups()  # type: ignore[union-attr]  # matches anything
    if _UNUSUAL.search(url) or len(url) > LONGEST:
        raise refused()
    found = _URL.fullmatch(head.lower() + slash + _ascii_host(host) + _ascii_rest(rest))
    if not found:
        raise refused()
    name = found["host"]
    port = int(found["port"] or (443 if found["scheme"] == "https" else 80))
    path = (found["path"] or "/") + (found["query"] or "")
    if port > 65535:
        raise refused()
    return Target(found[0], found["scheme"], name.strip("[]"), port, path, _literal(name))


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    name, colon, port = host.partition(":")
    try:
        return idna.encode(name, uts46=True).decode() + colon + port
    except idna.IDNAError as error:
        raise refused() from error


def _ascii_rest(rest: str) -> str:
    try:
        return quote(rest.partition("#")[0], safe="!$%&'()*+,/:;=?@[]~")
    except UnicodeEncodeError as error:
        raise refused() from error


def _literal(host: str) -> Address | None:
    """The address that `host` spells canonically, None for a name.

    Browsers and resolvers read `2130706433`, `0x7f.1` and `0177.0.0.1` as addresses as well: such hosts are refused.
    """
    if not host.startswith("[") and not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return None
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError as error:
        raise refused() from error


def is_public(address: Address) -> bool:
    """Whether `address`, and every address it wraps, is reachable for the whole internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not _listed(address)
    inner = _wrapped(address)
    if address in _NAT64 or address.ipv4_mapped:
        return all(is_public(part) for part in inner)
    unicast = address in _UNICAST6 and not _listed(address)
    # Teredo and 6to4 are not global to Python, or not always: what they lead to decides.
    return unicast and (all(is_public(part) for part in inner) if inner else address.is_global)


def _listed(address: Address) -> bool:
    return any(address in network for network in _NEVER)


def _wrapped(address: IPv6Address) -> list[IPv4Address]:
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour:
        return [address.sixtofour]
    return list(address.teredo or ())


def allowed(text: str, *, loopback: bool) -> Allowed:
    """Read one allow-list entry, `name:port in network`.

    `loopback` says whether the portal itself is on a loopback address. Raises `ValueError` with a sentence.
    """
    found = _ENTRY.fullmatch(text.strip().lower())
    if not found or not 0 < int(found["port"]) < 65536:
        raise ValueError(f"outbound_allow entry {text!r} must read like 'idp.corp:443 in 10.1.0.0/16'")
    try:
        network = ipaddress.ip_network(found["network"])
    except ValueError as error:
        raise ValueError(f"outbound_allow entry {text!r}: {error}") from error
    if not loopback and _touches_loopback(network):
        raise ValueError(f"outbound_allow entry {text!r} opens this machine; public_url is not a loopback address")
    return Allowed(found["name"].strip("[]"), int(found["port"]), network)


def _touches_loopback(network: Network) -> bool:
    if isinstance(network, IPv4Network):
        return any(network.overlaps(IPv4Network(text)) for text in ("127.0.0.0/8", "0.0.0.0/8", "169.254.0.0/16"))
    return any(network.overlaps(IPv6Network(text)) for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "fe80::/10"))
