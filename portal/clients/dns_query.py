"""Questions to name servers: one deadline for all of them, and nothing read that was not asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
from dns.message import Message
from dns.name import Name
from dns.rdataclass import IN
from dns.rdatatype import CNAME, SOA, TXT, RdataType

from portal.clients.outbound_socket import Deadline

CHAIN = 8
# Seconds for one answer. A resolver has questions of its own to ask; TCP needs more than one round trip.
_PATIENCE, _PATIENCE_RECURSIVE, _PATIENCE_TCP = 1.0, 2.0, 2.0
_PAYLOAD = 1232  # bytes that pass every network in one piece (DNS flag day 2020)


class Silent(Exception):
    """Nobody answered in time."""


class Failed(Exception):
    """Whoever answered said that it cannot, or nothing usable."""


@dataclass(frozen=True)
class Server:
    """A name server. `name` is how it is called to people; without one it is a helper that is not spoken of."""

    address: str
    port: int = 53
    name: str = ""
    recursive: bool = False


@dataclass(frozen=True)
class Texts:
    """The TXT records of a name, strings joined. `ttl` in seconds, of the answer that there is none as well."""

    values: tuple[bytes, ...]
    ttl: int
    exists: bool


class Inquiry:
    """All the questions of one diagnosis. `asked` names the servers in order, `answered` is the last that helped."""

    def __init__(self, seconds: float) -> None:
        self.deadline = Deadline(seconds)
        self.asked: list[str] = []
        self.answered: Server | None = None

    def ask(self, servers: Iterable[Server], name: Name, kind: RdataType) -> Message:
        """The first usable answer. Who stays silent is asked a second time: packets get lost.

        Raises `Failed` if some server answered and none usably, `Silent` if none answered.
        """
        trouble: dict[Server, Exception] = {}
        answer = self._first(servers, name, kind, trouble)
        if not answer:
            silent = [server for server, why in trouble.items() if isinstance(why, Silent)]
            answer = self._first(silent, name, kind, trouble)
        if answer:
            return answer
        raise Silent if trouble and all(isinstance(why, Silent) for why in trouble.values()) else Failed

    def _first(
        self, servers: Iterable[Server], name: Name, kind: RdataType, trouble: dict[Server, Exception]
    ) -> Message | None:
        for server in servers:
            if server.name and server.name not in self.asked:
                self.asked.append(server.name)
            try:
                answer = _answer(server, name, kind, self.deadline)
            except (Silent, Failed) as why:
                trouble[server] = why
            else:
                self.answered = server
                return answer
        return None


def _answer(server: Server, name: Name, kind: RdataType, deadline: Deadline) -> Message:
    try:
        answer = _exchange(server, name, kind, deadline)
    except (dns.exception.Timeout, OSError) as error:
        raise Silent from error
    except Exception as error:
        # The bytes come from a stranger: whatever the parser stumbles over is the stranger's failure.
        raise Failed from error
    if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise Failed
    return answer


def _exchange(server: Server, name: Name, kind: RdataType, deadline: Deadline) -> Message:
    """By UDP, and by TCP if the answer is too long for it. An answer to another question is as good as none."""
    flags = dns.flags.RD if server.recursive else dns.flags.Flag(0)
    query = dns.message.make_query(name, kind, use_edns=0, payload=_PAYLOAD, flags=flags)
    seconds = min(_PATIENCE_RECURSIVE if server.recursive else _PATIENCE, deadline.left())
    try:
        return dns.query.udp(
            query, server.address, seconds, server.port,
            ignore_unexpected=True, ignore_errors=True, raise_on_truncation=True,
        )  # fmt: skip
    except dns.message.Truncated:
        return dns.query.tcp(query, server.address, min(_PATIENCE_TCP, deadline.left()), server.port)


def canonical(message: Message, name: Name, most: int) -> tuple[Name, int, int]:
    """Where the aliases in `message` lead from `name`, after how many steps, and how long that may be remembered.

    Raises `Failed` after more than `most` steps, so for a loop too.
    """
    steps, ttl = 0, 2**31
    while alias := message.get_rrset(message.answer, name, IN, CNAME):
        steps += 1
        if steps > most:
            raise Failed
        name, ttl = alias[0].target, min(ttl, alias.ttl)
    return name, steps, ttl


def texts(message: Message, name: Name, ttl: int) -> Texts:
    """The TXT records of exactly `name`; whatever else the answer carries is ignored. `ttl` is that of the aliases."""
    exists = message.rcode() != dns.rcode.NXDOMAIN
    found = message.get_rrset(message.answer, name, IN, TXT)
    if not found:
        return Texts((), min(ttl, _negative_ttl(message)), exists)
    return Texts(tuple(b"".join(each.strings) for each in found), min(ttl, found.ttl), exists)


def _negative_ttl(message: Message) -> int:
    """How long "there is none" may be remembered (RFC 2308), 0 if the answer does not say."""
    return min((min(each.ttl, each[0].minimum) for each in message.authority if each.rdtype == SOA), default=0)
