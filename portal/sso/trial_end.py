"""How a test sign-in ends: the report is written, and a connection that proved itself is noted as tested."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import requests

from portal.audit import audited
from portal.clients.connections_types import IdentityProvider, Mapper
from portal.clients.trials_service import TrialEvent
from portal.errors import NotFound
from portal.services import Services
from portal.sso import trial_apart, trial_clean, trial_judge, trial_report, trial_rows
from portal.sso.faults import EVENTS, Finding
from portal.sso.judgement import Judgement
from portal.sso.trial_report import Target
from portal.sso.trial_rows import Run, leave
from portal.sso.weaknesses import BAD
from portal.store import now, trials
from portal.store.models_sso import Trial

ERRORS = (
    "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR", "IDENTITY_PROVIDER_LOGIN_ERROR", "IDENTITY_PROVIDER_RESPONSE_ERROR",
    "IDENTITY_PROVIDER_POST_LOGIN_ERROR",
)  # fmt: skip
REFUSALS = frozenset({"access-denied", "sign-in-failed", "name-id-policy", "context", "passive", "requester"})
# `error` of stored events that a test alone meets, to a fault.
OTHER_USER = "different_user_authenticated"
HINTS = {**EVENTS, OTHER_USER: "different-user", "identity_provider_login_failure": "event-login"}
EXISTS = "federated_identity_account_exists"
UNSETTLED = ("home.idp.discovery.", "kc.org.")


def target(services: Services, row: Trial) -> Target:
    """The connection as it is now. Raises `NotFound` when it is gone."""
    ask = leave(row)
    found = services.connections.get(ask, row.organization, row.alias)
    mappers = tuple(services.connections.mappers(ask, row.organization, row.alias))
    listed = services.orgs.domains(ask, row.organization)
    return Target(found, mappers, frozenset(each.name for each in listed if each.verified))


def fingerprint(provider: IdentityProvider, mappers: Iterable[Mapper]) -> str:
    """What a test was made with. Where people are led from is not part of it."""
    config = {key: value for key, value in provider.config.items() if not key.startswith(UNSETTLED)}
    rules = sorted([each.name, each.kind, sorted(each.config.items())] for each in mappers)
    text = json.dumps([provider.protocol, sorted(config.items()), rules])
    return hashlib.sha256(text.encode()).hexdigest()


def seen(run: Run, answer: requests.Response | None, claims: Mapping[str, Any]) -> None:
    """Keycloak let the person in. What the identity provider said is judged besides, so that it can be shown."""
    at = target(run.services, run.row)
    judgement = trial_judge.stored(run, at, answer, claims) if answer is not None else None
    if judgement is None:
        judgement = trial_judge.from_claims(at, claims)
    finish(run, trial_rows.KEYCLOAK, judgement, at)


def nothing(run: Run, said: str = "") -> None:
    """Keycloak sent the person back without success, or nobody came back at all."""
    hints = [*hinted(run), *([Finding("provider-failed", said[:200])] if said else [])]
    report = trial_report.content(
        trial_rows.KEYCLOAK, None, target(run.services, run.row), hints or [Finding("nothing-seen")]
    )
    _close(run, trial_rows.KEYCLOAK, report, (hints or [Finding("nothing-seen")])[0].code)


def finish(run: Run, source: str, judgement: Judgement, at: Target, *, existing: bool = False) -> None:
    """Write the report of an answer that was seen."""
    wrong = [each.code for each in judgement.findings if each.severity == BAD]
    # A refusal need not be signed, and says more than that it is not.
    fault = next(iter(sorted(wrong, key=lambda code: code not in REFUSALS)), "")
    fault = fault or ("" if judgement.passed else "signature-wrong")
    _close(run, source, trial_report.content(source, judgement, at, existing=existing), fault, at)


def _close(run: Run, source: str, report: dict[str, Any], fault: str, at: Target | None = None) -> None:
    state = trial_rows.FAILED if fault else trial_rows.PASSED
    after = {"deed": "finish", "result": state, "fault": fault, "source": source}
    with audited(trial_rows.itself(run), "sso.test", run.row.alias, after=after):
        trials.change(
            run.services.store, run.row, state=state, source=source, fault=fault, finished=now(),
            report=trial_rows.sealed(run.services, run.row, "report", report),
        )  # fmt: skip
        if not fault and source == trial_rows.KEYCLOAK and at is not None:
            _note_passed(run, at)


def _note_passed(run: Run, at: Target) -> None:
    """Only if it was the present configuration that was tested."""
    if trial_rows.secrets_of(run.services, run.row).get("fingerprint") == fingerprint(at.provider, at.mappers):
        trials.tested(run.services.store, run.row.realm, run.row.alias, now())


def hinted(run: Run) -> list[Finding]:
    """What Keycloak's log says since the test was opened; not all of it names the connection."""
    codes = [HINTS.get(event.error, "") for event in _errors(run)]
    return [*(Finding(code) for code in dict.fromkeys(codes) if code), *_halted(run)]


def _halted(run: Run) -> list[Finding]:
    """What an account lacks that was made, while its person is still asked for it on a page of Keycloak's."""
    people = {event.user for event in trial_clean.made(run.services, run.row) if event.kind == trial_clean.MADE}
    found: list[Finding] = []
    for user in people - {""}:
        with suppress(NotFound):
            account = run.services.trials.account(leave(run.row, user), user)
            found += [Finding("email-missing")] if not account.email else []
            missing = {"firstName": account.first_name, "lastName": account.last_name}
            found += [Finding("attribute-missing", name) for name, value in missing.items() if not value]
    return found


def _errors(run: Run) -> list[TrialEvent]:
    client = run.services.settings.realms[run.row.realm].test_client_id
    found = run.services.trials.events(leave(run.row), ERRORS, trial_clean.begun(run.row))
    fitting = [
        event
        for event in found
        if event.client in {"", client}
        and event.alias in {"", run.row.alias}
        and trial_clean.in_time(run.row, event.at)
    ]
    return trial_apart.own(run.services, run.row, fitting)


def look(run: Run) -> None:
    """What Keycloak says of a person who did not come back.

    If an account with his address exists, the answer was accepted; if somebody else was signed in, it is told.
    """
    if run.row.state != trial_rows.OPENED:
        return
    for event in _errors(run):
        if event.error in {EXISTS, OTHER_USER} and event.alias == run.row.alias:
            trial_apart.claim(run.services, run.row, event)
        if event.error == EXISTS and event.alias == run.row.alias:
            at = target(run.services, run.row)
            judgement = trial_judge.from_event(at, event)
            finish(run, trial_rows.KEYCLOAK, judgement, at, existing=True)
        elif event.error == OTHER_USER and event.alias == run.row.alias:
            nothing(run)
        else:
            continue
        trial_clean.try_to_clean(run.services, run.row)
        return
