"""Webhooks without a Keycloak: rows made by hand, events put in, couriers that take them out."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hook_double import Receiver
from sqlalchemy import func, select, update

from portal.audit.records import AuditRow
from portal.services import Services
from portal.store import now, webhooks
from portal.store.models_webhooks import Delivery, Webhook
from portal.webhooks import courier, signing
from portal.webhooks.news import of_record
from portal.webhooks.turns import deliver


def make(services: Services, url: str, **values: Any) -> Webhook:
    """A webhook of realm demo whose maker was looked at just now. `key` is its secret."""
    made, key = uuid.uuid4().hex, values.pop("key", signing.new_secret())
    day = timedelta(days=1)
    row = Webhook(
        **{
            "id": made, "realm": "demo", "name": "Orders", "url": url, "contact": "ops@tests.test", "state": "active",
            "maker": str(uuid.uuid4()), "created": now() - 40 * day, "checked": now() + 9 * day, "due": now(),
            "organizations": {},
                        "groups": [], "last": 0, "secret": signing.sealed(services, "demo", made, key), **values,
        }
    )  # fmt: skip
    with services.store.write() as session:
        session.add(row)
    return row


def happen(services: Services, count: int, tag: str = "settings.save", **values: Any) -> list[str]:
    """So many records of the audit, each in the outbox in the same transaction; their ids."""
    made = []
    for _ in range(count):
        row = AuditRow(
            **{
                "id": uuid.uuid4().hex, "at": now(), "finished": now(), "realm": "demo", "tag": tag, "sub": "rita",
                "principal": {"kind": "person"}, "state": "done", "before": {}, "after": {"area": "sections"},
                "organization": None, "target": "", **values,
            }
        )  # fmt: skip
        with services.store.write() as session:
            session.add(row)
            webhooks.put(session, "demo", [of_record(row)])
        made.append(row.id)
    return made


def column(services: Services, hook: Webhook, name: str) -> list[Any]:
    """One column of all deliveries of a webhook, in their order."""
    query = select(getattr(Delivery, name)).where(Delivery.webhook == hook.id).order_by(Delivery.number)
    with services.store.read() as session:
        return list(session.scalars(query))


def until_idle(services: Services, receiver: Receiver, turns: int = 50) -> None:
    """Let workers come until nothing waits, however long they would rest in between."""
    for _ in range(turns):
        with services.store.write() as session:
            session.execute(update(Webhook).values(due=now(), lease_until=0.0))
        if not deliver(services, receiver.policy):
            return


def row_of(services: Services, hook: Webhook) -> Webhook:
    """The webhook as it is now."""
    return webhooks.get(services.store, "demo", hook.id)


@dataclass(frozen=True)
class Figures:
    """What came of many events: `lost` never arrived, `doubled` arrived more than once, `misplaced` out of order."""

    events: int
    requests: int
    lost: int
    doubled: int
    misplaced: int
    seconds: float


def measure(services: Services, receiver: Receiver, events: int, hooks: int, couriers: int) -> Figures:
    """`events` spread over `hooks` webhooks with the same receiver, taken out by `couriers`."""
    rows = [make(services, f"{receiver.url}&hook={number}") for number in range(hooks)]
    happen(services, events // hooks)
    ended, began = threading.Event(), time.monotonic()
    running = [courier.Courier(services, ended) for _ in range(couriers)]
    for each in running:
        each._policy = receiver.policy
        each.start()
    while _waiting(services, rows):
        ended.wait(0.1)
    ended.set()
    for each in running:
        each.join()
    return _figures(services, receiver, rows, time.monotonic() - began)


def _waiting(services: Services, rows: list[Webhook]) -> int:
    mine = Delivery.webhook.in_([row.id for row in rows])
    with services.store.read() as session:
        query = select(func.count()).select_from(Delivery).where(mine, Delivery.state == webhooks.WAITING)
        return session.scalar(query) or 0


def _figures(services: Services, receiver: Receiver, rows: list[Webhook], seconds: float) -> Figures:
    wanted = lost = doubled = misplaced = 0
    for number, row in enumerate(rows):
        sent = column(services, row, "event")
        arrived = [each.id for each in receiver.taken if each.path.endswith(f"&hook={number}")]
        counted = Counter(arrived)
        wanted += len(sent)
        lost += len(set(sent) - set(arrived))
        doubled += sum(1 for times in counted.values() if times > 1)
        misplaced += list(dict.fromkeys(arrived)) != sent
    return Figures(wanted, len(receiver.got), lost, doubled, misplaced, seconds)
