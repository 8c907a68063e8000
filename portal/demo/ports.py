"""Which ports a start uses."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from portal.demo.errors import DemoError

_TRIES = 200
_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


@dataclass(frozen=True)
class Ports:
    """Every port of a demonstration."""

    portal: int
    keycloak: int
    inbox: int
    sample: int
    smtp: int
    dns: int
    management: int


_PREFERRED = {
    "portal": 8000,
    "keycloak": 8080,
    "inbox": 8025,
    "sample": 8001,
    "smtp": 1025,
    "dns": 5354,
    "management": 9100,
}
_CHOOSABLE = {
    "portal": "PORTAL_PORT",
    "keycloak": "KEYCLOAK_PORT",
    "inbox": "INBOX_PORT",
    "sample": "SAMPLE_PORT",
}
_TITLES = {"portal": "the portal", "keycloak": "Keycloak", "inbox": "the inbox", "sample": "the sample application"}


def choose(environ: Mapping[str, str], say: Callable[[str], None]) -> Ports:
    """The ports asked for, else the usual ones, else the next free ones, which is said.

    Raises `DemoError` if a port that was asked for is taken.
    """
    chosen: dict[str, int] = {}
    for name, variable in _CHOOSABLE.items():
        if asked := environ.get(variable):
            chosen[name] = _asked_for(name, asked, chosen.values())
    for name, usual in _PREFERRED.items():
        if name not in chosen:
            chosen[name] = next_free(usual, chosen.values())
            if chosen[name] != usual and name in _CHOOSABLE:
                say(f"Port {usual} is taken: {_TITLES[name]} uses {chosen[name]} ({_CHOOSABLE[name]} chooses another).")
    return Ports(**chosen)


def _asked_for(name: str, value: str, used: Iterable[int]) -> int:
    variable = _CHOOSABLE[name]
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise DemoError(f"{variable} must be a port from 1 to 65535, not {value!r}.")
    port = int(value)
    if port in set(used):
        raise DemoError(f"{variable}={port} is the same port as another one's: give each its own.")
    if not is_free(port):
        raise DemoError(f"Port {port} is taken by another program: choose another with {variable}=… or leave it out.")
    return port


def next_free(start: int, used: Iterable[int] = ()) -> int:
    """The first free port from `start` on. Raises `DemoError` if there is none near."""
    taken = set(used)
    for port in range(start, min(start + _TRIES, 65536)):
        if port not in taken and is_free(port):
            return port
    raise DemoError(f"No port from {start} to {start + _TRIES} is free.")


def any_free() -> int:
    """A port that the system says is free, for tests that run side by side."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether nobody listens on the port, for TCP and UDP, on either loopback address."""
    kinds = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    return all(_can_bind(family, host, kind, port) for family, host in kinds for kind in _KINDS)


def _can_bind(family: socket.AddressFamily, host: str, kind: socket.SocketKind, port: int) -> bool:
    try:
        probe = socket.socket(family, kind)
    except OSError:
        return True  # no such address family on this machine
    with probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
    return True
