"""A slice of a job: who may go on with it, its next rows, and what a dead worker left."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field

import structlog
from sqlalchemy import ScalarSelect, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.errors import PortalError, TooMany, Upstream
from portal.jobs.actions import DONE, READY, RUNNING, end_rest
from portal.jobs.handlers import (
    FAILED,
    HANDLERS,
    MAILING,
    OPEN,
    STOPPED,
    UNKNOWN,
    WAITING,
    WORKING,
    Handler,
    RowOutcome,
)
from portal.mail.outbox import QUEUED
from portal.services import Services
from portal.store import now
from portal.store.leases import count
from portal.store.models_organizations import Job, JobRow, Mail

log = structlog.get_logger("portal.jobs")
# After so many rows or seconds the right is asked for again, and it is the next job's turn.
ROWS, SECONDS = 25, 5.0
# Seconds that a job is held for one row; a worker that is silent for longer is taken for dead.
LEASE = 60.0
ATTEMPTS = 5
# Seconds until the next look at a job whose mails are still on their way, and at one whose issuer cannot be asked.
MAILS_AGAIN, ASK_AGAIN = 2.0, 15.0
# Mails of one organization that may wait to be sent before its jobs rest: mails go in the order in which they came.
MAILS_AT_MOST = 50


def run_one(services: Services, ended: threading.Event | None = None) -> bool:
    """Work on the job that has waited longest, for one slice. False if there is nothing to do.

    Jobs take turns, so a long one keeps no other waiting for more than a slice. `ended` stops after the row at hand.
    """
    job = _taken(services)
    if job is None:
        return False
    _Slice(services, job, HANDLERS[job.kind], ended or threading.Event()).run()
    return True


def _taken(services: Services) -> Job | None:
    # A stopped job is taken once more if its worker died: the row at hand needs an outcome.
    open_ = or_(Job.state.in_((READY, RUNNING)), and_(Job.state == STOPPED, Job.lease != ""))
    free = and_(Job.kind.in_(list(HANDLERS)), open_, Job.lease_until <= time.time())
    query = select(Job).where(free).order_by(_last_turn(), Job.lease_until, Job.created).limit(1)
    with services.store.read() as session:
        if session.scalars(query).first() is None:
            return None
    with services.store.write() as session:
        job = session.scalars(query.with_for_update(skip_locked=True)).first()
        if job:
            job.state = RUNNING if job.state == READY else job.state
            job.lease, job.lease_until = secrets.token_hex(16), time.time() + LEASE
    return job


def _last_turn() -> ScalarSelect[float]:
    """When the organization of a job had its last turn: its many jobs together wait as long as another's only one."""
    other = aliased(Job)
    same = (other.realm == Job.realm, other.organization == Job.organization, other.lease_until <= time.time())
    return select(func.coalesce(func.max(other.lease_until), 0.0)).where(*same).scalar_subquery()


