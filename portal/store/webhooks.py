"""The outbox of the webhooks: events are put in together with what they tell of, and taken out in that order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from portal.errors import NotFound
from portal.store import Store, now
from portal.store.leases import count
from portal.store.models_webhooks import Delivery, Webhook

ACTIVE, DISABLED, STOPPED, SUSPENDED = "active", "disabled", "stopped", "suspended"
WAITING, DELIVERED, SKIPPED, FAILED = "waiting", "delivered", "skipped", "failed"
STATES = (WAITING, DELIVERED, SKIPPED, FAILED)
RECORD, EVENT, TEST = "record", "event", "test"
# Why something was left out: nothing is kept of it, the filters let it through no more, somebody said so.
GONE, FILTERED, LEFT_OUT = "gone", "filtered", "skipped"
_AT_ONCE = 400


@dataclass(frozen=True)
class News:
    """Something that happened, before it is known whom it is sent to. `at` is when, naive UTC.

    `told` says that webhooks for the whole realm hear of the same deed by a record of the portal.
    """

    source: str
    about: str
    kind: str
    group: str
    at: datetime
    organization: str = ""
    told: bool = False

    @property
    def id(self) -> str:
        """The same for the same thing, however often it is sent."""
        text = "|".join((self.source, self.about, self.organization if self.source == EVENT else ""))
        return f"evt_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def put(session: Session, realm: str, news: Sequence[News]) -> int:
    """Within the transaction that stores what happened: queue it for the webhooks that want it; returns how many.

    The rows of the webhooks are locked, so that numbers become visible in their order.
    """
    if not news:
        return 0
    mine = select(Webhook).where(Webhook.realm == realm).order_by(Webhook.id).with_for_update()
    return sum(_queued(session, row, [each for each in news if wanted(row, each)]) for row in session.scalars(mine))


def wanted(row: Webhook, news: News) -> bool:
    """Whether a webhook is to be told of this."""
    if news.told and not row.organizations:
        return False
    return fits(row, news.kind, news.group, news.organization) and news.at >= row.created - timedelta(seconds=1)


def fits(row: Webhook, kind: str, group: str, organization: str) -> bool:
    """Whether the filters of a webhook let this through."""
    if row.organizations and organization not in row.organizations:
        return False
    return not row.groups or bool({kind, group} & set(row.groups))


def _queued(session: Session, row: Webhook, news: list[News]) -> int:
    known = _known(session, row.id, [each.id for each in news])
    fresh = list({each.id: each for each in news if each.id not in known}.values())
    for number, each in enumerate(fresh, row.last + 1):
        session.add(
            Delivery(
                webhook=row.id, number=number, event=each.id, source=each.source, about=each.about,
                organization=each.organization, kind=each.kind, at=each.at, queued=now(), state=WAITING,
            )
        )  # fmt: skip
    row.last += len(fresh)
    return len(fresh)


def _known(session: Session, webhook: str, events: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(events), _AT_ONCE):
        some = Delivery.event.in_(events[start : start + _AT_ONCE])
        found |= set(session.scalars(select(Delivery.event).where(Delivery.webhook == webhook, some)))
    return found


def of_realm(store: Store, realm: str) -> list[Webhook]:
    """All webhooks of a realm, the oldest first."""
    with store.read() as session:
        return list(session.scalars(select(Webhook).where(Webhook.realm == realm).order_by(Webhook.created)))


def get(store: Store, realm: str, webhook: str) -> Webhook:
    """One of the realm's webhooks. Raises `NotFound`."""
    with store.read() as session:
        row = session.get(Webhook, webhook)
    if row is None or row.realm != realm:
        raise NotFound("no such webhook")
    return row


def change(store: Store, row: Webhook, **values: Any) -> None:
    """Set columns. Raises `NotFound` if it was deleted meanwhile."""
    with store.write() as session:
        if count(session.execute(update(Webhook).where(Webhook.id == row.id).values(**values))) != 1:
            raise NotFound("no such webhook")


