"""The threads of a worker that deliver webhooks, beside its loop: a receiver that is slow keeps no mail waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.services import Services
from portal.webhooks import sending
from portal.webhooks.turns import Turn, taken

log = structlog.get_logger("portal.webhooks")
# Webhooks at a time; seconds to rest when nothing is due, and after trouble with the database.
SIDE_BY_SIDE, IDLE, TROUBLE = 4, 0.5, 5.0


class Courier:
    """The threads of one worker that deliver; `ended` is looked at between any two events."""

    def __init__(self, services: Services, ended: threading.Event) -> None:
        self._services, self._ended, self._policy = services, ended, sending.policy_of(services)
        self._free = threading.Semaphore(SIDE_BY_SIDE)
        self._thread = threading.Thread(target=self._work, name="webhooks")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until what is at hand is done, after `ended`."""
        self._thread.join()

    def _work(self) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="webhook") as pool:
            while not self._ended.is_set():
                self._ended.wait(self._hand_out(lambda turn: pool.submit(self._guarded, turn)))

    def _hand_out(self, submit: Callable[[Turn], object]) -> float:
        """Give the next turn to a thread; returns for how many seconds to rest."""
        if not self._free.acquire(timeout=IDLE):
            return 0.0
        try:
            row = taken(self._services)
        except SQLAlchemyError as error:
            log.error("database cannot be used", error=type(error).__name__)
            self._free.release()
            return TROUBLE
        if row is None:
            self._free.release()
            return IDLE
        submit(Turn(self._services, row, self._policy, self._ended))
        return 0.0

    def _guarded(self, turn: Turn) -> None:
        try:
            turn.run()
        except Exception as error:
            log.exception("turn failed", exc_info=error, webhook=turn.row.id)
        finally:
            self._free.release()
