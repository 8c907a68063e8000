"""How far the log of a realm was read, and where something is missing from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clients.admin_types import RealmFacts
from portal.doctor.data import EVENT_DAYS
from portal.store.models_organizations import EventCursor

EVENTS, CHANGES = "events", "admin-events"
SOURCES = (EVENTS, CHANGES)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
MOST_GAPS = 20
KEPT = timedelta(days=EVENT_DAYS)


@dataclass(frozen=True)
class State:
    """The cursors of a realm as a look begins. `begun` is when its log was first read."""

    begun: datetime
    oldest: datetime
    cursors: dict[str, EventCursor]

    def upto(self, source: str) -> datetime:
        """The time of the newest record read; what is older than the projection keeps is not read at all."""
        return max(self.cursors[source].upto, self.oldest)

    def advance(self, session: Session, newest: dict[str, datetime | None], complete: bool, at: datetime) -> None:
        """Note how far this look came."""
        for source, cursor in self.cursors.items():
            found = newest[source]
            if found is not None:
                cursor.upto = max(cursor.upto, found)
            cursor.polled = at if complete else min(cursor.upto, at)
            session.add(cursor)


def load(session: Session, realm: str, facts: RealmFacts, at: datetime) -> State:
    """The cursors of a realm with gaps as the realm's settings make them; new ones begin at the oldest record."""
    rows = session.scalars(select(EventCursor).where(EventCursor.realm == realm))
    cursors = {row.source: row for row in rows}
    for source in SOURCES:
        if source not in cursors:
            cursors[source] = EventCursor(realm=realm, source=source, since=at, upto=EPOCH, polled=at, gaps=[])
        _note_gaps(cursors[source], facts, at)
    return State(min(cursor.since for cursor in cursors.values()), at - KEPT, cursors)


def _note_gaps(cursor: EventCursor, facts: RealmFacts, at: datetime) -> None:
    recorded = facts.events_enabled if cursor.source == EVENTS else facts.admin_events_enabled
    gaps = [list(gap) for gap in cursor.gaps]
    running = bool(gaps) and gaps[-1][1] is None
    kept = _kept(cursor.source, facts)
    if running and recorded:
        gaps[-1][1] = _text(at)
    elif not running and not recorded:
        gaps.append([_text(cursor.polled), None])
    elif kept and cursor.polled < at - kept:
        # Nobody read for longer than Keycloak keeps its log.
        gaps.append([_text(cursor.polled), _text(at - kept)])
    if gaps != cursor.gaps:
        cursor.gaps = gaps[-MOST_GAPS:]


def _kept(source: str, facts: RealmFacts) -> timedelta | None:
    if source == EVENTS:
        return timedelta(seconds=facts.events_expiration) if facts.events_expiration else None
    text = facts.attributes.get("adminEventsExpiration", "")
    return timedelta(seconds=int(text)) if text.isdigit() and int(text) else None


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
