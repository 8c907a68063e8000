"""Locks between processes and machines: rows taken by compare-and-set, free again when their time is over.

A holder that died keeps nobody out for longer than the lease's seconds. Machines that share a database must agree
on the time to within a second or two.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import CursorResult, Result, delete, update

from portal.errors import Conflict
from portal.store import Store, inserting
from portal.store.models_work import Lease

# Seconds between two looks at a lease that somebody else holds.
LOOK_EVERY = 0.05


def try_lease(store: Store, name: str, seconds: float = 30) -> str:
    """Take the lease `name`; the holder's token, or an empty string while somebody else has it."""
    holder, present = secrets.token_hex(16), time.time()
    insert = inserting(store.engine.dialect.name)
    taken = insert(Lease).values(name=name, holder=holder, until=present + seconds)
    over = taken.on_conflict_do_update(
        index_elements=[Lease.name], set_={"holder": holder, "until": present + seconds}, where=Lease.until <= present
    )
    with store.write() as session:
        done = session.execute(over.returning(Lease.holder)).first()
    return holder if done else ""


def renew(store: Store, name: str, holder: str, seconds: float = 30) -> bool:
    """Hold the lease for `seconds` from now. False if it was lost: the work must not go on."""
    mine = update(Lease).where(Lease.name == name, Lease.holder == holder)
    with store.write() as session:
        return count(session.execute(mine.values(until=time.time() + seconds))) == 1


def release(store: Store, name: str, holder: str) -> None:
    """Give the lease back. Does nothing if it was lost."""
    with store.write() as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))


@contextmanager
def lease(store: Store, name: str, seconds: float = 30, wait: float = 5) -> Iterator[str]:
    """Hold the lease for the block, at most `seconds`; yields the holder's token, with which it can be renewed.

    Raises `Conflict` if somebody else still has it after `wait` seconds.
    """
    deadline = time.monotonic() + wait
    while not (holder := try_lease(store, name, seconds)):
        if time.monotonic() >= deadline:
            raise Conflict
        time.sleep(LOOK_EVERY)
    try:
        yield holder
    finally:
        release(store, name, holder)


def count(result: Result[object]) -> int:
    """How many rows a statement touched."""
    return result.rowcount if isinstance(result, CursorResult) else 0
