"""Queries for fetched logos and favicons, and the lease that lets one process fetch an address at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.store import Store, now
from portal.store.models import Image

TRY_AGAIN = timedelta(minutes=10)
KEPT = timedelta(days=2)
_LEASE = "lease-"


@dataclass(frozen=True)
class StoredImage:
    """A checked picture. `key` is a hash over source and content, so its address never changes its meaning."""

    key: str
    content_type: str
    body: bytes


def image(store: Store, realm: str, key: str) -> StoredImage | None:
    """The picture with this key, None if there is none."""
    if key.startswith(_LEASE):
        return None
    with store.read() as session:
        row = session.get(Image, (realm, key))
    return StoredImage(row.key, row.content_type, row.body) if row else None


def key_of(store: Store, realm: str, source: str) -> tuple[str, datetime] | None:
    """The key of the newest picture fetched from `source` and when it was fetched."""
    query = (
        select(Image.key, Image.fetched_at)
        .where(Image.realm == realm, Image.source_url == source, ~Image.key.startswith(_LEASE))
        .order_by(Image.fetched_at.desc())
        .limit(1)
    )
    with store.read() as session:
        row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def claim(store: Store, realm: str, source: str) -> bool:
    """Take the right to fetch `source` now. False while another process has it, or within ten minutes of a try."""
    key, present = _lease_key(source), now()
    with store.read() as session:
        row = session.get(Image, (realm, key))
    if row and row.failed_at and row.failed_at >= present - TRY_AGAIN:
        return False
    free = or_(Image.failed_at.is_(None), Image.failed_at < present - TRY_AGAIN)
    take = update(Image).where(Image.realm == realm, Image.key == key, free).values(failed_at=present)
    with store.write() as session:
        result = session.execute(take)
        if isinstance(result, CursorResult) and result.rowcount == 1:
            return True
    return row is None and _first(store, realm, source, present)


def _first(store: Store, realm: str, source: str, present: datetime) -> bool:
    row = Image(
        realm=realm, key=_lease_key(source), source_url=source, content_type="", body=b"", fetched_at=present,
        failed_at=present,
    )  # fmt: skip
    try:
        with store.write() as session:
            session.add(row)
    except IntegrityError:
        return False
    return True


def keep(store: Store, realm: str, source: str, content_type: str, body: bytes) -> str:
    """Store a fetched picture, give the lease back, and return the key. Yesterday's picture of the source goes."""
    key, present = hashlib.sha256(source.encode() + b"\0" + body).hexdigest(), now()
    row = Image(
        realm=realm, key=key, source_url=source, content_type=content_type, body=body, fetched_at=present,
        failed_at=None,
    )  # fmt: skip
    of_source = (Image.realm == realm, Image.source_url == source)
    old = or_(Image.key == _lease_key(source), Image.fetched_at < present - KEPT)
    with store.write() as session:
        session.merge(row)
        session.flush()
        session.execute(delete(Image).where(*of_source, old))
    return key


def _lease_key(source: str) -> str:
    return _LEASE + hashlib.sha256(source.encode()).hexdigest()[:58]
