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
from portal.clients.connections_allowed import SAML
from portal.clients.connections_types import IdentityProvider
from portal.errors import Conflict, Invalid, NotFound
from portal.sso import trial_end, trial_own, trial_report, trial_rows
from portal.sso.faults import FAULTS, Finding
from portal.sso.judgement import Judgement
from portal.sso.trial_rows import Run
from portal.store import now, trials
from portal.store.counters import hit
from portal.store.models_sso import Setup, Trial

RIGHT = "sso.test"
MOST, WINDOW, SHOWN = 20, 3600, 20


@dataclass(frozen=True)
class Report:
    """A test with what came of it. `hints` is what Keycloak's log says while nothing was seen; `setup` the wizard's."""

    row: Trial
    content: dict[str, Any]
    hints: tuple[Finding, ...] = ()
    setup: Setup | None = None
    protocol: str = ""
    lacks_secret: bool = False

    @property
    def state(self) -> str:
        """As people see it."""
        return trial_rows.state_of(self.row)

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.state in trial_rows.OVER

    @property
    def mark(self) -> str:
        """Changes with what is shown."""
        return f"{self.state}-{len(self.findings)}"

    @property
    def judgement(self) -> Judgement | None:
        """What was seen of the answer."""
        return trial_report.judgement_of(self.content)

    @property
    def saml(self) -> bool:
        """Whether an answer can be pasted."""
        return self.protocol == SAML

    @property
    def asks_for_answer(self) -> bool:
        """Whether it would help to see the answer."""
        return self.state != trial_rows.PASSED

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
    if not (actor.realm.test_client_secret and actor.services.accounts.configured(actor.realm.name)):
        raise Conflict(_("Tests are not set up in this realm. Those who run this portal can do it (portal doctor)."))
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
        mappers = actor.services.connections.mappers(grant(actor, RIGHT, actor.here.id, alias), actor.here.id, alias)
        print_ = trial_end.fingerprint(found, mappers)
        row.secrets = trial_rows.sealed(actor.services, row, "secrets", {"token": token, "fingerprint": print_})
        trials.insert(actor.services.store, row)
    return row


def recent(actor: Actor, alias: str) -> list[Trial]:
    """The latest tests of a connection, failed ones included."""
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
    run = Run(actor.services, actor.realm, row)
    trial_end.look(run)
    hints = tuple(trial_end.hinted(run)) if row.opened and not row.report else ()
    if trial_rows.state_of(row) == trial_rows.EXPIRED and not hints:
        hints = (Finding("nothing-seen"),)
    setup = trials.setup(actor.services.store, row.realm, alias)
    protocol = provider(actor, alias).protocol
    lacks = row.expires > now() and trial_own.lacks_secret(run, protocol)
    return Report(row, trial_rows.report_of(actor.services, row), hints, setup, protocol, lacks)


def tell_secret(actor: Actor, alias: str, trial_id: str, secret: str) -> None:
    """Let the portal use this client secret for its own run in this test; it goes with the test.

    Raises `NotFound`, and `Invalid` for the field `secret`.
    """
    row = find(actor, alias, trial_id)
    if provider(actor, alias).protocol == SAML or row.expires <= now() or row.state == trial_rows.PASSED:
        raise NotFound("no test that needs a secret")
    if not 0 < len(secret) <= 4096 or any(each.isspace() for each in secret):
        raise Invalid({"secret": _("Enter the client secret: one word, as the identity provider shows it.")})
    with audited(actor, "sso.test", alias, after={"deed": "secret"}):
        trial_rows.keep(actor.services, row, client_secret=secret)


def judge_answer(actor: Actor, alias: str, trial_id: str, answer: str) -> None:
    """Judge an answer that somebody brought. It says what is wrong; it is no passed test.

    Raises `NotFound`, and `Invalid` for the field `response`.
    """
    row = find(actor, alias, trial_id)
    if provider(actor, alias).protocol != SAML:
        raise NotFound("only answers by SAML can be brought")
    if row.state == trial_rows.PASSED:
        raise Invalid({"response": _("This test has passed. Start another one.")})
    trial_own.pasted_in(Run(actor.services, actor.realm, row), answer)


def address(actor: Actor, row: Trial) -> str:
    """What to open in a private window; empty when the test is over."""
    token = trial_rows.secrets_of(actor.services, row).get("token", "")
    over = trial_rows.state_of(row) in trial_rows.OVER
    return (
        f"{actor.services.settings.public_url}/{actor.realm.name}/sso/test/open/{token}" if token and not over else ""
    )
