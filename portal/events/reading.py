"""Reading events of one organization: the projection and the portal's own records, as one list by time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, false, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.actor import Actor
from portal.events.filters import FAILED, Filters
from portal.events.kinds import GROUPS, TAGS
from portal.store.models import AuditRow
from portal.store.models_organizations import EventCursor, EventPerson, EventRow, Membership

BATCH = 500
Row = EventRow | AuditRow


@dataclass(frozen=True)
class Names:
    """Names of people who belong or belonged to the organization; nobody else has one here."""

    known: dict[str, str] = field(default_factory=dict)
    members: frozenset[str] = frozenset()

    def of(self, person: str) -> str:
        """The name, or an empty string."""
        return self.known.get(person, "")


def rows(session: Session, actor: Actor, filters: Filters, first: int, maximum: int) -> list[Row]:
    """A part of what happened in the organization of the request, newest first."""
    wanted = union_all(_events(actor, filters), _records(actor, filters)).subquery()
    ordered = select(wanted.c.source, wanted.c.id).order_by(wanted.c.at.desc(), wanted.c.source, wanted.c.id)
    keys = [(str(source), str(id_)) for source, id_ in session.execute(ordered.offset(first).limit(maximum))]
    return _loaded(session, actor, keys)


def names(session: Session, actor: Actor, found: list[Row]) -> Names:
    """The names that these rows need."""
    ids = {id_ for row in found if isinstance(row, AuditRow) for id_ in (row.sub, row.target)}
    members = frozenset(session.scalars(_members(actor).where(Membership.person.in_(ids))))
    people = select(EventPerson.id, EventPerson.name).where(
        EventPerson.realm == actor.realm.name, EventPerson.id.in_(members)
    )
    return Names({str(id_): str(name) for id_, name in session.execute(people) if name}, members)


def cursors(session: Session, actor: Actor) -> list[EventCursor]:
    """How far the log was read."""
    return list(session.scalars(select(EventCursor).where(EventCursor.realm == actor.realm.name)))


def _keys(source: str, table: type[Row], actor: Actor, filters: Filters) -> Any:
    """What both kinds of rows are put in order by. The type of a `Select` names its columns, which helps nobody."""
    columns = (literal(source, String).label("source"), table.id.label("id"), table.at.label("at"))
    mine = select(*columns).where(table.realm == actor.realm.name, table.organization == actor.here.id)
    return mine.where(*_between(table.at, filters))


def _events(actor: Actor, filters: Filters) -> Any:
    chosen: Any = _keys("event", EventRow, actor, filters).where(EventRow.record == "")
    if filters.kind:
        by_kind = EventRow.kind.in_(GROUPS.get(filters.kind, ()))
        chosen = chosen.where(EventRow.failed.is_(True) if filters.kind == FAILED else by_kind)
    if filters.q:
        named = [each.icontains(filters.q, autoescape=True) for each in (EventRow.person_name, EventRow.actor_name)]
        chosen = chosen.where(or_(*named, EventRow.person == filters.q, EventRow.actor == filters.q))
    return chosen


def _records(actor: Actor, filters: Filters) -> Any:
    chosen: Any = _keys("record", AuditRow, actor, filters)
    if filters.kind == FAILED:
        chosen = chosen.where(AuditRow.state.in_(("failed", "unknown")))
    elif filters.kind:
        tags = TAGS.get(filters.kind, ())
        chosen = chosen.where(or_(false(), *(AuditRow.tag.startswith(tag, autoescape=True) for tag in tags)))
    if filters.q:
        people = select(EventPerson.id).where(
            EventPerson.realm == actor.realm.name, EventPerson.id.in_(_members(actor)),
            or_(EventPerson.name.icontains(filters.q, autoescape=True), EventPerson.id == filters.q),
        )  # fmt: skip
        chosen = chosen.where(or_(AuditRow.sub.in_(people), AuditRow.target.in_(people)))
    return chosen


def _between(at: InstrumentedAttribute[datetime], filters: Filters) -> list[ColumnElement[bool]]:
    found = []
    if filters.since:
        found.append(at >= filters.since)
    if filters.until:
        found.append(at < filters.until)
    return found


def _members(actor: Actor) -> Select[Any]:
    """Whoever belongs or belonged to the organization: nobody else is found or named by this page."""
    return select(Membership.person).where(
        and_(Membership.realm == actor.realm.name, Membership.organization == actor.here.id)
    )


def _loaded(session: Session, actor: Actor, keys: list[tuple[str, str]]) -> list[Row]:
    events = select(EventRow).where(
        EventRow.organization == actor.here.id, EventRow.id.in_([id_ for source, id_ in keys if source == "event"])
    )
    records = select(AuditRow).where(AuditRow.id.in_([id_ for source, id_ in keys if source == "record"]))
    found: dict[tuple[str, str], Row] = {("event", row.id): row for row in session.scalars(events)}
    found |= {("record", row.id): row for row in session.scalars(records)}
    return [found[key] for key in keys if key in found]
