"""Making, changing and watching webhooks."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict, NotFound
from portal.store import counters, now, webhooks
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.vault import VaultError
from portal.store.webhooks import ACTIVE, DELIVERED, DISABLED, FAILED, STOPPED, SUSPENDED
from portal.webhooks import bodies, sending, signing
from portal.webhooks.forms import Entry
from portal.webhooks.kinds import TEST

# What pages are made of.
Hook: TypeAlias = Webhook
Sent: TypeAlias = Delivery
RIGHT = "webhooks.manage"
MOST = 50
# How long the last secret also signs after a new one was made.
OVERLAP = timedelta(hours=24)
TESTS_A_MINUTE = 10


def listed(actor: Actor) -> list[tuple[Webhook, dict[str, int]]]:
    """The realm's webhooks, each with how many deliveries are in each state."""
    rows = webhooks.of_realm(actor.services.store, actor.realm.name)
    counts = webhooks.counts(actor.services.store, [row.id for row in rows])
    return [(row, counts.get(row.id, {})) for row in rows]


def load(actor: Actor, webhook: str) -> Webhook:
    """One of the realm's webhooks. Raises `NotFound`."""
    return webhooks.get(actor.services.store, actor.realm.name, webhook)


def exists(actor: Actor, webhook: str) -> bool:
    """Whether the realm has a webhook of this id."""
    return any(row.id == webhook for row in webhooks.of_realm(actor.services.store, actor.realm.name))


def waiting(actor: Actor, row: Webhook) -> int:
    """How many deliveries wait."""
    return counted(actor, row).get(webhooks.WAITING, 0)


def counted(actor: Actor, row: Webhook) -> dict[str, int]:
    """How many deliveries are in each state that any is in."""
    return webhooks.counts(actor.services.store, [row.id]).get(row.id, {})


def new_id() -> str:
    """An id for a webhook that is about to be made: a form sent twice makes one."""
    return secrets.token_hex(16)


def create(actor: Actor, webhook: str, entry: Entry) -> str:
    """Make a webhook; returns its secret, which is told this once. Raises `Conflict` if it was made already."""
    realm, store, present = actor.realm.name, actor.services.store, now()
    if len(webhooks.of_realm(store, realm)) >= MOST:
        raise Conflict(_("A realm has at most %(most)d webhooks.", most=MOST))
    secret = signing.new_secret()
    row = Webhook(
        id=webhook, realm=realm, state=ACTIVE, maker=actor.sub, maker_name=actor.label[:255], locale=actor.locale,
        created=present, checked=present, due=present, last=0,
        secret=signing.sealed(actor.services, realm, webhook, secret), **entry.values(),
    )  # fmt: skip
    with audited(actor, RIGHT, webhook, after={"deed": "create", **_named(row)}):
        try:
            with store.write() as session:
                session.add(row)
        except IntegrityError as error:
            raise Conflict(_("This webhook was made already.")) from error
    return secret


def _named(row: Webhook) -> dict[str, str]:
    # The path of an address may be a secret in itself.
    return {"name": row.name, "host": urlsplit(row.url).hostname or ""}


def edit(actor: Actor, row: Webhook, entry: Entry) -> None:
    """Change what an operator chose. What waits goes to the new address."""
    with audited(actor, RIGHT, row.id, _named(row), {"deed": "edit", "name": entry.name}) as record:
        webhooks.change(actor.services.store, row, **entry.values(), due=now())
        record.after["host"] = urlsplit(entry.url).hostname or ""


def rotate(actor: Actor, row: Webhook) -> str:
    """Make a new secret; returns it. The last one also signs for a day, those before no more. Raises `Conflict`."""
    secret = signing.new_secret()
    with audited(actor, RIGHT, row.id, after={"deed": "rotate", **_named(row)}):
        previous = None
        with suppress(VaultError):
            last = signing.opened(actor.services, row)
            previous = signing.sealed(actor.services, row.realm, row.id, last, "previous")
        made = signing.sealed(actor.services, row.realm, row.id, secret)
        if not webhooks.rotate(actor.services.store, row, made, previous, now() + OVERLAP):
            raise Conflict(_("Somebody else made a new secret at the same moment."))
    return secret


def _suspended() -> str:
    return _("This webhook is suspended. Somebody has to adopt it first.")


