"""Roles by rule and certificates as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.actor import Actor
from portal.api.connections import ONE
from portal.api.drafting import METADATA
from portal.api.filling import FLAG, TEXT, data, objects
from portal.api.operations import Body, Operation
from portal.errors import Invalid
from portal.sso import authors, renewal, rules
from portal.sso.certificates import Certificate
from portal.sso.wizard_forms import LARGEST, MetadataForm
from portal.store.models_sso import RoleRule


@dataclass(frozen=True)
class RuleDocument:
    """A rule: whoever has this value in this claim or attribute gets the role."""

    id: str
    claim: str
    value: str
    role: str
    author: str
    created: datetime
    editable: bool


@dataclass(frozen=True)
class RulesDocument:
    """The rules of a connection. `unmapped`: people without a role are members (`member`) or stay out (`closed`)."""

    unmapped: str
    rules: list[RuleDocument]


@dataclass(frozen=True)
class OrphanDocument:
    """A rule that is in force although its author may no longer give the role."""

    organization: str
    organization_name: str
    connection: str
    rule: str
    claim: str
    value: str
    role: str
    author: str
    since: datetime | None


@dataclass(frozen=True)
class CertificateDocument:
    """A certificate that is trusted or waits to be."""

    fingerprint: str
    days_left: int


@dataclass(frozen=True)
class MetadataDocument:
    """What is trusted, and what waits for a decision; nothing waits where `waiting` is false.

    `waiting_mark` names what waits: who decides says by it what he has seen.
    """

    url: str
    certificates: list[CertificateDocument]
    waiting: bool
    waiting_mark: str
    waiting_by: str
    waiting_changes: list[str]
    waiting_certificates: list[CertificateDocument]


def rules_of(actor: Actor, _body: Body, connection: str) -> RulesDocument:
    """The rules of a connection."""
    row = rules.connection(actor, connection)
    return RulesDocument(row.unmapped, [_rule(each) for each in rules.listed(actor, connection)])


def _rule(each: rules.Shown) -> RuleDocument:
    return _document(each.row, editable=each.editable)


def _document(row: RoleRule, *, editable: bool) -> RuleDocument:
    return RuleDocument(row.id, row.claim, row.value, row.role, row.author_name, row.created, editable)


def add_rule(actor: Actor, body: Body, connection: str) -> RulesDocument:
    """Make a rule; it counts from each person's next sign-in."""
    rules.add(actor, connection, *(str(body[name]).strip() for name in ("claim", "value", "role")))
    return rules_of(actor, {}, connection)


def adopt_rule(actor: Actor, _body: Body, connection: str, rule: str) -> RulesDocument:
    """Stand for a rule in its author's place."""
    rules.connection(actor, connection)
    rules.adopt(actor, connection, rule)
    return rules_of(actor, {}, connection)


def remove_rule(actor: Actor, _body: Body, connection: str, rule: str) -> None:
    """Take a rule away; roles it has given stay."""
    rules.connection(actor, connection)
    rules.remove(actor, connection, rule)


def decide(actor: Actor, body: Body, connection: str) -> RulesDocument:
    """Say what happens to people for whom no rule holds."""
    rules.decide(actor, connection, body["unmapped"])
    return rules_of(actor, {}, connection)


def orphans(actor: Actor, _body: Body) -> list[OrphanDocument]:
    """Rules of the whole realm for operators to review."""
    return [
        OrphanDocument(
            row.organization, found.name, row.alias, row.id, row.claim, row.value, row.role, row.author_name,
            row.orphaned,
        )
        for row, found in authors.orphaned(actor)
    ]  # fmt: skip


def metadata(actor: Actor, _body: Body, connection: str) -> MetadataDocument:
    """What is trusted now and what waits."""
    row = rules.connection(actor, connection)
    present = renewal.current(actor, row)
    found = renewal.waiting(row, present)
    return MetadataDocument(
        row.metadata_url, _certificates(renewal.certificates(present.config)), found is not None,
        found.mark if found else "", found.by if found else "", [each.kind for each in found.changes] if found else [],
        _certificates(found.certificates) if found else [],
    )  # fmt: skip


