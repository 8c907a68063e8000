"""Requests while they arrive, and connections with a time limit: what the server's worker is made of."""

from __future__ import annotations

import errno
import re
import socket
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

# Bytes of a request line with its headers; bytes of a body that are waited for.
LONGEST_HEAD, WHOLE_BODY = 32 * 1024, 64 * 1024
# Seconds: until the first byte, from there until the rest, and for reading or writing more than that in a thread.
TO_BEGIN, TO_ARRIVE, IN_THREAD = 20.0, 10.0, 30.0
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.I)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.I)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.I)


class Timed(socket.socket):
    """A connection that a thread reads until the moment `until`, and writes each piece to within `IN_THREAD`."""

    until = 0.0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As usual, while there is time. Raises `ConnectionResetError` then: the server is silent about those."""
        timed = self.gettimeout() is None
        with self._within(self.until - time.monotonic()) if timed else nullcontext():
            return super().recv(size, flags)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """As usual, while the other side takes it. Raises `ConnectionResetError` for one that does not."""
        with self._within(IN_THREAD) if self.gettimeout() is None else nullcontext():
            super().sendall(data, flags)

    def _within(self, seconds: float) -> _Within:
        return _Within(self, seconds)


@dataclass
class _Within:
    connection: Timed
    seconds: float

    def __enter__(self) -> None:
        if self.seconds <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "too slow")
        self.connection.settimeout(self.seconds)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(OSError):
            self.connection.settimeout(None)
        if kind is TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "too slow")


@dataclass(eq=False)
class Arrival:
    """What has come of a request over a connection. `until` is the moment, monotonic, at which that is given up."""

    conn: Any
    came: bytearray
    until: float
    _begun: bool = field(default=False, init=False)
    _head: int = field(default=0, init=False)
    _length: int = field(default=0, init=False)
    _chunk: int = field(default=0, init=False)
    continues: bool = field(default=False, init=False)

    @property
    def too_long(self) -> bool:
        """Whether nobody needs such a head."""
        return (self._head or len(self.came)) > LONGEST_HEAD

    def add(self, data: bytes) -> None:
        """Something more came."""
        if not self._begun:
            self._begun, self.until = True, time.monotonic() + TO_ARRIVE
        # Blank lines before a request mean nothing (RFC 9112, 2.2).
        self.came += data if self.came else data.lstrip(b"\r\n")

    def whole(self) -> bool:
        """Whether a thread can begin: everything is there, or as much of a large body as is waited for."""
        if not self._head and not self._found_head():
            return False
        body = len(self.came) - self._head
        return body >= WHOLE_BODY or (body >= self._length if self._length >= 0 else self._last_chunk())

    def _found_head(self) -> bool:
        end = self.came.find(_END)
        if end < 0:
            return False
        head = bytes(self.came[: end + 2])
        length = _LENGTH.search(head)
        self._head = self._chunk = end + len(_END)
        self._length = int(length[1]) if length else -1 if _CHUNKED.search(head) else 0
        self.continues = bool(_EXPECTS.search(head))
        return True

    def _last_chunk(self) -> bool:
        """Walks on from chunk to chunk. What is none is left to the server to refuse."""
        while (end := self.came.find(b"\r\n", self._chunk)) >= 0:
            try:
                size = int(bytes(self.came[self._chunk : end]).partition(b";")[0], 16)
            except ValueError:
                return True
            if size <= 0:
                return self.came.find(_END, end) >= 0
            if end + size + 4 > len(self.came):
                return False
            self._chunk = end + size + 4
        return len(self.came) - self._chunk > LONGEST_HEAD
