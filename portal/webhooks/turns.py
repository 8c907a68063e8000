"""Takes events out of the outbox: each webhook's in their order, one at a time, several webhooks side by side.

A webhook is held by a lease while it is its turn. Whatever was not noted as delivered is sent again, so a worker
that is killed at any point loses nothing, and a receiver may see an event twice, under the same id.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.clients.outbound import Policy
from portal.errors import NotFound, PortalError
from portal.services import Services
from portal.store import now
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.vault import VaultError
from portal.store.webhooks import ACTIVE, DELIVERED, FILTERED, GONE, SKIPPED, STOPPED, SUSPENDED, WAITING, fits
from portal.webhooks import bodies, letters, makers, sending, signing
from portal.webhooks.kinds import group_of
from portal.webhooks.sending import Answer

log = structlog.get_logger("portal.webhooks")
# A turn ends after so many events or seconds, so that none keeps the others waiting.
ROWS, SECONDS, LEASE = 50, 5.0, 30.0
# The first wait after a failure, in seconds; each further one is four times as long, up to six hours. By chance it is
# up to a quarter longer, so that those who failed together do not come back together.
FIRST_WAIT, LONGEST_WAIT, GIVE_UP = 0.5, 6 * 3600.0, timedelta(days=1)
RIGHT_AGE, ASK_AGAIN = timedelta(seconds=60), timedelta(seconds=15)
# What was delivered and could not be noted would be sent again.
NOTING = 4
# SQLite has one writer at a time: these threads shall not keep those from it who answer people.
_one_writer = threading.Lock()


def deliver(services: Services, policy: Policy | None = None, ended: threading.Event | None = None) -> bool:
    """One turn of the webhook that has waited longest. False if nothing is due."""
    row = taken(services)
    if row is None:
        return False
    Turn(services, row, policy or sending.policy_of(services), ended or threading.Event()).run()
    return True


def taken(services: Services) -> Webhook | None:
    """A webhook with something to send, held for this caller."""
    waits = exists().where(Delivery.webhook == Webhook.id, Delivery.state == WAITING)
    free = and_(Webhook.state == ACTIVE, Webhook.due <= now(), Webhook.lease_until <= time.time(), waits)
    query = select(Webhook).where(free).order_by(Webhook.lease_until, Webhook.id).limit(1)
    with services.store.read() as session:
        if session.scalars(query).first() is None:
            return None
    with _writing(services) as session:
        row = session.scalars(query.with_for_update(skip_locked=True)).first()
        if row:
            row.lease, row.lease_until = secrets.token_hex(16), time.time() + LEASE
    return row


def wait_after(attempts: int) -> float:
    """Seconds until the next attempt after so many that failed."""
    return min(FIRST_WAIT * 4.0 ** min(attempts - 1, 20), LONGEST_WAIT) * random.uniform(1, 1.25)  # noqa: S311


@contextmanager
def _writing(services: Services) -> Iterator[Session]:
    alone = _one_writer if services.store.engine.dialect.name == "sqlite" else nullcontext()
    with alone, services.store.write() as session:
        yield session


@dataclass
class Turn:
    """The turn of one webhook."""

    services: Services
    row: Webhook
    policy: Policy
    ended: threading.Event

    def run(self) -> None:
        """Ask for the maker's right, send what waits until something fails, give the webhook back."""
        try:
            if self._allowed():
                self._all()
        except NotFound:
            log.info("webhook deleted meanwhile", webhook=self.row.id)
        finally:
            mine = update(Webhook).where(Webhook.id == self.row.id, Webhook.lease == self.row.lease)
            with _writing(self.services) as session:
                session.execute(mine.values(lease="", lease_until=time.time()))

    def _allowed(self) -> bool:
        if now() - self.row.checked < RIGHT_AGE:
            return True
        try:
            allowed = makers.still_allowed(self.services, self.row)
        except PortalError as error:
            return self._later("maker cannot be asked for", error)
        if not allowed:
            makers.end(self.services, self.row, SUSPENDED, letters.MAKER)
        else:
            self._set(checked=now())
        return allowed

    def _later(self, told: str, error: Exception) -> bool:
        """Nobody said no: it waits until somebody can be asked."""
        log.warning(told, webhook=self.row.id, error=type(error).__name__)
        self._set(due=now() + ASK_AGAIN)
        return False

    def _all(self) -> None:
        deadline = time.monotonic() + SECONDS
        waiting = select(Delivery).where(Delivery.webhook == self.row.id, Delivery.state == WAITING)
        with self.services.store.read() as session:
            some = list(session.scalars(waiting.order_by(Delivery.number).limit(ROWS)))
        for each in some:
            if self.ended.is_set() or time.monotonic() > deadline or not self._begin() or not self._one(each):
                return

    def _begin(self) -> bool:
        """Hold the webhook for one more attempt, as it is now. False if it is somebody else's or off."""
        mine = (Webhook.id == self.row.id, Webhook.lease == self.row.lease, Webhook.state == ACTIVE)
        if self.row.lease_until - time.time() < LEASE / 2:
            with _writing(self.services) as session:
                session.execute(update(Webhook).where(*mine).values(lease_until=time.time() + LEASE))
        with self.services.store.read() as session:
            found = session.scalars(select(Webhook).where(*mine)).first()
        self.row = found or self.row
        return found is not None and found.lease_until > time.time()

    def _one(self, each: Delivery) -> bool:
        """Send one event; whether the next may follow."""
        if not fits(self.row, each.kind, group_of(each.kind), each.organization):
            return self._leave_out(each, FILTERED)
        try:
            if not each.body and not self._made(each):
                return self._leave_out(each, GONE)
            answer = sending.send(self.services, self.row, each.event, each.body, self.policy)
        except VaultError:
            makers.end(self.services, self.row, STOPPED, letters.UNREADABLE)
            return False
        except PortalError as error:
            return self._later("event cannot be told", error)
        self._note(each, answer)
        if not answer.good:
            self._failed(answer)
        return answer.good

    def _made(self, each: Delivery) -> bool:
        """Make the body, which is kept with the first outcome so that every attempt sends the same. False if there is
        nothing left to tell."""
        message = bodies.message(self.services, self.row, each)
        each.body = signing.as_body(message) if message is not None else ""
        return message is not None

    def _leave_out(self, each: Delivery, why: str) -> bool:
        """Not this one; the next may follow."""
        with _writing(self.services) as session:
            session.execute(update(Delivery).where(*_same(each)).values(state=SKIPPED, said=why))
        return True

    def _note(self, each: Delivery, answer: Answer) -> None:
        """What came of it. A delivered one counts as such even if the webhook was lost meanwhile."""
        values = {
            "attempts": each.attempts + 1, "tried": now(), "status": answer.status, "took": answer.took,
            "said": answer.said, "state": DELIVERED if answer.good else WAITING, "body": each.body,
        }  # fmt: skip
        for left in reversed(range(NOTING)):
            try:
                with _writing(self.services) as session:
                    session.execute(update(Delivery).where(*_same(each)).values(values))
                    if answer.good and self.row.attempts:
                        well = update(Webhook).where(Webhook.id == self.row.id)
                        session.execute(well.values(attempts=0, failing_since=None))
                return
            except OperationalError:
                if not left:
                    raise

    def _failed(self, answer: Answer) -> None:
        attempts, since = self.row.attempts + 1, self.row.failing_since or now()
        wait = max(wait_after(attempts), answer.wait)
        self._set(attempts=attempts, failing_since=since, due=now() + timedelta(seconds=wait))
        log.info("webhook failed", webhook=self.row.id, status=answer.status, attempt=attempts)
        if answer.gone:
            makers.end(self.services, self.row, STOPPED, letters.GONE)
        elif now() - since >= GIVE_UP:
            makers.end(self.services, self.row, STOPPED, letters.FAILING)

    def _set(self, **values: object) -> None:
        mine = update(Webhook).where(Webhook.id == self.row.id, Webhook.lease == self.row.lease)
        with _writing(self.services) as session:
            session.execute(mine.values(values))


def _same(each: Delivery) -> tuple[ColumnElement[bool], ...]:
    return (Delivery.webhook == each.webhook, Delivery.number == each.number, Delivery.state == WAITING)
