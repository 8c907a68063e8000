"""Queries for the keys of programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.errors import Conflict
from portal.store import Store
from portal.store.leases import count
from portal.store.models_keys import ApiKey

USED_EVERY = timedelta(minutes=1)


def by_hash(store: Store, digest: str) -> ApiKey | None:
    """The key whose SHA-256 this is, in whichever realm and state."""
    with store.read() as session:
        return session.scalars(select(ApiKey).where(ApiKey.hash == digest)).first()


def get(store: Store, realm: str, key_id: str) -> ApiKey | None:
    """One key that is not revoked."""
    with store.read() as session:
        row = session.get(ApiKey, key_id)
    return row if row and row.realm == realm and row.revoked is None else None


def of_realm(store: Store, realm: str) -> list[ApiKey]:
    """All that are not revoked, newest first."""
    query = select(ApiKey).where(ApiKey.realm == realm, ApiKey.revoked.is_(None))
    with store.read() as session:
        return list(session.scalars(query.order_by(ApiKey.created.desc(), ApiKey.id)))


def insert(store: Store, row: ApiKey) -> None:
    """Keep a new key. Raises `Conflict` for an id that is there already."""
    try:
        with store.write() as session:
            session.add(row)
    except IntegrityError as error:
        raise Conflict from error


def change(store: Store, row: ApiKey, **values: Any) -> bool:
    """Set columns of a key that is not revoked, of `row` as well; False if it was revoked meanwhile."""
    mine = update(ApiKey).where(ApiKey.id == row.id, ApiKey.revoked.is_(None))
    with store.write() as session:
        done = count(session.execute(mine.values(**values))) == 1
    for name, value in values.items():
        setattr(row, name, value)
    return done


def used(store: Store, row: ApiKey, present: datetime) -> None:
    """Note the use, to the minute: not each request writes."""
    if row.last_used and present - row.last_used < USED_EVERY:
        return
    old = or_(ApiKey.last_used.is_(None), ApiKey.last_used < present)
    with store.write() as session:
        session.execute(update(ApiKey).where(ApiKey.id == row.id, old).values(last_used=present))
