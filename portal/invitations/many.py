"""Inviting many: a list is checked, becomes a job, and each of its rows ends in exactly one way."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal import spreadsheet
from portal.access import grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization, Role
from portal.errors import TooMany
from portal.invitations import rows, sheet
from portal.invitations.actions import HOUR, MAILS_TO_ONE, given
from portal.invitations.issuer import issuer, within
from portal.invitations.placing import Already, Wanted, place, service_ways
from portal.jobs import actions as jobs
from portal.jobs.handlers import FAILED, MAILING, SENT, SKIPPED, WAITING, RowOutcome, register
from portal.mail import outbox
from portal.services import Services
from portal.sso.policy import check_managed
from portal.store.counters import hit
from portal.store.models_organizations import Job, JobRow

KIND = "invitations"
JOBS_AT_MOST = 20
# People on the lists of one organization in a day: two of the longest.
PEOPLE_AT_MOST, DAY = 40_000, 24 * HOUR
YOUNG = 5.0


def check(actor: Actor, lines: Sequence[sheet.Line], usual: Sequence[str], known: Sequence[Role]) -> list[sheet.Line]:
    """The lines with what is wrong with each, as far as can be told before sending."""
    emails = [line.email for line in lines]
    found = rows.waiting(actor.services.store, actor.realm.name, actor.here.id, emails)
    waiting = {email: row for email, row in found.items() if rows.state_of(row) == rows.PENDING}
    names = {role.name for role in known}
    return sheet.checked(lines, usual=usual, known=names, given=given(actor, known), waiting=waiting)


def start(actor: Actor, lines: Sequence[sheet.Line], letter: dict[str, Any]) -> str:
    """Let a worker invite those without a problem; returns the id of the job. Raises `Invalid`, `TooMany`."""
    check_managed(actor)
    store, whose = actor.services.store, f"{actor.realm.name} {actor.here.id}"
    good = [line.data() for line in lines if not line.problem]
    hit(store, f"invitation jobs of {whose}", JOBS_AT_MOST, HOUR)
    hit(store, f"people on lists of {whose}", PEOPLE_AT_MOST, DAY, max(1, len(good)))
    options = {"letter": letter, "label": actor.here.label, "look": actor.here.look}
    with audited(actor, "invitations.create", target="list", after={"count": len(good), **letter}) as record:
        job = jobs.create(actor, KIND, actor.here.id, good, options)
        record.after["job"] = job
    return job


def outcomes(services: Services, job: Job) -> Iterator[str]:
    """What became of each row, as lines of CSV."""
    heading = "email", "first name", "last name", "roles", "outcome", "reason"
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.row(heading)
    first, some = 0, jobs.rows(services, job, maximum=500)
    while some:
        for row in some:
            names = str(row.data["email"]), str(row.data["first"]), str(row.data["last"])
            yield spreadsheet.row((*names, " ".join(row.data["roles"]), row.state, row.reason))
        first += len(some)
        some = jobs.rows(services, job, first=first, maximum=500)


@dataclass
class Bulk:
    """The work of a job. Who issued it is read anew before every slice and when older than five seconds."""

    known: dict[str, tuple[float, Actor]] = field(default_factory=dict)

    def still_allowed(self, services: Services, job: Job) -> bool:
        """Whether the issuer may invite now."""
        self.known.pop(job.id, None)
        return self._issuer(services, job).may("invitations.create")

    def _issuer(self, services: Services, job: Job) -> Actor:
        read, someone = self.known.get(job.id, (0.0, None))
        if someone is None or time.monotonic() - read > YOUNG:
            look = {key: (value,) for key, value in job.options.get("look", {}).items()}
            here = Organization(job.organization, str(job.options["label"]), attributes=look)
            someone = issuer(services, job.realm, here, job.issuer)
            self.known[job.id] = time.monotonic(), someone
        return someone

    def work(self, services: Services, job: Job, row: JobRow) -> RowOutcome:
        """Invite one person."""
        if row.attempt > 1 and (made := self._made(services, job, row)):
            return made
        someone = self._issuer(services, job)
        if set(row.data["roles"]) - within(someone, row.data["roles"]):
            return RowOutcome(FAILED, "ceiling")
        wanted = _wanted(job, row)
        if row.attempt == 1 and not _count(services, job, wanted.email):
            return RowOutcome(SKIPPED, "limit")
        after = {"roles": list(wanted.roles), "days": wanted.days, "job": job.id}
        try:
            with audited(someone, "invitations.create", target=wanted.email, after=after):
                return _placed(someone, wanted, row)
        except Already as error:
            return RowOutcome(SKIPPED, error.kind, error.invitation)

    def settle(self, services: Services, job: Job, row: JobRow) -> RowOutcome | None:
        """A row whose worker died: its mail is in the outbox, or nothing was stored and it begins again."""
        return self._made(services, job, row) or RowOutcome(WAITING)

    def _made(self, services: Services, job: Job, row: JobRow) -> RowOutcome | None:
        made = rows.by_id(services.store, job.realm, _row_id(row))
        if made is None:
            return None
        mail = outbox.latest(services, job.realm, [made.id]).get(made.id)
        return RowOutcome(MAILING, about=made.id, mail=mail.id) if mail else RowOutcome(SENT, about=made.id)


def _wanted(job: Job, row: JobRow) -> Wanted:
    data = row.data
    return Wanted(data["email"], data["first"], data["last"], tuple(data["roles"]), **job.options["letter"])


def _count(services: Services, job: Job, email: str) -> bool:
    """One more mail to this address; False if it had enough of them. The list as a whole is limited by its length."""
    try:
        hit(services.store, f"invitation to {job.realm} {email}", MAILS_TO_ONE, HOUR)
    except TooMany:
        return False
    return True


def _placed(someone: Actor, wanted: Wanted, row: JobRow) -> RowOutcome:
    ways = service_ways(someone, lambda: grant(someone, "invitations.create", someone.here.id))
    made, mail = place(someone, ways, wanted, _row_id(row), again=row.attempt > 1)
    # Without a mail it is a member's address, which is not told to somebody who may not see members.
    return RowOutcome(MAILING, about=made, mail=mail) if mail else RowOutcome(SENT, about=made)


def _row_id(row: JobRow) -> str:
    """The id of the invitation of a row, the same in every attempt."""
    return hashlib.sha256(f"{row.job} {row.number}".encode()).hexdigest()[:32]


register(KIND, Bulk())
