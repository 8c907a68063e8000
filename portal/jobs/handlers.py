"""What each kind of job does with a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from portal.services import Services
from portal.store.models_organizations import Job, JobRow

WAITING, WORKING, MAILING = "waiting", "working", "mailing"
SENT, SKIPPED, FAILED, STOPPED, UNKNOWN = "sent", "skipped", "failed", "stopped", "unknown"
OPEN = (WAITING, WORKING, MAILING)


@dataclass(frozen=True)
class RowOutcome:
    """How a row ended: sent, skipped, failed or unknown, with a word for the reason.

    Or mailing with the id of a queued mail, whose outcome then becomes the row's. `about` is the id of what was made.
    """

    state: str
    reason: str = ""
    about: str = ""
    mail: str = ""


class Handler(Protocol):
    """The work of one kind of job. No call is made within a transaction of the store."""

    def still_allowed(self, services: Services, job: Job) -> bool:
        """Whether the issuer may do this now; decided from fresh facts, before every 25 rows or 5 seconds."""

    def work(self, services: Services, job: Job, row: JobRow) -> RowOutcome:
        """Do one row, in less than a minute.

        Raise `Upstream` that may be retried or `TooMany` only when nothing was done: the row then waits its turn
        again. Every other error of the portal ends the row as failed, any other exception as unknown.
        """

    def settle(self, services: Services, job: Job, row: JobRow) -> RowOutcome | None:
        """What became of a row whose worker died while at it.

        Waiting, if surely nothing was done and it may begin anew; None, if that cannot be told: it is unknown then.
        Raise `Upstream` to be asked again later.
        """


HANDLERS: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Let workers of this process take jobs of this kind. Jobs of other kinds are left to other workers."""
    HANDLERS[kind] = handler
