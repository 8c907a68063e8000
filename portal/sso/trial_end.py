"""How a test sign-in ends: the report is written, and a connection that proved itself is noted as tested."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from portal.audit import audited
from portal.clients.connections_types import IdentityProvider, Mapper
from portal.clients.trials_service import TrialEvent
from portal.errors import Invalid
from portal.services import Services
from portal.settings import Realm
from portal.sso import trial_clean, trial_judge, trial_report, trial_rows
from portal.sso.faults import EVENTS, Finding
from portal.sso.judgement import Judgement
from portal.sso.trial_report import Target
from portal.sso.trial_rows import leave
from portal.sso.weaknesses import BAD
from portal.store import now, trials
from portal.store.models_sso import Trial

ERRORS = (
    "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR", "IDENTITY_PROVIDER_LOGIN_ERROR", "IDENTITY_PROVIDER_RESPONSE_ERROR",
    "IDENTITY_PROVIDER_POST_LOGIN_ERROR",
)  # fmt: skip
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


def seen(
    services: Services, realm: Realm, row: Trial, answer: requests.Response | None, claims: Mapping[str, Any]
) -> None:
    """Keycloak let the person in. What the identity provider said is judged besides, so that it can be shown."""
    at = target(services, row)
    judgement = trial_judge.stored(services, realm, row, at, answer) if answer is not None else None
    if judgement is None:
        judgement = trial_judge.from_claims(at, claims)
    finish(services, realm, row, trial_rows.KEYCLOAK, _accepted(judgement), at)


def _accepted(judgement: Judgement) -> Judgement:
    """Keycloak has checked the signature and all that belongs to it."""
    return dataclasses.replace(judgement, verified=True)


def nothing(services: Services, realm: Realm, row: Trial, said: str = "") -> None:
    """Keycloak sent the person back without success, or nobody came back at all."""
    hints = [*hinted(services, row), *([Finding("provider-failed", said[:200])] if said else [])]
    report = trial_report.content(trial_rows.KEYCLOAK, None, target(services, row), hints or [Finding("nothing-seen")])
    _close(services, realm, row, trial_rows.KEYCLOAK, report, (hints or [Finding("nothing-seen")])[0].code)


def finish(
    services: Services, realm: Realm, row: Trial, source: str, judgement: Judgement, at: Target,
    *, existing: bool = False,
) -> None:  # fmt: skip
    """Write the report of an answer that was seen."""
    fault = next((each.code for each in judgement.findings if each.severity == BAD), "")
    fault = fault or ("" if judgement.passed else "signature-wrong")
    _close(services, realm, row, source, trial_report.content(source, judgement, at, existing=existing), fault, at)


def _close(
    services: Services, realm: Realm, row: Trial, source: str, report: dict[str, Any], fault: str,
    at: Target | None = None,
) -> None:  # fmt: skip
    state = trial_rows.FAILED if fault else trial_rows.PASSED
    after = {"deed": "finish", "result": state, "fault": fault, "source": source}
    with audited(trial_rows.itself(services, realm, row), "sso.test", row.alias, after=after):
        trials.change(
            services.store, row, state=state, source=source, fault=fault, finished=now(),
            report=trial_rows.sealed(services, row, "report", report),
        )  # fmt: skip
        if not fault and source == trial_rows.KEYCLOAK and at is not None:
            _note_passed(services, row, at)


def _note_passed(services: Services, row: Trial, at: Target) -> None:
    """Only if it was the present configuration that was tested."""
    if trial_rows.secrets_of(services, row).get("fingerprint") == fingerprint(at.provider, at.mappers):
        trials.tested(services.store, row.realm, row.alias, now())


def hinted(services: Services, row: Trial) -> list[Finding]:
    """What Keycloak's log says since the test was opened; not all of it names the connection."""
    codes = [EVENTS.get(event.error, "") for event in _errors(services, row)]
    return [Finding(code) for code in dict.fromkeys(codes) if code]


def _errors(services: Services, row: Trial) -> list[TrialEvent]:
    client = services.settings.realms[row.realm].test_client_id
    found = services.trials.events(leave(row), ERRORS, trial_clean.begun(row))
    return [event for event in found if event.client in {"", client} and event.alias in {"", row.alias}]


def look(services: Services, realm: Realm, row: Trial) -> None:
    """Has Keycloak refused the person because an account with his address exists? Then the answer was accepted."""
    if row.state != trial_rows.OPENED:
        return
    for event in _errors(services, row):
        if event.error == EXISTS and event.alias == row.alias:
            at = target(services, row)
            judgement = trial_judge.from_event(at, event)
            finish(services, realm, row, trial_rows.KEYCLOAK, judgement, at, existing=True)
            return


__all__ = ["Invalid", "fingerprint", "finish", "hinted", "look", "nothing", "seen", "target"]
