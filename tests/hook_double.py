"""The other end of webhooks: an HTTP server that keeps what it is sent and answers from a script."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from outbound_doubles import loopback

from portal.clients.outbound import Policy


@dataclass
class Got:
    """One request: headers in lower case, the body as it came, and the status it was answered with."""

    path: str
    headers: dict[str, str]
    body: str
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Answers with the next of `script`, then with `status`; a share of `failing` requests gets 503 at random.

    A request whose number is in `held` sets `arrived` and is answered when `go_on` is set.
    """

    status: int = 204
    failing: float = 0.0
    script: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    held: set[int] = field(default_factory=set)
    got: list[Got] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"receiver": self}))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook?key=1"

    @property
    def policy(self) -> Policy:
        """What may be called by a portal on a loopback address that lists this server."""
        return loopback(f"localhost:{self.port} in 127.0.0.0/8", seconds=5.0)

    @property
    def taken(self) -> list[Got]:
        """What was answered well."""
        return [each for each in self.got if each.status < 300]

    def keep(self, path: str, headers: Any, body: bytes) -> int:
        with self.lock:
            number = len(self.got) + 1
            failed = self.failing and self.chance.random() < self.failing
            status = self.script.pop(0) if self.script else 503 if failed else self.status
            heads = {name.lower(): value for name, value in headers.items()}
            self.got.append(Got(path, heads, body.decode(), status))
        if number in self.held:
            self.arrived.set()
            self.go_on.wait(30)
        return status


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = self.receiver.keep(self.path, self.headers, body)
        with contextlib.suppress(BrokenPipeError):  # whoever asked was killed
            self._answer(status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        for name, value in self.receiver.headers.items():
            self.send_header(name, value)
        content = b"" if status == 204 else self.receiver.answer
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(name="receiving")
def receivers() -> Iterator[Callable[..., Receiver]]:
    """Starts receivers."""
    running: list[Receiver] = []

    def start(**options: Any) -> Receiver:
        receiver = Receiver(**options)
        receiver.start()
        running.append(receiver)
        return receiver

    yield start
    for each in running:
        each.stop()
