"""Jobs as people see them: begun, watched, stopped."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from portal.actor import Actor
from portal.errors import Invalid, NotFound
from portal.jobs.handlers import MAILING, OPEN, STOPPED, WAITING
from portal.mail.outbox import stop_queued
from portal.services import Services
from portal.store import now
from portal.store.leases import count
from portal.store.models_organizations import Job, JobRow, Mail

READY, RUNNING, DONE = "ready", "running", "done"
MOST_ROWS = 20_000
_AT_ONCE = 500


@dataclass(frozen=True)
class Progress:
    """A job and how many of its rows are in each state."""

    job: Job
    counts: dict[str, int]

    @property
    def open(self) -> int:
        """Rows without an outcome yet."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def over(self) -> bool:
        """Whether every row has its outcome."""
        return not self.open


def create(
    actor: Actor, kind: str, organization: str, rows: Iterable[dict[str, Any]], options: dict[str, Any] | None = None
) -> str:
    """Store a job for the workers; returns its id. Nothing is stored unless all of it is.

    Each row is a JSON object as the handler of `kind` wants it. Raises `Invalid` without rows or with too many.
    """
    job = Job(
        id=secrets.token_hex(16), realm=actor.realm.name, organization=organization, kind=kind, issuer=actor.sub,
        issuer_name=actor.label, issuer_sid=actor.sid, created=now(), state=READY, options=options or {},
    )  # fmt: skip
    with actor.services.store.write() as session:
        session.add(job)
        left = iter(rows)
        while some := list(islice(left, _AT_ONCE)):
            _add(session, job, some)
        if not job.total:
            raise Invalid(form=["error-rows-none"])
    return job.id


def _add(session: Session, job: Job, some: Sequence[dict[str, Any]]) -> None:
    if (job.total or 0) + len(some) > MOST_ROWS:
        raise Invalid(form=[f"error-rows-too-many||{MOST_ROWS}"])
    first = (job.total or 0) + 1
    values = [
        {"job": job.id, "number": number, "state": WAITING, "data": data} for number, data in enumerate(some, first)
    ]
    session.execute(insert(JobRow), values)
    job.total = first - 1 + len(some)


def progress(services: Services, realm: str, organization: str, job_id: str) -> Progress:
    """How far a job of this organization is. Raises `NotFound`, also for another organization's."""
    query = select(JobRow.state, func.count()).where(JobRow.job == job_id).group_by(JobRow.state)
    with services.store.read() as session:
        job = _job(session, realm, organization, job_id)
        return Progress(job, dict(iter(session.execute(query))))


def rows(services: Services, job: Job, states: Sequence[str] = (), first: int = 0, maximum: int = 100) -> list[JobRow]:
    """Rows of a job in their order, of these states only if some are named."""
    query = select(JobRow).where(JobRow.job == job.id)
    if states:
        query = query.where(JobRow.state.in_(states))
    with services.store.read() as session:
        return list(session.scalars(query.order_by(JobRow.number).offset(first).limit(maximum)))


def recent(services: Services, realm: str, organization: str, kind: str, maximum: int = 10) -> list[Job]:
    """The newest jobs of a kind in an organization."""
    query = select(Job).where(Job.realm == realm, Job.organization == organization, Job.kind == kind)
    with services.store.read() as session:
        return list(session.scalars(query.order_by(Job.created.desc()).limit(maximum)))


def stop(actor: Actor, organization: str, job_id: str) -> int:
    """Stop a job: what has not begun ends stopped, what is being done ends by itself; returns how many rows stopped.

    Does nothing to a job that is over. Raises `NotFound`.
    """
    with actor.services.store.write() as session:
        job = _job(session, actor.realm.name, organization, job_id)
        return end_rest(session, job.id, "person")


def end_rest(session: Session, job_id: str, reason: str) -> int:
    """Within a transaction: end a job before its time, with the rows and the mails that have not left."""
    alive = update(Job).where(Job.id == job_id, Job.state.in_((READY, RUNNING)))
    if count(session.execute(alive.values(state=STOPPED, reason=reason, finished=now()))) != 1:
        return 0
    waiting = update(JobRow).where(JobRow.job == job_id, JobRow.state == WAITING)
    ended = count(session.execute(waiting.values(state=STOPPED, reason=reason)))
    mails = select(JobRow.mail).where(JobRow.job == job_id, JobRow.state == MAILING)
    return ended + stop_queued(session, select(Mail.id).where(Mail.id.in_(mails)))


def _job(session: Session, realm: str, organization: str, job_id: str) -> Job:
    job = session.get(Job, job_id)
    if job is None or (job.realm, job.organization) != (realm, organization):
        raise NotFound("no such job")
    return job
