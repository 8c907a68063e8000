"""Seal stored secrets anew with the newest key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.signin.sessions import SECRETS
from portal.store import Store
from portal.store.models import SessionRow, SignInRow
from portal.store.vault import Vault, VaultError

Row = SessionRow | SignInRow

# Every place with sealed values: the table's key, and its sealed columns.
SEALED: tuple[tuple[InstrumentedAttribute[str], tuple[str, ...]], ...] = (
    (SessionRow.id, SECRETS),
    (SignInRow.state, ("secrets",)),
)
# Rows of one transaction: short enough that a person's refresh never waits for it noticeably.
BATCH = 100


@dataclass
class Rotated:
    """How many rows were sealed anew, and how many no key opens."""

    sealed: int = 0
    unreadable: int = 0


def rotate(store: Store, vault: Vault) -> Rotated:
    """Go through all rows in order of their keys. Can be interrupted and repeated at any time."""
    result = Rotated()
    for key, columns in SEALED:
        last = ""
        while keys := _batch(store, vault, key, columns, last, result):
            last = keys[-1]
    return result


def _batch(
    store: Store, vault: Vault, key: InstrumentedAttribute[str], columns: tuple[str, ...], after: str, result: Rotated
) -> list[str]:
    query = select(key.class_).where(key > after).order_by(key).limit(BATCH).with_for_update()
    with store.write() as session:
        rows: list[Row] = list(session.scalars(query))
        _seal_anew(rows, key.key, columns, vault, session, result)
    return [getattr(row, key.key) for row in rows]


def _seal_anew(
    rows: Iterable[Row], key: str, columns: tuple[str, ...], vault: Vault, session: Session, result: Rotated
) -> None:
    for row in rows:
        old = {name: getattr(row, name) for name in columns if getattr(row, name)}
        if all(vault.is_newest(sealed) for sealed in old.values()):
            continue
        try:
            for name, sealed in old.items():
                place = (row.realm, row.__tablename__, name, getattr(row, key))
                setattr(row, name, vault.seal(vault.open(sealed, *place), *place))
            result.sealed += 1
        except VaultError:
            session.refresh(row)
            result.unreadable += 1
