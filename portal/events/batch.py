"""One look at Keycloak's log: what is new since the last one, and the people it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from portal.access_grant import event_reader
from portal.clients.admin_events import PAGE, LoggedChange, LoggedEvent, admin_events_since, events_since
from portal.events import cursors
from portal.events.belonging import Found, People, look_up
from portal.events.kinds import LOGGED
from portal.events.projecting import of_change, of_event
from portal.services import Services
from portal.store import now

E = TypeVar("E", LoggedEvent, LoggedChange)

OVERLAP = timedelta(seconds=30)
# New records of one kind in one look.
AT_ONCE = 100


@dataclass(frozen=True)
class Batch:
    """What one look brought. `complete` is False where more waits, `abreast` where more changes do."""

    events: list[LoggedEvent]
    changes: list[LoggedChange]
    looked_up: dict[str, Found]
    at: datetime
    abreast: bool
    complete: bool

    def until(self, source: str) -> datetime | None:
        """The time of the newest record of a source."""
        found = self.events if source == cursors.EVENTS else self.changes
        return found[-1].at if found else None


def read(services: Services, realm: str, state: cursors.State, people: People, *, always: bool) -> Batch:
    """One look at both logs. Changes are read after the events, and again after looking people up: then whoever had
    joined or left by that moment is known to have done so."""
    events, all_events = _events(services, realm, state.upto(cursors.EVENTS))
    changes, abreast = _changes(services, realm, state.upto(cursors.CHANGES))
    if not abreast:
        # Whose a deed is can only be said once it is known who had joined and left by then.
        events, all_events = [], False
    names = {each.person for each in events} | {id_ for each in changes for id_ in _people_of(each)}
    with services.store.read() as session:
        people.load(session, names)
    moment = now()
    hints = {draft.person for draft in map(of_event, events) if draft and draft.hint}
    fresh = {*people.stale(names, moment, always=always), *(hints - {""})}
    looked_up = {person: look_up(services, realm, person) for person in sorted(fresh)}
    if looked_up and abreast:
        changes = _renewed(services, realm, state.upto(cursors.CHANGES), changes, names)
    return Batch(events, changes, looked_up, moment, abreast, all_events and abreast)


def _renewed(
    services: Services, realm: str, upto: datetime, changes: list[LoggedChange], names: set[str]
) -> list[LoggedChange]:
    """The changes with those that came while people were looked up, of the same people only: others come next time."""
    found, complete = _changes(services, realm, upto)
    known = {each.id for each in changes}
    return [each for each in found if each.id in known or _people_of(each) <= names] if complete else changes


def _events(services: Services, realm: str, upto: datetime) -> tuple[list[LoggedEvent], bool]:
    asked = event_reader(realm)
    return _pages(lambda since, first: events_since(services.admin, asked, since, first, LOGGED), upto)


def _changes(services: Services, realm: str, upto: datetime) -> tuple[list[LoggedChange], bool]:
    asked = event_reader(realm)
    return _pages(lambda since, first: admin_events_since(services.admin, asked, since, first), upto)


def _pages(page: Callable[[datetime, int], list[E]], upto: datetime) -> tuple[list[E], bool]:
    """Everything of the overlap and up to `AT_ONCE` beyond it, oldest first; and whether that was all."""
    found: list[E] = []
    while True:
        part = page(upto - OVERLAP, len(found))
        found += part
        if len(part) < PAGE:
            return found, True
        if sum(1 for each in found if each.at > upto) >= AT_ONCE:
            return found, False


def _people_of(change: LoggedChange) -> set[str]:
    draft = of_change(change)
    return {draft.person, draft.actor} if draft.shown else set()
