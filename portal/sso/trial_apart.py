"""Several tests of one connection at the same time are told apart by the sign-in that Keycloak's log names (`code_id`).

Who comes back says which sign-in was his. Until then, while another test of the connection is under way as well,
nothing of the log is taken for his: better no hint than somebody else's, and no account deleted that another made.
"""

from __future__ import annotations

from collections.abc import Iterable

from portal.clients.trials_service import TrialEvent
from portal.services import Services
from portal.sso import trial_rows
from portal.store import trials
from portal.store.models_sso import Trial


def codes(services: Services, row: Trial) -> set[str]:
    """The sign-ins that are known to be of this test."""
    kept = trial_rows.secrets_of(services, row)
    return {*kept.get("codes", ()), str(kept.get("sid", ""))} - {""}


def claim(services: Services, row: Trial, event: TrialEvent) -> None:
    """A sign-in turned out to be of this test."""
    trial_rows.keep(services, row, codes=sorted({*codes(services, row), event.code} - {""}))


def alone(services: Services, row: Trial) -> bool:
    """Whether no other test of the connection is under way, so that what is nobody's must be of this one."""
    return not any(_under_way(services, each) for each in trials.beside(services.store, row, trial_rows.LATE))


def own(services: Services, row: Trial, events: Iterable[TrialEvent]) -> list[TrialEvent]:
    """Those of `events` that belong to this test and to no other."""
    mine, rivals = codes(services, row), trials.beside(services.store, row, trial_rows.LATE)
    theirs = {code for each in rivals for code in codes(services, each)}
    undecided = any(_under_way(services, each) for each in rivals)
    return [each for each in events if each.code in mine or not (undecided or each.code in theirs)]


def _under_way(services: Services, row: Trial) -> bool:
    """Whether somebody was sent off and has not come back."""
    kept = trial_rows.secrets_of(services, row)
    waiting = row.state == trial_rows.OPENED and bool(kept.get("asked"))
    return (waiting and not kept.get("sid")) or bool(kept.get("again"))
