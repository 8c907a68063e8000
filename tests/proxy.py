"""The proxy between portal and Keycloak: writes down each call and, if a test asks for it, holds, cuts or answers it.

It runs in the process of the stack; what a test has in its hand is in recorder.py.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import urllib3

CONTROL = "/--recorder/"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length"}
PLAIN = {"accept-encoding"}  # answers come as they are, so that they can be changed
LONGEST_HOLD = 60.0


@dataclass
class Call:
    """One call of the portal. `client` is whose token it carries (azp), or the client that asked for a token."""

    number: int
    method: str
    path: str
    client: str = ""
    sid: str = ""
    grant: str = ""
    request_id: str = ""
    status: int = 0

    @property
    def writes(self) -> bool:
        """Whether it may change something at Keycloak; asking for tokens and about tokens does not count."""
        return self.method not in {"GET", "HEAD", "OPTIONS"} and "/protocol/openid-connect/" not in self.path


@dataclass
class Rule:
    """What happens to calls that match.

    The deed is `hold`, `cut` (never sent), `lose` (sent, answer lost), `put` (into the JSON answer) or a status.
    The first `skip` that match are let through, and all after `most`, unless that is 0.
    """

    id: int
    deed: str
    method: str = ""
    path: str = ""
    client: str = ""
    sid: str = ""
    grant: str = ""
    skip: int = 0
    most: int = 0
    put: dict[str, str] = field(default_factory=dict)
    caught: int = 0
    released: threading.Event = field(default_factory=threading.Event, repr=False)

    def matches(self, call: Call) -> bool:
        """Whether the call is meant."""
        asked = [(self.method, call.method), (self.client, call.client), (self.sid, call.sid), (self.grant, call.grant)]
        if not all(wanted in {"", found} for wanted, found in asked) or not re.search(self.path, call.path):
            return False
        self.skip -= 1
        return self.skip < 0 and not 0 < self.most <= self.caught


def about(method: str, target: str, headers: Any, body: bytes) -> Call:
    """What can be told of a call from the outside."""
    parts = urlsplit(target)
    call = Call(0, method, parts.path, request_id=headers.get("X-Request-ID") or "")
    scheme, _, token = (headers.get("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        claims = unverified(token)
        call.client, call.sid = str(claims.get("azp", "")), str(claims.get("sid", ""))
    elif "x-www-form-urlencoded" in (headers.get("Content-Type") or ""):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        call.client, call.grant = form.get("client_id", ""), form.get("grant_type", "")
        call.sid = str(unverified(form.get("refresh_token") or form.get("token") or "").get("sid", ""))
        if "code" in form:
            call.sid = form["code"].partition(".")[2].partition(".")[0]  # the code names its session
    return call


def unverified(token: str) -> dict[str, Any]:
    """The claims of a token as it stands there."""
    try:
        part = token.split(".")[1]
        return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
    except (IndexError, ValueError):
        return {}


def changed(answer: bytes, put: dict[str, str]) -> bytes:
    """The JSON answer with other values; `unsigned` and `resigned` change the token that stands there."""
    found = json.loads(answer)
    return json.dumps({**found, **{name: _put(str(found[name]), value) for name, value in put.items()}}).encode()


def _put(present: str, wanted: str) -> str:
    if wanted not in {"unsigned", "resigned"}:
        return wanted
    head, claims, signature = present.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{none}.{claims}." if wanted == "unsigned" else f"{head}.{claims}.{signature[::-1]}"


class Proxy:
    """Forwards everything from `port` to Keycloak on `upstream`, with the Host header as it came."""

    def __init__(self, port: int, upstream: int, deeds: dict[str, Callable[[], None]]) -> None:
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", upstream, maxsize=64, retries=False, timeout=120)
        self.calls: deque[Call] = deque(maxlen=100_000)
        self.rules: list[Rule] = []
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.deeds = deeds
        self.server = _Server(("127.0.0.1", port), type("Bound", (_Handler,), {"proxy": self}))

    @property
    def url(self) -> str:
        """Where the portal finds Keycloak."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()

    def note(self, call: Call) -> Rule | None:
        """Write a call down; the rule that catches it, if one does."""
        with self.lock:
            call.number = next(self.numbers)
            self.calls.append(call)
            caught = next((rule for rule in self.rules if rule.matches(call)), None)
            if caught:
                caught.caught += 1
            return caught

    def since(self, number: int) -> list[Call]:
        """The calls after that one, oldest first: looked for from the end, for a run makes very many."""
        found = list(itertools.takewhile(lambda call: call.number > number, reversed(self.calls)))
        return found[::-1]

    def command(self, path: str, asked: dict[str, Any]) -> Any:
        """What a test asks of the recorder."""
        if path == "calls":
            with self.lock:
                return [asdict(call) for call in self.since(int(asked.get("after", 0)))]
        if path == "last":
            with self.lock:
                return self.calls[-1].number if self.calls else 0
        if path == "rule":
            rule = Rule(next(self.numbers), **asked)
            self.rules.append(rule)
            return rule.id
        if path in {"caught", "drop"}:
            [rule] = [rule for rule in self.rules if rule.id == int(asked["id"])]
            if path == "drop":
                self.rules.remove(rule)
                rule.released.set()
            return rule.caught
        return self.deeds[path]()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    proxy: Proxy

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith(CONTROL):
            answer = self.proxy.command(self.path.removeprefix(CONTROL), json.loads(body or b"{}"))
            self.answer(200, [("Content-Type", "application/json")], json.dumps(answer).encode())
            return
        call = about(self.command, self.path, self.headers, body)
        rule = self.proxy.note(call)
        deed = rule.deed if rule else ""
        if rule and deed == "hold":
            rule.released.wait(LONGEST_HOLD)
        if deed == "cut":
            self.close_connection = True
        elif deed.isdigit():
            call.status = int(deed)
            self.answer(call.status, [], b"")
        else:
            self.forward(call, body, rule)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_any

    def forward(self, call: Call, body: bytes, rule: Rule | None) -> None:
        head = {name: value for name, value in self.headers.items() if name.lower() not in {*HOP_BY_HOP, *PLAIN}}
        try:
            answer = self.proxy.pool.urlopen(self.command, self.path, body, head, redirect=False, decode_content=False)
        except urllib3.exceptions.HTTPError:
            self.close_connection = True
            return
        call.status = answer.status
        if rule and rule.deed == "lose":
            self.close_connection = True
            return
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP]
        self.answer(answer.status, kept, changed(answer.data, rule.put) if rule and rule.put else answer.data)

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def log_message(self, *_: Any) -> None:
        return