@dataclass
class _Slice:
    """The turn of one job. `pause` is for how many seconds it then rests."""

    services: Services
    job: Job
    handler: Handler
    ended: threading.Event
    pause: float = field(default=0.0, init=False)

    def run(self) -> None:
        """Settle what was left, ask for the right, do the next rows, give the job back."""
        try:
            if self._settle() and self.job.state == RUNNING and self._allowed():
                self._rows()
        finally:
            mine = update(Job).where(Job.id == self.job.id, Job.lease == self.job.lease)
            with self.services.store.write() as session:
                session.execute(mine.values(lease="", lease_until=time.time() + self.pause))

    def _settle(self) -> bool:
        """This worker holds the job, so whatever is being worked on belongs to one that is dead.

        False if that cannot be found out now, but perhaps later.
        """
        for row in self._some(WORKING):
            try:
                outcome = self.handler.settle(self.services, self.job, row)
            except Exception as error:
                if isinstance(error, Upstream) and self.job.state == RUNNING:
                    self.pause = ASK_AGAIN
                    return False
                log.exception("row cannot be settled", exc_info=error, job=row.job, row=row.number)
                outcome = None
            self._finish(row, outcome or RowOutcome(UNKNOWN, "interrupted"))
        return True

    def _allowed(self) -> bool:
        try:
            allowed = self.handler.still_allowed(self.services, self.job)
        except Exception as error:
            # Nobody said no: the job waits until somebody can be asked.
            self.pause = ASK_AGAIN
            log.warning("job waits", exc_info=not isinstance(error, PortalError), job=self.job.id)
            return False
        if not allowed:
            with self.services.store.write() as session:
                stopped = end_rest(session, self.job.id, "denied")
            log.info("job stopped", job=self.job.id, rows=stopped)
        return allowed

    def _rows(self) -> None:
        deadline, rows = time.monotonic() + SECONDS, self._some(WAITING)
        if rows and self._mails_wait():
            self.pause = MAILS_AGAIN
            return
        for row in rows:
            if self.ended.is_set() or self.pause or time.monotonic() > deadline or not self._begin(row):
                return
            self._finish(row, self._worked(row))
        if len(rows) < ROWS and not self.pause:
            self._complete()

    def _mails_wait(self) -> bool:
        """Whether so many mails of the organization are due that the next ones would keep others' waiting."""
        mine = (Mail.realm == self.job.realm, Mail.organization == self.job.organization)
        some = select(Mail.id).where(Mail.state == QUEUED, Mail.due <= now(), *mine).limit(MAILS_AT_MOST)
        with self.services.store.read() as session:
            return len(session.scalars(some).all()) == MAILS_AT_MOST

    def _some(self, state: str) -> list[JobRow]:
        query = select(JobRow).where(JobRow.job == self.job.id, JobRow.state == state)
        with self.services.store.read() as session:
            return list(session.scalars(query.order_by(JobRow.number).limit(ROWS)))

    def _begin(self, row: JobRow) -> bool:
        """Commit the intent. False if the job was stopped or is somebody else's now."""
        mine = update(Job).where(Job.id == self.job.id, Job.lease == self.job.lease, Job.state == RUNNING)
        waiting = update(JobRow).where(JobRow.job == row.job, JobRow.number == row.number, JobRow.state == WAITING)
        with self.services.store.write() as session:
            if count(session.execute(mine.values(lease_until=time.time() + LEASE))) != 1:
                return False
            row.state, row.attempt = WORKING, row.attempt + 1
            return count(session.execute(waiting.values(state=WORKING, attempt=row.attempt))) == 1

    def _worked(self, row: JobRow) -> RowOutcome:
        try:
            return self.handler.work(self.services, self.job, row)
        except TooMany as error:
            self.pause = error.retry_after
            return RowOutcome(WAITING, "limit")
        except Upstream as error:
            return self._upstream(row, error)
        except PortalError as error:
            return RowOutcome(FAILED, type(error).__name__.lower())
        except Exception as error:
            log.exception("row failed", exc_info=error, job=row.job, row=row.number)
            return RowOutcome(UNKNOWN, "error")

    def _upstream(self, row: JobRow, error: Upstream) -> RowOutcome:
        if error.unknown:
            return RowOutcome(UNKNOWN, "interrupted")
        if not error.retryable or row.attempt >= ATTEMPTS:
            return RowOutcome(FAILED, "upstream")
        self.pause = 2.0**row.attempt
        return RowOutcome(WAITING, "upstream")

    def _finish(self, row: JobRow, outcome: RowOutcome) -> None:
        """Commit what became of the row, unless somebody else did since."""
        mine = (JobRow.job == row.job, JobRow.number == row.number)
        same = (JobRow.state == WORKING, JobRow.attempt == row.attempt)
        with self.services.store.write() as session:
            state, reason = outcome.state, outcome.reason
            if state == MAILING:
                state, reason = _of_mail(session, outcome)
            elif state == WAITING:
                state = _if_running(session, row)
            values = {"state": state, "reason": reason, "about": outcome.about, "mail": outcome.mail}
            session.execute(update(JobRow).where(*mine, *same).values(values))

    def _complete(self) -> None:
        """Nothing waits: the job is done when its mails are."""
        left = select(func.count()).where(JobRow.job == self.job.id, JobRow.state.in_(OPEN))
        mine = update(Job).where(Job.id == self.job.id, Job.state == RUNNING)
        with self.services.store.write() as session:
            if session.scalar(left):
                self.pause = MAILS_AGAIN
                return
            session.execute(mine.values(state=DONE, finished=now()))
        log.info("job done", job=self.job.id, rows=self.job.total)


def _if_running(session: Session, row: JobRow) -> str:
    # Locked, so that whoever stops the job meanwhile sees the row, or this sees the end.
    job = session.scalars(select(Job).where(Job.id == row.job).with_for_update()).one()
    return WAITING if job.state == RUNNING else STOPPED


def _of_mail(session: Session, outcome: RowOutcome) -> tuple[str, str]:
    # Locked for the same reason.
    mail = session.scalars(select(Mail).where(Mail.id == outcome.mail).with_for_update()).first()
    if mail is None:
        return UNKNOWN, "interrupted"
    return (mail.state, mail.reason) if mail.finished else (MAILING, "")
