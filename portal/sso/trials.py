"""Test sign-ins of a connection, as its administrators see them."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.connections_allowed import DRAFT_FLOW
from portal.clients.connections_types import IdentityProvider
from portal.errors import Conflict, NotFound
from portal.sso import trial_end, trial_report, trial_rows
from portal.sso.faults import FAULTS, Finding
from portal.sso.judgement import Judgement
from portal.store import now, trials
from portal.store.counters import hit
from portal.store.models_sso import Trial

RIGHT = "sso.test"
MOST, WINDOW, SHOWN = 20, 3600, 20


@dataclass(frozen=True)
class Report:
    """A test with what came of it. `hints` is what Keycloak's log says while nothing was seen."""

    row: Trial
    content: dict[str, Any]
    hints: tuple[Finding, ...] = ()

    @property
    def state(self) -> str:
        """As people see it."""
        return trial_rows.state_of(self.row)

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.state in trial_rows.OVER

    @property
    def judgement(self) -> Judgement | None:
        """What was seen of the answer."""
        return trial_report.judgement_of(self.content)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Faults that were found, and hints where nothing was seen."""
        seen = self.judgement
        kept = tuple(Finding(**each) for each in self.content.get("hints", ()) if each["code"] in FAULTS)
        return (*(seen.findings if seen else ()), *kept, *(() if self.content else self.hints))


def provider(actor: Actor, alias: str) -> IdentityProvider:
    """The connection at Keycloak. Raises `NotFound` for another organization's."""
    return actor.services.connections.get(grant(actor, RIGHT, actor.here.id, alias), actor.here.id, alias)


def start(actor: Actor, alias: str) -> Trial:
    """A new test address, good for an hour. Raises `NotFound`, `Conflict`, `TooMany`."""
    found = provider(actor, alias)
    if not found.enabled:
        raise Conflict(_("This connection is switched off. Switch it on before it is tested."))
    hit(actor.services.store, f"sso.test:{actor.realm.name}:{alias}", MOST, WINDOW)
    token, present = secrets.token_urlsafe(32), now()
    row = Trial(
        id=uuid.uuid4().hex, token=trial_rows.hashed(token), realm=actor.realm.name, organization=actor.here.id,
        alias=alias, by=actor.sub, by_name=actor.label[:255], created=present, expires=present + trial_rows.LIFE,
        opened=None, finished=None, state=trial_rows.WAITING, source="", fault="", cleaned=None,
    )  # fmt: skip
    with audited(actor, "sso.test", alias, after={"deed": "start"}):
        _ready(actor, found)
        mappers = actor.services.connections.mappers(grant(actor, RIGHT, actor.here.id, alias), actor.here.id, alias)
        # Read anew: it may have been made ready just now.
        print_ = trial_end.fingerprint(provider(actor, alias), mappers)
        row.secrets = trial_rows.sealed(actor.services, row, "secrets", {"token": token, "fingerprint": print_})
        trials.insert(actor.services.store, row)
    return row


def _ready(actor: Actor, found: IdentityProvider) -> None:
    """A draft keeps what the identity provider says, and asks nobody to open a link in a mail before it comes back."""
    if found.first_flow == DRAFT_FLOW and not (found.store_token and found.trust_email):
        changes = {"storeToken": True, "addReadTokenRoleOnCreate": True, "trustEmail": True}
        ask = grant(actor, RIGHT, actor.here.id, found.alias)
        actor.services.connections.update(ask, actor.here.id, found.alias, changes)


def recent(actor: Actor, alias: str) -> list[Trial]:
    """The latest tests of a connection, failed ones included."""
    provider(actor, alias)
    found = trials.of_connection(actor.services.store, actor.realm.name, alias, SHOWN)
    return [row for row in found if row.organization == actor.here.id]


def find(actor: Actor, alias: str, trial_id: str) -> Trial:
    """One test of this connection. Raises `NotFound`."""
    row = trials.by_id(actor.services.store, actor.realm.name, trial_id)
    if row is None or (row.organization, row.alias) != (actor.here.id, alias):
        raise NotFound("no such test of this connection")
    return row


def report(actor: Actor, alias: str, trial_id: str) -> Report:
    """What came of a test until now."""
    row = find(actor, alias, trial_id)
    trial_end.look(actor.services, actor.realm, row)
    waiting = row.state == trial_rows.OPENED
    hints = tuple(trial_end.hinted(actor.services, row)) if waiting else ()
    return Report(row, trial_rows.report_of(actor.services, row), hints)


def address(actor: Actor, row: Trial) -> str:
    """What to open in a private window; empty when the test is over."""
    token = trial_rows.secrets_of(actor.services, row).get("token", "")
    over = trial_rows.state_of(row) in trial_rows.OVER
    return f"{actor.services.settings.public_url}/{actor.realm.name}/sso/test/{token}" if token and not over else ""
