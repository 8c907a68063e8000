"""What there is at all, and what the caller may."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import API, RIGHTS, Scope
from portal.actor import Actor
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.realm_settings.words import intent_label
from portal.return_addresses import INTENTS

# Those that a set-up link can carry today; the others are known and refused.
OFFERED = ("sso", "domain_verification", "certificate_renewal", "audit_logs")


@dataclass(frozen=True)
class IntentDocument:
    """What a set-up link can be for. One that is not `available` is refused."""

    intent: str
    label: str
    available: bool


@dataclass(frozen=True)
class RightDocument:
    """A right, and whether the caller has it. `max_age` is the greatest age of the sign-in in seconds, 0 for any."""

    name: str
    held: bool
    max_age: int


def intents(_actor: Actor | None, _body: Body) -> list[IntentDocument]:
    """All of them."""
    return [IntentDocument(each, str(intent_label(each)), each in OFFERED) for each in INTENTS]


def own(actor: Actor, _body: Body) -> list[RightDocument]:
    """Rights about the caller's own account."""
    return _rights(actor, Scope.SELF)


def here(actor: Actor, _body: Body) -> list[RightDocument]:
    """Rights in one organization."""
    return _rights(actor, Scope.ORG)


def _rights(actor: Actor, scope: Scope) -> list[RightDocument]:
    rows = [row for row in RIGHTS if row.scope is scope and API in row.faces]
    return [RightDocument(row.name, actor.may(row), row.fresh) for row in rows]


OPERATIONS = (
    Operation("GET", "/intents", "api.describe", "listIntents", "What set-up links can be for", intents, IntentDocument,
              many=True),
    Operation("GET", "/permissions", "permissions.read", "listPermissions", "What the caller may with his own account",
              own, RightDocument, many=True),
    Operation("GET", f"{HERE}/permissions", "organizations.open", "listOrganizationPermissions",
              "What the caller may in an organization", here, RightDocument, many=True),
)  # fmt: skip
