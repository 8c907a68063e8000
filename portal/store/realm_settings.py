"""Queries about the settings of a realm: their version, and who changed what."""

from __future__ import annotations

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from portal.store import Store, now
from portal.store.models_settings import SettingsChange, SettingsVersion


def version(store: Store, realm: str) -> int:
    """How often the portal has written this realm's settings."""
    with store.read() as transaction:
        row = transaction.get(SettingsVersion, realm)
    return row.version if row else 0


def raise_version(transaction: Session, realm: str) -> None:
    """Count one write: every worker reads the settings anew before its next page."""
    row = transaction.get(SettingsVersion, realm, with_for_update=True)
    if row is None:
        transaction.add(SettingsVersion(realm=realm, version=1))
    else:
        row.version += 1


def keep(store: Store, change: SettingsChange) -> None:
    """Add a save to the history, and tell every worker."""
    with store.write() as transaction:
        transaction.add(change)
        raise_version(transaction, change.realm)


def history(store: Store, realm: str, first: int, maximum: int) -> list[SettingsChange]:
    """Saves, newest first."""
    rows = select(SettingsChange).where(SettingsChange.realm == realm).order_by(SettingsChange.at.desc())
    with store.read() as transaction:
        return list(transaction.scalars(rows.offset(first).limit(maximum)))


def change(store: Store, realm: str, change_id: str) -> SettingsChange | None:
    """One save."""
    with store.read() as transaction:
        row = transaction.get(SettingsChange, change_id)
    return row if row is not None and row.realm == realm else None


def mark_undone(store: Store, change_id: str) -> bool:
    """Mark a save as taken back. False for whoever comes second."""
    mine = update(SettingsChange).where(SettingsChange.id == change_id, SettingsChange.undone.is_(None))
    with store.write() as transaction:
        done = transaction.execute(mine.values(undone=now()))
    return isinstance(done, CursorResult) and done.rowcount == 1
