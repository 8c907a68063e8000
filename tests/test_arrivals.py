"""The server collects requests before a thread takes them: what is slow or endless keeps nobody else waiting."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from waiting import eventually

from portal.demo.ports import any_free
from portal.serve import gunicorn_options

SECONDS = 1.0
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Door = Callable[..., socket.socket]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with two threads and room for thirty connections."""
    free, folder = any_free(), tmp_path_factory.mktemp("house")
    options = gunicorn_options(Namespace(bind=f"127.0.0.1:{free}", workers=1, threads=2), "info")
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    env = {**os.environ, "PYTHONPATH": path, "SLOW_HOUSE": str(SECONDS)}
    command = [sys.executable, "-m", "gunicorn", *options, "--worker-connections=30", "slow_house:answer"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as process:
        eventually(lambda: open_at(free), 20, "the server did not begin")
        yield free
        process.terminate()
        assert process.wait(10) == 0
    assert "Traceback" not in (folder / "log").read_text()


def open_at(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def door(port: int) -> Iterator[Door]:
    """Connections, closed at the end."""
    with ExitStack() as opened:

        def make(*sent: bytes) -> socket.socket:
            found = opened.enter_context(closing(socket.create_connection(("127.0.0.1", port), 10)))
            for each in sent:
                found.sendall(each)
            return found

        yield make


def said(connection: socket.socket) -> str:
    """What is answered next, until the end of a short body."""
    found = b""
    while b" bytes" not in found and (part := connection.recv(65536)):
        found += part
    return found.decode()


def posted(body: bytes, length: int | None = None, path: str = "/", *more: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body) if length is None else length}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


def chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


@pytest.mark.parametrize(
    ("sent", "length"),
    [(GET, 0), (b"\r\n" + GET, 0), (posted(b"abc"), 3), (posted(b"x" * 3_000_000), 3_000_000), (chunks(b"ab", b"0"), 3),
     (chunks(b"x" * 200_000), 200_000), (chunks(b"ab", end=b"0\r\nA: b\r\n\r\n"), 2),
     (posted(b"abc", path="/unread"), 0)],
)  # fmt: skip
def test_what_arrives_in_one_go_or_in_pieces_is_answered_alike(door: Door, sent: bytes, length: int) -> None:
    assert said(door(sent)).endswith(f"\r\n\r\n{length} bytes")
    small = len(sent) < 1000
    pieces = [sent[at : at + 1] for at in range(len(sent))] if small else [sent[:10], sent[10:70_000], sent[70_000:]]
    assert said(door(*pieces)).endswith(f"\r\n\r\n{length} bytes")


def test_a_connection_serves_one_request_after_the_other(door: Door) -> None:
    one = door(GET)
    assert "0 bytes" in said(one)
    one.sendall(posted(b"abc")[:-1])
    one.sendall(b"c")
    assert "3 bytes" in said(one)
    both = door(posted(b"abcd") + GET[:-1])
    assert "4 bytes" in said(both)
    both.sendall(GET[-1:])
    assert "0 bytes" in said(both), "what came early is not lost"


def test_who_waits_to_be_told_to_go_on_is_told(door: Door) -> None:
    one = door(posted(b"", 3, "/", "Expect: 100-continue"))
    assert one.recv(100).startswith(b"HTTP/1.1 100 ")
    one.sendall(b"abc")
    assert said(one).endswith("3 bytes")


SLOW = {
    "nothing": b"", "half a head": GET[:20], "half a body": posted(b"x", 1000),
    "half a chunk": chunks(b"x", end=b"5\r\na"), "a blank line": b"\r\n\r\n",
    "a body to come": posted(b"", 1000, "/", "Expect: 100-continue"),
    "an end that is none": chunks(end=b"7\r\n0\r\n\r\n"),
}  # fmt: skip


@pytest.mark.case("Z5")
def test_the_slow_keep_nobody_waiting_and_are_sent_away(door: Door) -> None:
    crowd, began = [(kind, door(sent)) for kind, sent in SLOW.items() for _ in range(3)], time.monotonic()
    assert "0 bytes" in said(door(GET))
    assert time.monotonic() - began < SECONDS / 2
    for kind, each in crowd:
        while each.recv(1000):
            pass
        assert time.monotonic() - began < SECONDS + 3, kind


@pytest.mark.case("Z5")
def test_who_drips_is_sent_away_all_the_same(door: Door) -> None:
    one, began = door(GET[:10]), time.monotonic()
    one.settimeout(0.1)
    gone = False
    while not gone and time.monotonic() - began < SECONDS + 3:
        try:
            one.sendall(b"x")
            gone = one.recv(1000) == b""
        except TimeoutError:
            continue
        except OSError:
            gone = True
    assert gone


@pytest.mark.case("Z5")
def test_a_large_body_and_a_large_answer_have_their_time_too(door: Door) -> None:
    stuck = [door(posted(b"x" * 70_000, 200_000)), door(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")]
    began = time.monotonic()
    assert "0 bytes" in said(door(GET))
    assert time.monotonic() - began < SECONDS + 3
    assert stuck[0].recv(1000) == b""


@pytest.mark.case("Z5")
@pytest.mark.parametrize(
    "head",
    [b"Cookie: " + b"x" * 65_536 + b"\r\n", b"".join(b"X-%d: y\r\n" % each for each in range(10_000)),
     b"".join(b"X-%d: y\r\n" % each for each in range(200)), b"Cookie: " + b"x" * 10_000 + b"\r\n"],
    ids=["cookie of 64 KiB", "10000 headers", "200 headers", "cookie of 10 KB"],
)  # fmt: skip
def test_nobody_needs_such_a_head(door: Door, head: bytes) -> None:
    one = door()
    try:
        one.sendall(GET[:-2] + head + b"\r\n")
        assert said(one).startswith("HTTP/1.1 431 ")
    except ConnectionError:
        pass  # closed before all of it was sent
    began = time.monotonic()
    assert "0 bytes" in said(door(GET))
    assert time.monotonic() - began < SECONDS / 2


@pytest.mark.case("Z5")
def test_who_does_not_hang_up_keeps_nobody_waiting(door: Door) -> None:
    crowd = [door(GET[:-2] + b"Connection: close\r\n\r\n") for _ in range(9)]
    began = time.monotonic()
    assert all("0 bytes" in said(each) for each in crowd)
    assert "0 bytes" in said(door(GET))
    assert time.monotonic() - began < SECONDS / 2
    assert all(each.recv(10) == b"" for each in crowd)


@pytest.mark.case("Z5")
def test_when_it_is_full_the_slowest_makes_room(door: Door) -> None:
    crowd = [door(GET[:5]) for _ in range(60)]
    began = time.monotonic()
    assert "0 bytes" in said(door(GET))
    assert time.monotonic() - began < SECONDS / 2
    assert crowd[0].recv(100) == b""
