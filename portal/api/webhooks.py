"""Webhooks as JSON, for those who manage the realm. A secret stands in the answer that makes it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actor import Actor
from portal.api.filling import TEXT, TEXTS, objects
from portal.api.operations import Body, Operation
from portal.api.versions import unchanged
from portal.errors import Invalid
from portal.webhooks import actions, forms
from portal.webhooks.actions import Hook
from portal.webhooks.forms import Entry
from portal.webhooks.kinds import GROUPS
from portal.webhooks.single import by_group


@dataclass(frozen=True)
class WebhookDocument:
    """A webhook. `organizations` are names by ID; without any it hears of the whole realm.

    `groups` and `kinds` are of events: what is in one of them is sent, without both everything. `state` is active,
    disabled, stopped (by the portal, `reason` says why) or suspended (until another operator adopts it).
    """

    id: str
    name: str
    url: str
    contact: str
    organizations: Mapping[str, str]
    groups: list[str]
    kinds: list[str]
    state: str
    reason: str
    made_by: str
    created: datetime
    previous_secret_until: datetime | None


@dataclass(frozen=True)
class NewWebhook:
    """A webhook that was made. No other answer tells its `secret`."""

    id: str
    secret: str


@dataclass(frozen=True)
class QueueDocument:
    """How its queue stands: deliveries by state, and what is known of the one at the head."""

    deliveries: Mapping[str, int]
    attempts: int
    failing_since: datetime | None
    next_attempt: datetime


@dataclass(frozen=True)
class KindsDocument:
    """The kinds of events in one group."""

    group: str
    kinds: list[str]


def listed(actor: Actor, _body: Body) -> list[WebhookDocument]:
    """All of the realm."""
    return [_document(row) for row, _counts in actions.listed(actor)]


def _document(row: Hook) -> WebhookDocument:
    return WebhookDocument(
        row.id, row.name, row.url, row.contact, dict(row.organizations), list(forms.groups_of(row)),
        list(forms.kinds_of(row)), row.state, row.reason, row.maker_name, row.created, row.previous_until,
    )  # fmt: skip


def read(actor: Actor, _body: Body, webhook: str) -> WebhookDocument:
    """One of them."""
    return _document(actions.load(actor, webhook))


def create(actor: Actor, body: Body) -> NewWebhook:
    """Make one; it is on at once."""
    made = actions.new_id()
    return NewWebhook(made, actions.create(actor, made, _entered(actor, Entry(contact=actor.email), body)))


def change(actor: Actor, body: Body, webhook: str) -> WebhookDocument:
    """Change what is named and leave the rest."""
    row = actions.load(actor, webhook)
    unchanged(_document(row))
    actions.edit(actor, row, _entered(actor, forms.of(row), body))
    return read(actor, {}, webhook)


def _entered(actor: Actor, present: Entry, body: Body) -> Entry:
    """As the form sends it. Raises `Invalid` by field."""
    found = {name: str(body.get(name, getattr(present, name))) for name in ("name", "url", "contact")}
    found |= {
        name: "\n".join(body[name]) if name in body else getattr(present, name) for name in ("organizations", "kinds")
    }
    entry = forms.entered(actor, found, list(body.get("groups", present.groups)))
    if entry.errors:
        raise Invalid(dict(entry.errors))
    return entry


def delete(actor: Actor, _body: Body, webhook: str) -> None:
    """Delete it with everything that waits."""
    actions.delete(actor, actions.load(actor, webhook))


def rotate(actor: Actor, _body: Body, webhook: str) -> NewWebhook:
    """Make a new secret; the last one signs beside it for a day."""
    return NewWebhook(webhook, actions.rotate(actor, actions.load(actor, webhook)))


def enable(actor: Actor, _body: Body, webhook: str) -> WebhookDocument:
    """Send again, beginning with what waits."""
    actions.enable(actor, actions.load(actor, webhook))
    return read(actor, {}, webhook)


def disable(actor: Actor, _body: Body, webhook: str) -> WebhookDocument:
    """Send nothing for now."""
    actions.disable(actor, actions.load(actor, webhook))
    return read(actor, {}, webhook)


def adopt(actor: Actor, _body: Body, webhook: str) -> WebhookDocument:
    """Answer for one whose maker may have none any more."""
    actions.adopt(actor, actions.load(actor, webhook))
    return read(actor, {}, webhook)


def queue(actor: Actor, _body: Body, webhook: str) -> QueueDocument:
    """How its queue stands."""
    row = actions.load(actor, webhook)
    return QueueDocument(actions.counted(actor, row), row.attempts, row.failing_since, row.due)


def kinds(_actor: Actor, _body: Body) -> list[KindsDocument]:
    """What a webhook can be limited to."""
    return [KindsDocument(group, list(names)) for group, names in by_group().items()]


HOOKS, ONE = "/webhooks", "/webhooks/<webhook>"
FIELDS: dict[str, Mapping[str, Any]] = {
    "name": TEXT, "url": TEXT, "contact": TEXT, "organizations": TEXTS, "kinds": TEXTS,
    "groups": {"type": "array", "items": {"type": "string", "enum": list(GROUPS)}},
}  # fmt: skip

OPERATIONS = (
    Operation(
        "GET", HOOKS, "webhooks.view", "listWebhooks", "Addresses that are told of events", listed, WebhookDocument,
        many=True,
    ),
    Operation(
        "POST", HOOKS, "webhooks.manage", "createWebhook", "Make a webhook; its secret is told once", create,
        NewWebhook, body=objects(("name", "url"), **FIELDS), code=201, secret=True,
    ),
    Operation(
        "GET", "/webhook-kinds", "webhooks.view", "listWebhookKinds", "What a webhook can be limited to", kinds,
        KindsDocument, many=True,
    ),
    Operation("GET", ONE, "webhooks.view", "getWebhook", "One webhook", read, WebhookDocument, versioned=True),
    Operation(
        "PATCH", ONE, "webhooks.manage", "changeWebhook", "Change what is named", change, WebhookDocument,
        body=objects(**FIELDS), versioned=True,
    ),
    Operation("DELETE", ONE, "webhooks.manage", "deleteWebhook", "Delete it with what waits", delete),
    Operation("GET", f"{ONE}/queue", "webhooks.view", "getWebhookQueue", "How its queue stands", queue, QueueDocument),
    Operation(
        "POST", f"{ONE}/secret", "webhooks.manage", "rotateWebhookSecret", "Make a new secret, told once", rotate,
        NewWebhook, secret=True,
    ),
    Operation("POST", f"{ONE}/enable", "webhooks.manage", "enableWebhook", "Send what waits", enable, WebhookDocument),
    Operation(
        "POST", f"{ONE}/disable", "webhooks.manage", "disableWebhook", "Send nothing for now", disable, WebhookDocument
    ),
    Operation(
        "POST", f"{ONE}/adopt", "webhooks.manage", "adoptWebhook", "Answer for a suspended one", adopt, WebhookDocument
    ),
)  # fmt: skip
