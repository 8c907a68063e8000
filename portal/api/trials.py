"""Test sign-ins of a connection as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.actor import Actor
from portal.api.connections import ONE
from portal.api.filling import TEXT, objects
from portal.api.operations import Body, Operation
from portal.sso import trial_rows, trials
from portal.sso.faults import FAULTS, Finding
from portal.sso.trial_own import MOST_BYTES
from portal.store.models_sso import Trial


@dataclass(frozen=True)
class FindingDocument:
    """Something that was found. `code` stays the same in every language."""

    code: str
    severity: str
    title: str
    remedy: str


@dataclass(frozen=True)
class TrialDocument:
    """A test sign-in. `address` is what to open in a private window, while it waits."""

    id: str
    state: str
    source: str
    by: str
    created: datetime
    expires: datetime
    finished: datetime | None
    address: str
    findings: list[FindingDocument]


def start(actor: Actor, _body: Body, connection: str) -> TrialDocument:
    """Make a test address, good for an hour."""
    return _document(actor, trials.start(actor, connection))


def _document(actor: Actor, row: Trial, findings: tuple[Finding, ...] = ()) -> TrialDocument:
    return TrialDocument(
        row.id, trial_rows.state_of(row), row.source, row.by_name, row.created, row.expires, row.finished,
        trials.address(actor, row), [_finding(each) for each in findings if each.code in FAULTS],
    )  # fmt: skip


def _finding(each: Finding) -> FindingDocument:
    fault = FAULTS[each.code]
    remedy = str(fault.remedy).replace("%(value)s", each.value)
    return FindingDocument(each.code, fault.severity, str(fault.title).replace("%(value)s", each.value), remedy)


def listed(actor: Actor, _body: Body, connection: str) -> list[TrialDocument]:
    """The latest tests."""
    trials.provider(actor, connection)
    return [_document(actor, each) for each in trials.recent(actor, connection)]


def read(actor: Actor, _body: Body, connection: str, trial: str) -> TrialDocument:
    """What came of a test until now."""
    found = trials.report(actor, connection, trial)
    return _document(actor, found.row, found.findings)


def answer(actor: Actor, body: Body, connection: str, trial: str) -> TrialDocument:
    """Judge an answer that was caught elsewhere."""
    trials.judge_answer(actor, connection, trial, str(body["response"]).strip())
    return read(actor, {}, connection, trial)


def tell_secret(actor: Actor, body: Body, connection: str, trial: str) -> TrialDocument:
    """Let the portal use this client secret for its own run in this test."""
    trials.tell_secret(actor, connection, trial, str(body["secret"]).strip())
    return read(actor, {}, connection, trial)


TESTS = f"{ONE}/tests"

OPERATIONS = (
    Operation(
        "POST", TESTS, "sso.test", "startConnectionTest", "Make a test address", start, TrialDocument, code=201
    ),
    Operation("GET", TESTS, "sso.test", "listConnectionTests", "The latest tests", listed, TrialDocument, many=True),
    Operation("GET", f"{TESTS}/<trial>", "sso.test", "getConnectionTest", "What came of a test", read, TrialDocument),
    Operation(
        "POST", f"{TESTS}/<trial>/answer", "sso.test", "judgeConnectionTest", "Judge a SAML answer caught elsewhere",
        answer, TrialDocument, body=objects(("response",), response=TEXT), takes=2 * MOST_BYTES,
    ),
    Operation(
        "POST", f"{TESTS}/<trial>/secret", "sso.test", "tellConnectionTestSecret",
        "A client secret for the portal's own run in this test", tell_secret, TrialDocument,
        body=objects(("secret",), secret=TEXT),
    ),
)  # fmt: skip