def _certificates(found: tuple[Certificate, ...]) -> list[CertificateDocument]:
    return [CertificateDocument(each.fingerprint, each.days_left()) for each in found]


def hand_over(actor: Actor, body: Body, connection: str) -> MetadataDocument:
    """Read new metadata; nothing changes for anybody yet."""
    way = body.get("way") or ("url" if body.get("url") else "text" if body.get("text") else "manual")
    form = MetadataForm(formdata=data({**body, "way": way}))
    try:
        renewal.hand_over(actor, rules.connection(actor, connection), form, b"")
    except Invalid as error:
        form.stands_for(error)
        raise Invalid({name: str(said[0]) for name, said in form.errors.items() if said}, error.form) from error
    return metadata(actor, {}, connection)


def take_over(actor: Actor, body: Body, connection: str) -> MetadataDocument:
    """Put what waits in force, with the old certificates beside the new or without.

    `secret` is needed where the client secret would go to another server than before.
    """
    row, together = rules.connection(actor, connection), bool(body.get("keep", True))
    renewal.take_over(actor, row, body["seen"], together=together, secret=body.get("secret", ""))
    return metadata(actor, {}, connection)


def discard(actor: Actor, _body: Body, connection: str) -> None:
    """Leave everything as it is."""
    renewal.discard(actor, rules.connection(actor, connection))


def drop(actor: Actor, _body: Body, connection: str, fingerprint: str) -> None:
    """Trust a certificate no more."""
    renewal.drop_certificate(actor, rules.connection(actor, connection), fingerprint)


RULES, RENEWAL = f"{ONE}/rules", f"{ONE}/metadata"
RULE = objects(("claim", "value", "role"), claim=TEXT, value=TEXT, role=TEXT)
UNMAPPED = objects(("unmapped",), unmapped={"type": "string", "enum": [rules.MEMBER, rules.CLOSED]})

OPERATIONS = (
    Operation("GET", RULES, "sso.view", "getConnectionRules", "Rules that give roles", rules_of, RulesDocument),
    Operation(
        "POST", RULES, "sso.map", "addConnectionRule", "Make a rule", add_rule, RulesDocument, body=RULE,
        code=201,
    ),
    Operation(
        "POST", f"{RULES}/<rule>/adopt", "sso.map", "adoptConnectionRule", "Stand for a rule in its author's place",
        adopt_rule, RulesDocument,
    ),
    Operation("DELETE", f"{RULES}/<rule>", "sso.map", "removeConnectionRule", "Take a rule away", remove_rule),
    Operation(
        "PUT", f"{ONE}/unmapped", "sso.map", "decideUnmapped", "What happens to people without a role", decide,
        RulesDocument, body=UNMAPPED,
    ),
    Operation(
        "GET", "/rules-to-review", "sso.review", "listRulesToReview", "Rules that are left without an author", orphans,
        OrphanDocument, many=True,
    ),
    Operation(
        "GET", RENEWAL, "sso.view", "getConnectionMetadata", "Certificates, and new metadata that waits", metadata,
        MetadataDocument,
    ),
    Operation(
        "POST", RENEWAL, "sso.renew", "handOverMetadata", "Hand over new metadata", hand_over, MetadataDocument,
        body=METADATA, takes=LARGEST + 64 * 1024,
    ),
    Operation(
        "POST", f"{RENEWAL}/apply", "sso.renew", "applyMetadata", "Put what waits in force", take_over,
        MetadataDocument, body=objects(("seen",), seen=TEXT, keep=FLAG, secret=TEXT),
    ),
    Operation("DELETE", RENEWAL, "sso.renew", "discardMetadata", "Discard what waits", discard),
    Operation(
        "DELETE", f"{ONE}/certificates/<fingerprint>", "sso.renew", "dropCertificate", "Trust a certificate no more",
        drop,
    ),
)  # fmt: skip
