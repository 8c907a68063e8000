"""Events of an organization as people may see them: page by page, or all of them as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.events import reading, record_words, words
from portal.events.filters import Filters
from portal.events.kinds import group_of
from portal.moments import aware
from portal.store import now
from portal.store.models import AuditRow
from portal.store.models_organizations import EventRow

# Later than this, the list is told to be behind; the poller looks every few seconds.
BEHIND = timedelta(minutes=1)
RESULTS = {"done": "done", "failed": "failed", "undone": "undone", "begun": "unknown", "unknown": "unknown"}
# What a field tells is shown to those who may see the thing itself.
GUARDED = {
    **dict.fromkeys(("role", "roles", "granted", "revoked", "refused", "lost"), "roles.view"),
    "email": "invitations.view",
    "values": "organization.view",
}


@dataclass(frozen=True)
class Line:
    """One thing that happened. `time` is aware UTC, `result` is done, failed, unknown or undone."""

    time: datetime
    kind: str
    event: str
    title: str
    who: str
    result: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reach:
    """How far the record reaches: complete since, read at, spans for which nothing was recorded. Aware UTC.

    `recording` is False while Keycloak records nothing; without `since` it was never read.
    """

    since: datetime | None = None
    read: datetime | None = None
    behind: bool = False
    recording: bool = True
    gaps: tuple[tuple[datetime, datetime | None], ...] = ()


def page(actor: Actor, filters: Filters, first: int, maximum: int) -> list[Line]:
    """A part of what happened in the organization of the request, newest first."""
    with actor.services.store.read() as session:
        found = reading.rows(session, actor, filters, first, maximum)
        names = reading.names(session, actor, found)
    return [_line(actor, row, names) for row in found]


def reach(actor: Actor) -> Reach:
    """Since when there is a record, and how far behind it is."""
    with actor.services.store.read() as session:
        cursors = reading.cursors(session, actor)
    if not cursors:
        return Reach()
    read = min(cursor.polled for cursor in cursors)
    gaps = sorted({(gap[0], gap[1]) for cursor in cursors for gap in cursor.gaps if gap[0]}, key=str)
    return Reach(
        aware(max(cursor.since for cursor in cursors)), aware(read), now() - read > BEHIND,
        all(until for _since, until in gaps),
        tuple((_moment(since), _moment(until) if until else None) for since, until in gaps),
    )  # fmt: skip


def export(actor: Actor, filters: Filters, form: str) -> Iterator[Line]:
    """Everything the filters leave, newest first, under a record of its own that is not part of it."""
    start = now()
    before = {"format": form, "kind": filters.kind}
    with audited(actor, "events.export", target=actor.here.id, before=before) as record:
        count = 0
        for line in _every(actor, replace(filters, until=min(filters.until or start, start))):
            count += 1
            yield line
        record.after["rows"] = count


def _every(actor: Actor, filters: Filters) -> Iterator[Line]:
    """All lines, in parts that begin where the last one ended: no transaction stays open while somebody downloads."""
    skip, found = 0, []
    while True:
        with actor.services.store.read() as session:
            found = reading.rows(session, actor, filters, skip, reading.BATCH)
            names = reading.names(session, actor, found)
        yield from (_line(actor, row, names) for row in found)
        if len(found) < reading.BATCH:
            return
        edge = found[-1].at
        same = sum(1 for row in found if row.at == edge)
        skip = skip + same if filters.until == edge + timedelta(microseconds=1) else same
        filters = replace(filters, until=edge + timedelta(microseconds=1))


def _line(actor: Actor, row: reading.Row, names: reading.Names) -> Line:
    return _of_event(actor, row) if isinstance(row, EventRow) else _of_record(actor, row, names)


def _of_event(actor: Actor, row: EventRow) -> Line:
    shown = _allowed(actor, row.details)
    title = words.of_event(row.kind, row.person_name, shown)
    reason = words.why(str(row.details.get("error", "")))
    facts = {**_facts({}, {key: value for key, value in shown.items() if key not in {"role", "email", "domain"}})}
    if reason:
        facts[_("Reason")] = reason
    who = {"": row.person_name or words.somebody(), "operator": words.operator(), "service": words.service()}
    return Line(
        aware(row.at), group_of(row.kind), row.kind, title, who.get(row.actor, row.actor_name or words.somebody()),
        "failed" if row.failed else "done", facts,
    )  # fmt: skip


def _of_record(actor: Actor, row: AuditRow, names: reading.Names) -> Line:
    before, after = _allowed(actor, row.before), _allowed(actor, row.after)
    title = record_words.of_record(row.tag, _about(actor, row, names), after)
    return Line(
        aware(row.at), group_of(row.tag), row.tag, title, _who(actor, row, names), RESULTS.get(row.state, "unknown"),
        _facts(before, after),
    )  # fmt: skip


def _about(actor: Actor, row: AuditRow, names: reading.Names) -> str:
    """What a record's target may be called on a page of this person; an id that has no name is not shown."""
    group = row.tag.partition(".")[0]
    if group == "invitations":
        return row.target if actor.may("invitations.view") else ""
    if row.tag == "roles.manage":
        return row.target if actor.may("roles.view") else ""
    known = str({**row.before, **row.after}.get("name", "")) if group in {"members", "roles"} else ""
    return row.target if group == "domains" else names.of(row.target) or known


def _who(actor: Actor, row: AuditRow, names: reading.Names) -> str:
    if row.principal.get("kind") == "key":
        return words.program()
    if row.sub and row.sub == actor.sub:
        return actor.label
    if row.principal.get("kind") in {"system", "console"}:
        return words.operator() if row.principal["kind"] == "console" else words.portal()
    if row.principal.get("kind") == "link" and row.sub:
        return words.holder(row.sub)
    if row.tag in {"invitations.answer", "invitations.password"}:
        return names.of(row.sub) or _about(actor, row, names) or words.somebody()
    return names.of(row.sub) or (words.somebody() if row.sub in names.members else words.operator())


def _allowed(actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in GUARDED or actor.may(GUARDED[key])}


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Named fields with their value, or what it was and what it became."""
    labels, found = words.labels(), {}
    fields = {key: (before.get(key), after.get(key)) for key in labels}
    was_values, values = before.get("values") or {}, after.get("values") or {}
    # What people call the fields of an organization is their own.
    fields |= {key: (was_values.get(key), values.get(key)) for key in sorted({*was_values, *values})}
    for key, (earlier, later) in fields.items():
        was, became = _text(earlier), _text(later)
        label = labels.get(key, key)
        if was and became and was != became:
            found[label] = _("%(was)s, then %(became)s", was=was, became=became)
        elif was or became:
            found[label] = became or was
    return found


def _text(value: Any) -> str:
    if value in (None, "", [], {}, ()):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return record_words.values().get(str(value), str(value))


def _moment(text: str) -> datetime:
    return aware(text)
