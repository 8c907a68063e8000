"""What a page costs on the server's side: processor time, memory, and the portal's own calls to Keycloak."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from portal.demo.portal_process import wait_until_it_answers
from portal.demo.stage import Stage

IDLE_SECONDS = 10


class Processor:
    """Processor time of the portal and of Keycloak, less what Keycloak uses while nobody asks it anything."""

    def __init__(self, stage: Stage) -> None:
        assert stage.keycloak.child and stage.keycloak.child.process and stage.portal.process
        self.roots = {"portal": stage.portal.process.pid, "keycloak": stage.keycloak.child.process.pid}
        self.idle = dict.fromkeys(self.roots, 0.0)
        before = self._used()
        time.sleep(IDLE_SECONDS)
        after = self._used()
        self.idle = {name: (after[name] - before[name]) / IDLE_SECONDS for name in self.roots}

    def of(self, act: Callable[[], None], pages: int) -> dict[str, float]:
        """Milliseconds of processor time a page, by product, while `act` loads that many pages."""
        started, before = time.monotonic(), self._used()
        act()
        after, seconds = self._used(), time.monotonic() - started
        used = {name: after[name] - before[name] - self.idle[name] * seconds for name in self.roots}
        return {name: max(0.0, value) * 1000 / pages for name, value in used.items()}

    def _used(self) -> dict[str, float]:
        return {name: sum(map(_seconds, family(pid))) for name, pid in self.roots.items()}


def family(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def workers(stage: Stage) -> list[int]:
    """Resident bytes of each of the portal's workers."""
    assert stage.portal.process
    return [int(process.memory_full_info().pss) for process in family(stage.portal.process.pid)[1:]]


@contextmanager
def counted_calls(stage: Stage) -> Iterator[Counter[str]]:
    """Restart the portal so that its own calls pass a counter on their way to Keycloak."""
    calls: Counter[str] = Counter()
    server = _counter(stage.ports.keycloak, calls)
    plain = Path(stage.folder.config).read_text(encoding="utf-8")
    internal = f'internal_url = "http://127.0.0.1:{server.server_address[1]}"'
    try:
        _restart(stage, re.sub(r"internal_url = .*", internal, plain))
        yield calls
    finally:
        _restart(stage, plain)
        server.shutdown()
        server.server_close()


def _restart(stage: Stage, config: str) -> None:
    stage.portal.stop()
    stage.folder.write_private(stage.folder.config, config)
    stage.portal.start()
    wait_until_it_answers(stage.portal, stage.ports)


def _counter(port: int, calls: Counter[str]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            calls[f"{self.command} {_shape(self.path)}"] += 1
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            onward = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            # With the Host the portal used: Keycloak derives the addresses of its endpoints from it.
            onward.request(self.command, self.path, body, dict(self.headers.items()))
            answer = onward.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            onward.close()

        do_GET = do_POST = do_PUT = do_DELETE = forward

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _shape(path: str) -> str:
    """The path without what differs from person to person."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", urlsplit(path).path)
