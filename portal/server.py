"""The server's worker: a thread takes a request once it is there, so that whoever sends slowly holds none.

gunicorn's threaded worker waits for a new connection in a thread, and then reads from it for as long as the client
likes: as many slow clients as there are threads would keep everybody out. Here the loop collects the head and a body of
ordinary size first. Only what is left of a larger body is read in a thread, and not for long. Nor does the loop wait
for those who were answered to hang up.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import http, util
from gunicorn.workers.gthread import ThreadWorker

from portal import arrivals
from portal.arrivals import WHOLE_BODY, Arrival, Timed

# Seconds until those are hung up who were answered and stay; how many may.
TO_LEAVE, MOST_LEAVING = 2.0, 100


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, whose loop collects requests."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[Arrival, None] = {}
        self._leaving: dict[Any, float] = {}
        self._looked = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, if need be in the place of the one that has been slow for longest."""
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in {errno.EMFILE, errno.ENFILE}:
                raise
            self._make_room()

    def _make_room(self) -> None:
        if self._arriving:
            self._drop(next(iter(self._arriving)))
        elif self.keepalived_conns:
            # Closed by the loop, which may hold an event of it.
            self.keepalived_conns[0].timeout = 0.0

    def enqueue_req(self, conn: Any) -> None:
        """Begin to collect the next request of a connection."""
        if not isinstance(conn.sock, Timed):
            conn.sock = Timed(fileno=conn.sock.detach())
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
            conn.close = partial(self._close, conn)
        conn.sock.setblocking(False)
        arrival = Arrival(conn, bytearray(), time.monotonic() + arrivals.TO_BEGIN)
        if known := conn.parser.unreader.take_buffered():
            arrival.add(known)
        self._arriving[arrival] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._readable, arrival))
        self._look(arrival)

    def _readable(self, arrival: Arrival, connection: Timed) -> None:
        if arrival not in self._arriving:
            return  # It made room for another one that came at the same moment.
        try:
            data = connection.recv(WHOLE_BODY)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(arrival)
            return
        arrival.add(data)
        self._look(arrival)

    def _look(self, arrival: Arrival) -> None:
        whole = arrival.whole()
        if arrival.too_long:
            with suppress(OSError):
                util.write_error(arrival.conn.sock, 431, "Request Header Fields Too Large", "")
            self._drop(arrival)
        elif whole:
            self._hand_over(arrival)
        elif arrival.continues:
            arrival.continues = False
            with suppress(OSError):
                arrival.conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, arrival: Arrival) -> None:
        conn = arrival.conn
        self._forget(arrival)
        conn.parser.unreader.unread(bytes(arrival.came))
        conn.data_ready = True
        conn.sock.until = time.monotonic() + arrivals.IN_THREAD
        super().enqueue_req(conn)

    def _forget(self, arrival: Arrival) -> None:
        self._arriving.pop(arrival, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(arrival.conn.sock)

    def _drop(self, arrival: Arrival) -> None:
        self._forget(arrival)
        self.nr_conns -= 1
        arrival.conn.close()

    def _close(self, conn: Any, graceful: bool = False) -> None:
        """Hang up. Where an answer may be on its way, when the other side does, which gunicorn would wait for."""
        if not graceful or len(self._leaving) >= MOST_LEAVING:
            util.close(conn.sock)
            return
        with suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
        conn.sock.setblocking(False)
        self._leaving[conn] = time.monotonic() + TO_LEAVE
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._left, conn))

    def _left(self, conn: Any, connection: Timed) -> None:
        try:
            more = bool(connection.recv(WHOLE_BODY))
        except BlockingIOError:
            more = True
        except OSError:
            more = False
        if not more:
            self._hang_up(conn)

    def _hang_up(self, conn: Any) -> None:
        self._leaving.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        util.close(conn.sock)

    def murder_pending(self) -> None:
        """Close what has had its time, as the loop does after each event; a look each second suffices."""
        super().murder_pending()
        present = time.monotonic()
        if present - self._looked < 1 and self.alive:
            return
        self._looked = present
        for each in [each for each in self._arriving if each.until <= present]:
            self._drop(each)
        for conn in [conn for conn, until in self._leaving.items() if until <= present]:
            self._hang_up(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """A worker that ends waits briefly for those who have not begun, too."""
        super()._cap_keepalive(deadline)
        for each in self._arriving:
            each.until = each.until if each.came else min(each.until, deadline)
