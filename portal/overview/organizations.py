"""Organizations of the realm with how far each is set up: one page costs a bounded number of calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portal.actor import Actor
from portal.moments import aware
from portal.organizations.actions import Listed, listed
from portal.store import setup_state
from portal.store.connections import ACTIVE
from portal.store.domains import FAILING, HELD, LAPSED
from portal.store.setup_state import SetupState

NOTHING, BEGUN, READY, ATTENTION, INVITED = "nothing", "begun", "ready", "attention", "invited"
STATES = (ATTENTION, INVITED, BEGUN, READY, NOTHING)
# A filter by state reads so many organizations at most: ten calls.
AT_ONCE, MOST = 100, 1000


@dataclass(frozen=True)
class Row:
    """One organization. `last_event` and `link_until` are aware UTC."""

    organization: Listed
    state: str
    verified: int
    waiting: int
    failing: int
    connections: tuple[str, ...]
    last_event: datetime | None
    link_until: datetime | None
    link_opened: bool


@dataclass(frozen=True)
class Page:
    """Rows, one more than shown. `cut`: there are organizations that a filter by state did not reach."""

    rows: list[Row]
    cut: bool = False


def page(actor: Actor, search: str, state: str, first: int, maximum: int) -> Page:
    """A part of the realm's organizations whose name or path holds `search`, in this state if one is given.

    Raises `NotFound` where there is no back end, `Upstream`.
    """
    if state not in STATES:
        return Page(_rows(actor, listed(actor, search, first, maximum)))
    found: list[Row] = []
    for begin in range(0, MOST, AT_ONCE):
        some = listed(actor, search, begin, AT_ONCE, routes=0)
        found += [row for row in _rows(actor, some) if row.state == state]
        if len(some) < AT_ONCE or len(found) >= first + maximum:
            return Page(found[first : first + maximum])
    return Page(found[first : first + maximum], cut=True)


def _rows(actor: Actor, organizations: list[Listed]) -> list[Row]:
    known = setup_state.of(actor.services.store, actor.realm.name, [each.id for each in organizations])
    return [_row(each, known[each.id]) for each in organizations]


def _row(organization: Listed, known: SetupState) -> Row:
    states = list(known.domains.values())
    failing = sum(state in {FAILING, LAPSED} for state in states)
    verified = sum(state in HELD for state in states) - states.count(FAILING)
    row = Row(
        organization, NOTHING, verified, len(states) - verified - failing, failing, tuple(sorted(known.connections)),
        aware(known.last_event),
        aware(known.link.expires if known.link else None), bool(known.link and known.link.opened),
    )  # fmt: skip
    return replace(row, state=_state(row, attention=known.attention))


def _state(row: Row, *, attention: bool) -> str:
    """What an operator has to know first."""
    if attention or row.failing:
        return ATTENTION
    if row.verified and ACTIVE in row.connections:
        return READY
    if row.link_until:
        return INVITED
    return BEGUN if row.verified or row.waiting or row.connections else NOTHING
