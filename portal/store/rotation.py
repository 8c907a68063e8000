"""Seal stored secrets anew with the newest key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.signin.sessions import SECRETS
from portal.store import Store
from portal.store.models import SessionRow
from portal.store.vault import Vault, VaultError

# Rows of one transaction: short enough that a person's refresh never waits for it noticeably.
BATCH = 100


@dataclass
class Rotated:
    """How many rows were sealed anew, and how many no key opens."""

    sealed: int = 0
    unreadable: int = 0


def rotate(store: Store, vault: Vault) -> Rotated:
    """Go through all sessions in order of their ids. Can be interrupted and repeated at any time."""
    result, last = Rotated(), ""
    while rows := _batch(store, vault, last, result):
        last = rows[-1]
    return result


def _batch(store: Store, vault: Vault, after: str, result: Rotated) -> list[str]:
    query = select(SessionRow).where(SessionRow.id > after).order_by(SessionRow.id).limit(BATCH).with_for_update()
    with store.write() as session:
        rows = list(session.scalars(query))
        _seal_anew(rows, vault, session, result)
    return [row.id for row in rows]


def _seal_anew(rows: Iterable[SessionRow], vault: Vault, session: Session, result: Rotated) -> None:
    for row in rows:
        old = {name: getattr(row, name) for name in SECRETS if getattr(row, name)}
        if all(vault.is_newest(sealed) for sealed in old.values()):
            continue
        try:
            for name, sealed in old.items():
                place = (row.realm, "session", name, row.id)
                setattr(row, name, vault.seal(vault.open(sealed, *place), *place))
            result.sealed += 1
        except VaultError:
            session.refresh(row)
            result.unreadable += 1
