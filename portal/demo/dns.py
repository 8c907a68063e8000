"""A name server on loopback that answers with the records it was told."""

from __future__ import annotations

from typing import Any

from dnslib import AAAA, CNAME, QTYPE, RR, TXT, A, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

_RDATA: dict[str, Any] = {"TXT": TXT, "A": A, "AAAA": AAAA, "CNAME": CNAME}
_TTL = 5
_SILENT = DNSLogger(logf=lambda _: None)


class Records(BaseResolver):  # type: ignore[misc]
    """The zone: text by (type, name)."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], list[str]] = {}

    def set(self, kind: str, name: str, *values: str) -> None:
        """Replace the records of a name; without values there are none."""
        self._by_key[kind.upper(), _key(name)] = list(values)

    def all(self) -> list[dict[str, Any]]:
        """Every record, for people to look at."""
        return [
            {"type": kind, "name": name, "values": values} for (kind, name), values in self._by_key.items() if values
        ]

    def resolve(self, request: DNSRecord, handler: Any) -> DNSRecord:  # noqa: ARG002
        """Answer one query; an unknown name has no answer."""
        reply = request.reply()
        question = request.q
        kind = QTYPE[question.qtype]
        for value in self._by_key.get((kind, _key(str(question.qname))), []):
            reply.add_answer(RR(question.qname, question.qtype, rdata=_rdata(kind, value), ttl=_TTL))
        return reply


def _rdata(kind: str, value: str) -> Any:
    # A string in a TXT record holds at most 255 bytes; longer text is several strings.
    if kind == "TXT":
        raw = value.encode()
        return TXT([raw[start : start + 255] for start in range(0, len(raw), 255)])
    return _RDATA[kind](value)


def _key(name: str) -> str:
    return name.rstrip(".").lower()


class NameServer:
    """The running server, on UDP and TCP."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self.records = Records()
        self._where = {"port": port, "address": address}
        self._servers: list[DNSServer] = []

    def start(self) -> None:
        """Serve in threads."""
        self._servers = [DNSServer(self.records, tcp=tcp, logger=_SILENT, **self._where) for tcp in (False, True)]
        for server in self._servers:
            server.start_thread()

    def stop(self) -> None:
        """Stop serving and give the port back."""
        for server in self._servers:
            server.stop()
            server.server.server_close()
