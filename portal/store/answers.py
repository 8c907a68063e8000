"""Queries for requests with an idempotency key, and what they were answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from portal.store import Store, now
from portal.store.leases import count
from portal.store.models_keys import Answered

BEGUN, DONE, UNKNOWN = "begun", "done", "unknown"
KEPT = timedelta(hours=24)
# No request takes so long.
LONGEST = timedelta(minutes=10)


def begin(store: Store, key: str, digest: str, request: str) -> Answered | None:
    """Note a request; None, or the earlier one of the same idempotency key.

    One that was begun long ago and never answered is `UNKNOWN`: its process ended in the middle.
    """
    while True:
        try:
            with store.write() as session:
                session.execute(delete(Answered).where(Answered.key == key, Answered.begun < now() - KEPT))
                session.add(Answered(key=key, hash=digest, request=request, state=BEGUN, body=None, begun=now()))
            return None
        except IntegrityError:
            with store.read() as session:
                earlier = session.get(Answered, (key, digest))
        if earlier is not None:
            lost = earlier.state == BEGUN and earlier.begun < now() - LONGEST
            earlier.state = UNKNOWN if lost else earlier.state
            return earlier
        # Nothing came of the earlier one, and it was forgotten in between: this one is the first.


def finish(store: Store, key: str, digest: str, **values: Any) -> bool:
    """Keep what was answered."""
    mine = update(Answered).where(Answered.key == key, Answered.hash == digest)
    with store.write() as session:
        return count(session.execute(mine.values(**values))) == 1


def forget(store: Store, key: str, digest: str) -> None:
    """Nothing came of it: the next of the same key may try."""
    with store.write() as session:
        session.execute(delete(Answered).where(Answered.key == key, Answered.hash == digest))