def rotate(store: Store, row: Webhook, secret: bytes, previous: bytes | None, until: datetime) -> bool:
    """Set a new secret beside the last one. False if somebody else did so at the same moment."""
    same = update(Webhook).where(Webhook.id == row.id, Webhook.secret == row.secret)
    with store.write() as session:
        return count(session.execute(same.values(secret=secret, previous=previous, previous_until=until))) == 1


def remove(store: Store, row: Webhook) -> None:
    """Delete a webhook with everything that was or was to be sent."""
    with store.write() as session:
        session.execute(delete(Delivery).where(Delivery.webhook == row.id))
        session.execute(delete(Webhook).where(Webhook.id == row.id))


def counts(store: Store, webhooks: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many deliveries of each webhook are in each state."""
    query = select(Delivery.webhook, Delivery.state, func.count()).where(Delivery.webhook.in_(list(webhooks)))
    found: dict[str, dict[str, int]] = {}
    with store.read() as session:
        for webhook, state, number in session.execute(query.group_by(Delivery.webhook, Delivery.state)):
            found.setdefault(str(webhook), {})[str(state)] = int(number)
    return found


def log(store: Store, webhook: str, state: str, first: int, maximum: int) -> list[Delivery]:
    """Deliveries of a webhook, the newest first, of one state only if one is named."""
    mine = select(Delivery).where(Delivery.webhook == webhook)
    if state:
        mine = mine.where(Delivery.state == state)
    with store.read() as session:
        return list(session.scalars(mine.order_by(Delivery.number.desc()).offset(first).limit(maximum)))


def delivery(store: Store, webhook: str, number: int) -> Delivery:
    """One delivery. Raises `NotFound`."""
    with store.read() as session:
        row = session.get(Delivery, (webhook, number))
    if row is None:
        raise NotFound("no such delivery")
    return row


def again(store: Store, webhook: Webhook, which: ColumnElement[bool]) -> int:
    """Put what was sent or skipped back into the queue, to be sent now; returns how many. Tests are left out."""
    ended = (Delivery.webhook == webhook.id, Delivery.state.in_((DELIVERED, SKIPPED)), Delivery.source != TEST, which)
    with store.write() as session:
        done = count(session.execute(update(Delivery).where(*ended).values(state=WAITING, attempts=0)))
        session.execute(_hurried(webhook))
    return done


def skip(store: Store, webhook: Webhook) -> int:
    """Let go of what waits; returns how many."""
    waiting = update(Delivery).where(Delivery.webhook == webhook.id, Delivery.state == WAITING)
    with store.write() as session:
        done = count(session.execute(waiting.values(state=SKIPPED, said=LEFT_OUT)))
        session.execute(_hurried(webhook))
    return done


def _hurried(webhook: Webhook) -> Any:
    return update(Webhook).where(Webhook.id == webhook.id).values(due=now(), attempts=0, failing_since=None)


def number(store: Store, webhook: Webhook, made: Delivery) -> None:
    """Store a delivery that is no event of the outbox, a test, under the next number. Raises `NotFound`."""
    with store.write() as session:
        row = session.scalars(select(Webhook).where(Webhook.id == webhook.id).with_for_update()).first()
        if row is None:
            raise NotFound("no such webhook")
        row.last = made.number = row.last + 1
        session.add(made)


def note(store: Store, made: Delivery, **values: Any) -> Delivery:
    """Write down what came of it; returns it as it is then."""
    mine = update(Delivery).where(Delivery.webhook == made.webhook, Delivery.number == made.number)
    with store.write() as session:
        session.execute(mine.values(**values))
    return delivery(store, made.webhook, made.number)


def every(store: Store) -> Iterator[Webhook]:
    """The webhooks of all realms."""
    with store.read() as session:
        yield from list(session.scalars(select(Webhook)))
