"""What was sent to a webhook, as JSON: looked at, tried, sent again, left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.api.filling import TEXT, objects
from portal.api.operations import Body, Operation
from portal.api.paging import Page, page
from portal.api.webhooks import ONE
from portal.errors import Invalid
from portal.store.webhooks import STATES
from portal.webhooks import actions, forms
from portal.webhooks.actions import Sent


@dataclass(frozen=True)
class DeliveryEntry:
    """One event for one webhook. `status` is that of the last answer, 0 without one; `took` is in milliseconds.

    `state` is waiting, delivered, skipped or failed (tests alone); `said` is what came of the last attempt.
    """

    number: int
    event: str
    kind: str
    organization: str
    at: datetime
    state: str
    attempts: int
    tried: datetime | None
    status: int
    took: int
    said: str


@dataclass(frozen=True)
class DeliveryDocument:
    """The same with what is sent; empty before the first attempt."""

    entry: DeliveryEntry
    body: Mapping[str, Any]


@dataclass(frozen=True)
class CountDocument:
    """How many deliveries it came to."""

    count: int


def listed(actor: Actor, body: Body, webhook: str) -> Page[DeliveryEntry]:
    """A page of deliveries, the newest first."""
    row, state = actions.load(actor, webhook), str(body.get("state", ""))
    if state and state not in STATES:
        raise Invalid({"state": _("Choose one of: %(values)s.", values=", ".join(STATES))})

    def fetch(first: int, maximum: int) -> Sequence[Sent]:
        return actions.log(actor, row, state, first, maximum)

    found = page(body, f"deliveries {webhook}", fetch, lambda each: str(each.number))
    return Page([_entry(each) for each in found.items], found.next)


def _entry(each: Sent) -> DeliveryEntry:
    return DeliveryEntry(
        each.number, each.event, each.kind, each.organization, each.at, each.state, each.attempts, each.tried,
        each.status, each.took, each.said,
    )  # fmt: skip


def read(actor: Actor, _body: Body, webhook: str, number: str) -> DeliveryDocument:
    """One delivery."""
    each = actions.delivery(actor, actions.load(actor, webhook), number)
    return DeliveryDocument(_entry(each), json.loads(each.body) if each.body else {})


def test(actor: Actor, _body: Body, webhook: str) -> DeliveryEntry:
    """Send a test now, whatever waits."""
    return _entry(actions.test(actor, actions.load(actor, webhook)))


def replay(actor: Actor, _body: Body, webhook: str, number: str) -> CountDocument:
    """Send one once more, under its own id."""
    row = actions.load(actor, webhook)
    return CountDocument(actions.replay(actor, row, actions.delivery(actor, row, number)))


def replay_since(actor: Actor, body: Body, webhook: str) -> CountDocument:
    """Send once more what happened since then."""
    row = actions.load(actor, webhook)
    try:
        return CountDocument(actions.replay_since(actor, row, forms.moment(body["since"])))
    except ValueError as error:
        raise Invalid({"since": _("Write the moment as 2026-11-30T14:30:00Z.")}) from error


def skip(actor: Actor, _body: Body, webhook: str) -> CountDocument:
    """Let go of what waits."""
    return CountDocument(actions.skip(actor, actions.load(actor, webhook)))


SENT = f"{ONE}/deliveries"

OPERATIONS = (
    Operation(
        "GET", SENT, "webhooks.view", "listWebhookDeliveries", "What was sent, newest first", listed, DeliveryEntry,
        paged=True, query={"state": f"One of {', '.join(STATES)}"},
    ),
    Operation(
        "GET", f"{SENT}/<number>", "webhooks.view", "getWebhookDelivery", "One delivery with its body", read,
        DeliveryDocument,
    ),
    Operation(
        "POST", f"{SENT}/<number>/replay", "webhooks.manage", "replayWebhookDelivery", "Send one again", replay,
        CountDocument,
    ),
    Operation("POST", f"{ONE}/test", "webhooks.manage", "testWebhook", "Send a test event now", test, DeliveryEntry),
    Operation(
        "POST", f"{ONE}/replay", "webhooks.manage", "replayWebhook", "Send again what happened since a moment",
        replay_since, CountDocument, body=objects(("since",), since=TEXT),
    ),
    Operation("POST", f"{ONE}/skip", "webhooks.manage", "skipWebhook", "Let go of what waits", skip, CountDocument),
)  # fmt: skip
