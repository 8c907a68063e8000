"""What a test sign-in leaves at Keycloak is taken back: its session, and the account it made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import structlog

from portal.actor import portal_itself
from portal.audit import audited
from portal.clients.connections_allowed import DRAFT_FLOW
from portal.clients.orgs_types import Organization
from portal.clients.trials_service import LinkedAccount, TrialEvent
from portal.errors import NotFound, PortalError
from portal.jobs import periodic
from portal.services import Services
from portal.sso import trial_apart, trial_rows
from portal.sso.trial_rows import LATE, leave
from portal.store import now, trials
from portal.store.models_sso import Trial

log = structlog.get_logger("portal.sso")
EVERY, AT_ONCE = 60, 50
# Clocks of two machines.
SKEW = 5_000
MADE, SIGNED_IN = "REGISTER", "LOGIN"


def clean(services: Services, row: Trial) -> None:
    """End the session and delete the account of this test. Safe to repeat. Raises `PortalError` if it has to be."""
    seen, kept = made(services, row), trial_rows.secrets_of(services, row)
    sessions = {str(kept.get("sid", "")), *(event.session for event in seen if event.kind == SIGNED_IN)}
    sessions -= {"", *kept.get("ended", ())}
    people = {event.user for event in seen if event.kind == MADE} - {""}
    accounts = [each for each in _accounts(services, row, people) if _is_ours(services, row, each)]
    if sessions or accounts:
        here = Organization(row.organization, row.organization)
        itself = portal_itself(services, services.settings.realms[row.realm], here)
        with audited(itself, "sso.test", row.alias, after={"deed": "clean"}):
            for session in sessions:
                services.accounts.end_session(leave(row, session), session)
            for account in accounts:
                services.accounts.delete(leave(row, account.id), account.id)
        trial_rows.keep(services, row, ended=sorted({*kept.get("ended", ()), *sessions}))
    # An answer that passed by another way says nothing of a sign-in at Keycloak that may still be under way.
    passed = row.state == trial_rows.PASSED and row.source == trial_rows.KEYCLOAK
    if row.finished and (passed or now() > row.expires + LATE):
        codes = sorted(trial_apart.codes(services, row))
        known = trial_rows.sealed(services, row, "secrets", {"codes": codes})
        trials.change(services.store, row, cleaned=now(), secrets=known if codes else None)


def try_to_clean(services: Services, row: Trial) -> None:
    """Clean now if it can be done; otherwise the worker does it."""
    try:
        clean(services, row)
    except PortalError as error:
        log.warning("a test is not cleaned yet", trial=row.id, error=type(error).__name__)


def made(services: Services, row: Trial) -> list[TrialEvent]:
    """What the log has of this test's sign-ins."""
    return trial_apart.own(services, row, _logged(services, row))


def _logged(services: Services, row: Trial) -> list[TrialEvent]:
    """What the log has of sign-ins to this connection by the client for tests."""
    client = services.settings.realms[row.realm].test_client_id
    found = services.trials.events(leave(row), (MADE, SIGNED_IN), begun(row), client)
    return [event for event in found if event.alias == row.alias and event.client == client]


def begun(row: Trial) -> int:
    """When it was opened, in epoch milliseconds, with some allowance."""
    opened = (row.opened or row.created).replace(tzinfo=UTC)
    return int(opened.timestamp() * 1000) - SKEW


def in_time(row: Trial, milliseconds: int) -> bool:
    """Whether a moment of Keycloak's lies within the test."""
    return at(milliseconds) <= row.expires.replace(tzinfo=UTC) + LATE


def _accounts(services: Services, row: Trial, made: Iterable[str]) -> list[LinkedAccount]:
    """Accounts that this test has made; of a draft that nobody else tests, everybody's who came by it."""
    found = {}
    for user in made:
        try:
            found[user] = services.trials.account(leave(row, user), user)
        except NotFound:
            continue
    if trial_apart.alone(services, row) and _is_draft(services, row):
        found |= {each.id: each for each in services.trials.linked(leave(row), row.alias)}
    return list(found.values())


def _is_draft(services: Services, row: Trial) -> bool:
    """As Keycloak has it: it may have gone live a moment before the portal's own row says so."""
    try:
        return services.connections.get(leave(row), row.organization, row.alias).first_flow == DRAFT_FLOW
    except NotFound:
        return False


def _is_ours(services: Services, row: Trial, account: LinkedAccount) -> bool:
    """Whether an account is younger than the test and came to nothing but this connection: no other is touched."""
    ask = leave(row, account.id)
    links = services.admin.identity_providers(ask, account.id)
    if row.alias in links and account.created < begun(row):
        log.warning("a test came in by an older account", trial=row.id)
    if set(links) != {row.alias} or account.created < begun(row):
        return False
    elsewhere = services.orgs.organizations_of(ask, account.id) - {row.organization}
    return not (elsewhere or services.admin.credential_types(ask, account.id))


def sweep(services: Services) -> int:
    """Try again what could not be cleaned at once; returns how many are clean now."""
    done = 0
    for row in trials.to_clean(services.store, now(), AT_ONCE):
        _expire(services, row)
        if row.realm not in services.settings.realms:  # no longer the portal's to look after
            continue
        try_to_clean(services, row)
        done += row.cleaned is not None
    return done


def _expire(services: Services, row: Trial) -> None:
    if row.finished is None:
        open_states = (trial_rows.WAITING, trial_rows.OPENED)
        trials.change(services.store, row, *open_states, state=trial_rows.EXPIRED, finished=now())


def at(milliseconds: int) -> datetime:
    """A moment of Keycloak's."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


periodic.register("test sign-ins", EVERY, sweep)
