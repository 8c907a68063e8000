"""Domains as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.actor import Actor
from portal.api.filling import data, of_form, valid
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.domains import actions, words
from portal.domains.actions import Claim
from portal.domains.forms import DomainForm
from portal.domains.records import record_name, record_value
from portal.errors import Invalid


@dataclass(frozen=True)
class DnsRecord:
    """The TXT record that proves the domain."""

    type: str
    name: str
    value: str


@dataclass(frozen=True)
class DomainDocument:
    """A domain. `state` is pending, proved, verified, failing, lapsed, unproved or gone; `found` says what the last
    look for its record came to."""

    domain: str
    unicode: str
    state: str
    verified: bool
    record: DnsRecord
    found: str
    added: datetime | None
    checked: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True)
class DomainRemoval:
    """That a domain was removed. `record` names it for taking it back within the hour."""

    domain: str
    record: str


def listed(actor: Actor, _body: Body) -> list[DomainDocument]:
    """All domains of the organization."""
    return [_document(actor, each) for each in actions.claims(actor)]


def _document(actor: Actor, claim: Claim) -> DomainDocument:
    row, told = claim.row, words.told(claim)
    record = DnsRecord("TXT", record_name(row.name), record_value(row.name, actor.here.id))
    return DomainDocument(
        row.name, claim.name.unicode, claim.state, claim.verified, record, told.title if told else "",
        row.added if claim.kept else None, row.checked, row.failing_since,
    )  # fmt: skip


def read(actor: Actor, _body: Body, domain: str) -> DomainDocument:
    """One domain."""
    return _document(actor, actions.find(actor, domain))


def add(actor: Actor, body: Body) -> DomainDocument:
    """Claim a domain; its record is looked for at once."""
    form = valid(DomainForm(actor, formdata=data(body)))
    if form.name is None:
        raise Invalid({"domain": "error-invalid-value"})
    return read(actor, {}, actions.add(actor, form.name).name)


def check(actor: Actor, _body: Body, domain: str) -> DomainDocument:
    """Look for the record now and do what follows."""
    actions.check(actor, domain)
    return read(actor, {}, domain)


def remove(actor: Actor, _body: Body, domain: str) -> DomainRemoval:
    """Take it away from the organization."""
    return DomainRemoval(domain, actions.remove(actor, domain))


def restore(actor: Actor, _body: Body, record: str) -> DomainDocument:
    """Take one's own removal back."""
    return read(actor, {}, actions.restore(actor, record).name)


DOMAINS, ONE = f"{HERE}/domains", f"{HERE}/domains/<domain>"

OPERATIONS = (
    Operation("GET", DOMAINS, "domains.view", "listDomains", "All domains", listed, DomainDocument, many=True),
    Operation(
        "POST", DOMAINS, "domains.manage", "addDomain", "Claim a domain", add, DomainDocument,
        body=of_form(DomainForm, "domain"), code=201,
    ),
    Operation("GET", ONE, "domains.view", "getDomain", "One domain with its record", read, DomainDocument),
    Operation(
        "POST", f"{ONE}/verify", "domains.manage", "verifyDomain", "Look for its record now", check, DomainDocument,
    ),
    Operation("DELETE", ONE, "domains.manage", "removeDomain", "Remove a domain", remove, DomainRemoval),
    Operation(
        "POST", f"{HERE}/domain-removals/<record>/undo", "domains.manage", "restoreDomain", "Take back a removal",
        restore, DomainDocument,
    ),
)  # fmt: skip
