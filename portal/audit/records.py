"""Writing and reading audit rows."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CursorResult, select, update

from portal.actor import Actor
from portal.audit.fields import FIELDS
from portal.errors import NotFound, Upstream
from portal.store import now, webhooks
from portal.store.models import AuditRow
from portal.webhooks.news import of_record

BEGUN, DONE, FAILED, UNKNOWN, UNDONE = "begun", "done", "failed", "unknown", "undone"


class Record:
    """A row under way. `after` may be filled while the work goes on."""

    def __init__(self, actor: Actor, tag: str, target: str, before: Mapping[str, Any]) -> None:
        self.tag = tag
        self.after: dict[str, Any] = {}
        self._actor = actor
        self._row = AuditRow(
            id=uuid.uuid4().hex, at=now(), realm=actor.realm.name, tag=tag, principal=actor.principal(), sub=actor.sub,
            organization=actor.organization.id if actor.organization else None, target=target[:255],
            state=BEGUN, before=_allowed(tag, before), after={}, ip_address=actor.ip_address,
            request_id=actor.request_id,
        )  # fmt: skip

    @property
    def id(self) -> str:
        """The row's key."""
        return str(self._row.id)

    def begin(self) -> None:
        """Commit the row. What cannot be recorded is not done: errors of the database pass through."""
        with self._actor.services.store.write() as transaction:
            transaction.add(self._row)

    def finish(self, state: str) -> None:
        """Complete the row."""
        row = update(AuditRow).where(AuditRow.id == self._row.id)
        with self._actor.services.store.write() as transaction:
            transaction.execute(row.values(state=state, finished=now(), after=_allowed(self.tag, self.after)))
            webhooks.put(transaction, self._row.realm, [of_record(self._row)])


def _allowed(tag: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in FIELDS[tag]}


@contextmanager
def audited(
    actor: Actor,
    tag: str,
    target: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Iterator[Record]:
    """Around upstream writes: begun before, then done, failed, or unknown when the answer was lost."""
    record = Record(actor, tag, target, before or {})
    record.after.update(after or {})
    record.begin()
    try:
        yield record
    except Upstream as error:
        record.finish(UNKNOWN if error.unknown else FAILED)
        raise
    except Exception:
        record.finish(FAILED)
        raise
    record.finish(DONE)


def note(
    actor: Actor,
    tag: str,
    target: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a change that was seen after the person made it at Keycloak; the portal wrote nothing itself."""
    with audited(actor, tag, target, before, after):
        pass


def of_person(actor: Actor, first: int = 0, maximum: int = 100, tags: Collection[str] = ()) -> list[AuditRow]:
    """The actor's own rows, newest first, of these tags only if some are named. Times are naive UTC."""
    mine = select(AuditRow).where(AuditRow.realm == actor.realm.name, AuditRow.sub == actor.sub)
    if tags:
        mine = mine.where(AuditRow.tag.in_(tags))
    with actor.services.store.read() as transaction:
        return list(transaction.scalars(mine.order_by(AuditRow.at.desc()).offset(first).limit(maximum)))


def own(actor: Actor, record_id: str, tag: str) -> AuditRow:
    """One of the actor's own finished rows. Raises `NotFound`: also for one that was undone."""
    with actor.services.store.read() as transaction:
        row = transaction.get(AuditRow, record_id)
    if row is None or (row.realm, row.sub, row.tag, row.state) != (actor.realm.name, actor.sub, tag, DONE):
        raise NotFound("no such record")
    return row


def last_record(actor: Actor, sub: str, tag: str) -> AuditRow | None:
    """The latest finished row of this tag that somebody left in the organization of the request."""
    rows = select(AuditRow).where(
        AuditRow.realm == actor.realm.name, AuditRow.organization == actor.here.id, AuditRow.sub == sub,
        AuditRow.tag == tag, AuditRow.state == DONE,
    )  # fmt: skip
    with actor.services.store.read() as transaction:
        return transaction.scalars(rows.order_by(AuditRow.at.desc()).limit(1)).first()


def take_back(actor: Actor, row: AuditRow) -> None:
    """Mark a row as undone. Raises `NotFound` for whoever comes second."""
    mine = update(AuditRow).where(AuditRow.id == row.id, AuditRow.state == DONE)
    with actor.services.store.write() as transaction:
        done = transaction.execute(mine.values(state=UNDONE))
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise NotFound("undone already")
