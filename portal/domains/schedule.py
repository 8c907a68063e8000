"""When a domain's record is looked up next, and what becomes of a domain whose record is not seen. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.clients.dns import Diagnosis, State
from portal.store.domains import FAILING, LAPSED, PENDING, PROVED, VERIFIED
from portal.store.models_organizations import Domain

OFTEN, HOURLY, DAILY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
# For how long a new domain is looked up often, a record may be gone, and name servers may be out of reach.
EAGER, GRACE, PATIENCE = timedelta(days=14), timedelta(days=7), timedelta(days=2)
# Nothing is known about the record then: the servers are at fault, or somebody on the way.
TROUBLE = frozenset({State.TIMEOUT, State.SERVER_FAILURE})
MOST_FOUND, LONGEST_VALUE = 20, 300


@dataclass(frozen=True)
class Outcome:
    """What a domain becomes, and since when its record has been gone."""

    state: str
    failing_since: datetime | None = None


def unseen(row: Domain, diagnosis: Diagnosis) -> Outcome:
    """What becomes of a domain whose record was looked for and not seen."""
    present = diagnosis.checked_at
    if row.state == VERIFIED:
        patient = diagnosis.state in TROUBLE and present - _missed(row, present) < PATIENCE
        return Outcome(VERIFIED) if patient else Outcome(FAILING, present)
    if row.state == FAILING:
        since = row.failing_since or present
        return Outcome(LAPSED if present - since >= GRACE else FAILING, since)
    return Outcome(LAPSED, row.failing_since) if row.state == LAPSED else Outcome(PENDING)


def _missed(row: Domain, present: datetime) -> datetime:
    found = row.finding.get("missed")
    return datetime.fromisoformat(found) if found else present


def next_look(state: str, row: Domain, diagnosis: Diagnosis) -> datetime:
    """When to look again."""
    present = diagnosis.checked_at
    if state == PROVED or (state == PENDING and present - row.added < EAGER):
        return present + OFTEN
    hourly = state == FAILING or (state == VERIFIED and not diagnosis.verified)
    return present + (HOURLY if hourly else DAILY)


def finding(row: Domain, diagnosis: Diagnosis) -> dict[str, Any]:
    """What is kept of a look: enough to explain it, whatever the servers sent."""
    missed = "" if diagnosis.verified else _missed(row, diagnosis.checked_at).isoformat()
    return {
        "state": diagnosis.state.value, "ttl": max(0, diagnosis.ttl), "servers": list(diagnosis.servers[:8]),
        "found": [[name, value[:LONGEST_VALUE]] for name, value in diagnosis.found[:MOST_FOUND]],
        "provider": diagnosis.provider, "zone": diagnosis.zone, "missed": missed,
    }  # fmt: skip
