"""Inviting many as JSON: a list becomes a job, and each of its rows ends in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actor import Actor
from portal.api.filling import FLAG, TEXT, TEXTS, data, objects, of_form, valid
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.paging import Page, page
from portal.errors import Invalid
from portal.invitations import many
from portal.invitations.actions import roles
from portal.invitations.forms import LetterForm
from portal.invitations.placing import applications
from portal.invitations.sheet import Line
from portal.jobs import actions as jobs
from portal.jobs.actions import MOST_ROWS, Progress
from portal.store.models_organizations import Job, JobRow
from portal.web.language import locale_tag, offered

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True)
class JobDocument:
    """A job. `counts` are its rows by state; `over` says that every row has its outcome."""

    id: str
    state: str
    reason: str
    total: int
    counts: Mapping[str, int]
    over: bool
    issuer: str
    created: datetime
    finished: datetime | None


@dataclass(frozen=True)
class RowDocument:
    """One row of a job, numbered from 1. `about` is the ID of the invitation it made."""

    number: int
    email: str
    state: str
    reason: str
    about: str


def start(actor: Actor, body: Body) -> JobDocument:
    """Let a worker invite everybody on the list; with a mistake in it nobody, unless `partial` says otherwise."""
    people: Sequence[Mapping[str, Any]] = body["people"]
    if not 0 < len(people) <= MOST_ROWS:
        raise Invalid({"people": f"error-rows-too-many||{MOST_ROWS}" if people else "error-rows-none"})
    form = LetterForm(formdata=data({"locale": locale_tag(), "days": 7, "client": "", **_letter(body)}))
    form.offer(offered(), applications(actor.services, actor.realm.name))
    lines = many.check(
        actor, [_line(number, each) for number, each in enumerate(people)], body.get("roles", ()), roles(actor)
    )
    wrong = {f"people.{line.number}": line.problem for line in lines if line.problem}
    if wrong and (not body.get("partial") or len(wrong) == len(lines)):
        raise Invalid(wrong)
    job = many.start(actor, lines, valid(form).letter())
    return read(actor, {}, job)


def _letter(body: Body) -> Body:
    return {name: value for name, value in body.items() if name in LETTER}


def _line(number: int, each: Mapping[str, Any]) -> Line:
    texts = (str(each.get(name, "")).strip() for name in ("email", "first_name", "last_name"))
    email, first, last = texts
    return Line(number, email.lower(), first, last, tuple(sorted(set(each.get("roles", ())))))


def listed(actor: Actor, _body: Body) -> list[JobDocument]:
    """The latest jobs."""
    found = jobs.recent(actor.services, actor.realm.name, actor.here.id, many.KIND)
    return [_document(_progress(actor, job.id)) for job in found]


def _progress(actor: Actor, job: str) -> Progress:
    return jobs.progress(actor.services, actor.realm.name, actor.here.id, job)


def _document(found: Progress) -> JobDocument:
    job: Job = found.job
    return JobDocument(
        job.id, job.state, job.reason or "", job.total, found.counts, found.over, job.issuer_name, job.created,
        job.finished,
    )  # fmt: skip


def read(actor: Actor, _body: Body, job: str) -> JobDocument:
    """How far it is."""
    return _document(_progress(actor, job))


def outcomes(actor: Actor, body: Body, job: str) -> Page[RowDocument]:
    """A page of its rows."""
    found, state = _progress(actor, job), str(body.get("state", ""))

    def fetch(first: int, maximum: int) -> Sequence[JobRow]:
        return jobs.rows(actor.services, found.job, (state,) if state else (), first, maximum)

    rows = page(body, f"rows {job}", fetch, lambda row: str(row.number))
    return Page([_row(each) for each in rows.items], rows.next)


def _row(each: JobRow) -> RowDocument:
    return RowDocument(each.number, str(each.data.get("email", "")), each.state, each.reason or "", each.about or "")


def stop(actor: Actor, _body: Body, job: str) -> JobDocument:
    """Leave the rest unsent."""
    jobs.stop(actor, actor.here.id, job)
    return read(actor, {}, job)


JOBS = f"{HERE}/invitation-jobs"
PERSON = objects(("email",), email=TEXT, first_name=TEXT, last_name=TEXT, roles=TEXTS)
LETTER = of_form(LetterForm)["properties"]
LIST = objects(("people",), people={"type": "array", "items": PERSON}, roles=TEXTS, partial=FLAG, **LETTER)

OPERATIONS = (
    Operation(
        "POST", JOBS, "invitations.create", "createInvitationJob", "Invite many", start, JobDocument, body=LIST,
        code=202, takes=LARGEST,
    ),
    Operation("GET", JOBS, "invitations.view", "listInvitationJobs", "The latest jobs", listed, JobDocument, many=True),
    Operation("GET", f"{JOBS}/<job>", "invitations.view", "getInvitationJob", "How far a job is", read, JobDocument),
    Operation(
        "GET", f"{JOBS}/<job>/rows", "invitations.view", "listInvitationJobRows", "What became of each row", outcomes,
        RowDocument, paged=True, query={"state": "Rows in this state alone"},
    ),
    Operation(
        "POST", f"{JOBS}/<job>/stop", "invitations.create", "stopInvitationJob", "Leave the rest unsent", stop,
        JobDocument,
    ),
)  # fmt: skip
