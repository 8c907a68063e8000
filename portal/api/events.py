"""Events of an organization as JSON, page by page or as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from flask import Response, stream_with_context
from flask_babel import gettext as _

from portal.actor import Actor
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.paging import Page, limit_of, mark_of, opened, written, wrong_cursor
from portal.errors import Invalid
from portal.events import actions, files
from portal.events.actions import Line, Reach
from portal.events.filters import FAILED, NAMES, Filters, parse
from portal.events.kinds import GROUPS
from portal.standing import address

FORMATS = {"csv": (files.as_csv, "text/csv; charset=utf-8"), "jsonl": (files.as_json, "application/jsonl")}


@dataclass(frozen=True)
class Gap:
    """A span for which nothing was recorded; open while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ReachDocument:
    """How far the record of events reaches."""

    since: datetime | None
    read: datetime | None
    behind: bool
    recording: bool
    gaps: list[Gap]


def listed(actor: Actor, body: Body) -> Page[Line]:
    """A page of what happened, newest first. A page begins where the one before ended, whatever happens meanwhile."""
    limit, mark = limit_of(body), mark_of(f"events {actor.here.id}", body)
    skip, until = opened(body.get("cursor", ""), mark)
    wanted = _filters(body)
    if until:
        wanted = replace(wanted, until=_edge(until))
    found = actions.page(actor, wanted, skip, limit + 1)
    return Page(found[:limit], _next(mark, wanted, found[:limit], skip) if len(found) > limit else None)


def _edge(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise wrong_cursor() from error


def _next(mark: str, wanted: Filters, shown: Sequence[Line], skip: int) -> str:
    """From the moment of the last line on, without those of that very moment which were shown."""
    edge = shown[-1].time.replace(tzinfo=None)
    after, same = edge + timedelta(microseconds=1), sum(1 for line in shown if line.time == shown[-1].time)
    return written(mark, same + (skip if wanted.until == after else 0), after.isoformat())


def _filters(body: Body) -> Filters:
    kind = body.get("kind", "")
    if kind and kind not in {*GROUPS, FAILED}:
        raise Invalid({"kind": _("Choose one of: %(values)s.", values=", ".join([*GROUPS, FAILED]))})
    found = parse({name: str(body.get(name, ""))[:255] for name in NAMES})
    if found.wrong:
        field = "from" if body.get("from") == found.wrong else "to"
        raise Invalid({field: _("Enter a day like 2030-01-31.")})
    return found


def reach(actor: Actor, _body: Body) -> ReachDocument:
    """Since when there is a record, and how far behind it is."""
    found: Reach = actions.reach(actor)
    gaps = [Gap(since, until) for since, until in found.gaps]
    return ReachDocument(found.since, found.read, found.behind, found.recording, gaps)


def export(actor: Actor, body: Body) -> Response:
    """All of them as a file, written while it is read."""
    form = str(body.get("format", "jsonl"))
    if form not in FORMATS:
        raise Invalid({"format": _("Choose one of: %(values)s.", values=", ".join(FORMATS))})
    write, kind = FORMATS[form]
    lines = write(actions.export(actor, _filters(body), form))
    answer = Response(stream_with_context(_begun(lines)), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="events-{address(actor.here)}.{form}"'
    return answer


def _begun(lines: Iterator[str]) -> Iterator[str]:
    """The first piece is made now: what cannot be recorded is refused before the answer begins."""
    return chain([next(lines, "")], lines)


EVENTS = f"{HERE}/events"
FILTER = {
    "kind": f"One of {', '.join([*GROUPS, FAILED])}", "q": "Part of a name", "from": "First day, as 2030-01-31",
    "to": "Last day", "zone": "Time zone of the days, as Europe/Berlin; UTC if left out",
}  # fmt: skip

OPERATIONS = (
    Operation(
        "GET", EVENTS, "events.view", "listEvents", "What happened, newest first", listed, Line, paged=True,
        query=FILTER,
    ),
    Operation(
        "GET", f"{EVENTS}/reach", "events.view", "getEventReach", "How far the record reaches", reach, ReachDocument
    ),
    Operation(
        "GET", f"{EVENTS}/export", "events.export", "exportEvents", "All events as a file", export, str,
        query={**FILTER, "format": "csv or jsonl"}, media="application/jsonl",
    ),
)  # fmt: skip