def test(actor: Actor, row: Webhook) -> Delivery:
    """Send a test now, whatever waits; returns how that went. Raises `Conflict` for a suspended webhook, `TooMany`."""
    services = actor.services
    if row.state == SUSPENDED:
        raise Conflict(_suspended())
    counters.hit(services.store, f"webhook test {row.id}", TESTS_A_MINUTE, 60)
    made = _new_test(row)
    webhooks.number(services.store, row, made)
    body = signing.as_body(bodies.message(services, row, made) or {})
    with audited(actor, RIGHT, row.id, after={"deed": "test", **_named(row)}):
        answer = sending.send(services, row, made.event, body, sending.policy_of(services))
    said = {"status": answer.status, "took": answer.took, "said": answer.said, "body": body}
    return webhooks.note(services.store, made, state=DELIVERED if answer.good else FAILED, **said)


def _new_test(row: Webhook) -> Delivery:
    event = f"evt_{secrets.token_hex(16)}"
    return Delivery(
        webhook=row.id, event=event, source=webhooks.TEST, about=event, organization="", kind=TEST, at=now(),
        queued=now(), attempts=1, tried=now(), state=FAILED, said=sending.UNREACHABLE,
    )  # fmt: skip


def disable(actor: Actor, row: Webhook) -> None:
    """Send nothing for now; what happens meanwhile waits. Raises `Conflict` if it is suspended."""
    if row.state == SUSPENDED:
        raise Conflict(_suspended())
    with audited(actor, RIGHT, row.id, after={"deed": "disable", **_named(row)}):
        webhooks.change(actor.services.store, row, state=DISABLED, reason="")


def enable(actor: Actor, row: Webhook) -> None:
    """Send again, beginning with what waits. Raises `Conflict` if that is not what it needs."""
    if row.state not in {DISABLED, STOPPED}:
        raise Conflict(_suspended() if row.state == SUSPENDED else _("This webhook is on already."))
    with audited(actor, RIGHT, row.id, after={"deed": "enable", **_named(row)}):
        _begin_anew(actor, row)


def adopt(actor: Actor, row: Webhook) -> None:
    """Become the maker of a webhook whose own may have none any more. Raises `Conflict` for any other."""
    if row.state != SUSPENDED:
        raise Conflict(_("This webhook need not be adopted."))
    with audited(actor, RIGHT, row.id, after={"deed": "adopt", **_named(row)}):
        mine = {"maker": actor.sub, "maker_name": actor.label[:255], "locale": actor.locale, "checked": now()}
        _begin_anew(actor, row, **mine)


def _begin_anew(actor: Actor, row: Webhook, **values: object) -> None:
    fresh = {"state": ACTIVE, "reason": "", "attempts": 0, "failing_since": None, "due": now()}
    webhooks.change(actor.services.store, row, **fresh, **values)


def delete(actor: Actor, row: Webhook) -> None:
    """Delete it with everything that waits."""
    with audited(actor, RIGHT, row.id, {"deed": "delete", **_named(row)}):
        webhooks.remove(actor.services.store, row)


def skip(actor: Actor, row: Webhook) -> int:
    """Let go of what waits; returns how many."""
    with audited(actor, RIGHT, row.id, after={"deed": "skip", **_named(row)}) as record:
        record.after["count"] = count = webhooks.skip(actor.services.store, row)
    return count


def log(actor: Actor, row: Webhook, state: str, first: int, maximum: int) -> list[Delivery]:
    """Deliveries, the newest first."""
    return webhooks.log(actor.services.store, row.id, state, first, maximum)


def delivery(actor: Actor, row: Webhook, number: str) -> Delivery:
    """One delivery. Raises `NotFound`, also for what is no number."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound("no number")
    return webhooks.delivery(actor.services.store, row.id, int(number))


def replay(actor: Actor, row: Webhook, each: Delivery) -> int:
    """Send one once more, under its own id. Raises `Conflict` for what waits already, and for tests."""
    if each.source == webhooks.TEST or each.state == webhooks.WAITING:
        raise Conflict(_("This is still waiting to be sent, or was a test."))
    return _again(actor, row, Delivery.number == each.number)


def replay_since(actor: Actor, row: Webhook, at: datetime) -> int:
    """Send once more what happened since then, in the order of that time; returns how many."""
    return _again(actor, row, Delivery.at >= at)


def _again(actor: Actor, row: Webhook, which: ColumnElement[bool]) -> int:
    with audited(actor, RIGHT, row.id, after={"deed": "replay", **_named(row)}) as record:
        record.after["count"] = count = webhooks.again(actor.services.store, row, which)
    return count
