"""Seal stored secrets anew with the newest key."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from portal.signin.sessions import OPERATOR, SECRETS
from portal.store import Store
from portal.store.models import SessionRow, SignInRow
from portal.store.models_organizations import Mail
from portal.store.models_sso import Setup, Trial
from portal.store.models_webhooks import Webhook
from portal.store.vault import Vault, VaultError

Row = SessionRow | SignInRow | Mail | Setup | Trial | Webhook

# Every place with sealed values: the table's key, and its sealed columns.
SEALED: tuple[tuple[InstrumentedAttribute[str], tuple[str, ...]], ...] = (
    (SessionRow.id, (*SECRETS, OPERATOR)),
    (SignInRow.state, ("secrets",)),
    (Mail.id, ("body",)),
    (Setup.id, ("secrets",)),
    (Trial.id, ("secrets", "report")),
    (Webhook.id, ("secret", "previous")),
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
        while rows := _Batch(key, columns, last).seal_anew(store, vault, result):
            last = str(getattr(rows[-1], key.key))
    return result


@dataclass(frozen=True)
class _Batch:
    """The rows of one table whose keys follow `after`."""

    key: InstrumentedAttribute[str]
    columns: tuple[str, ...]
    after: str

    def seal_anew(self, store: Store, vault: Vault, result: Rotated) -> list[Row]:
        """One transaction; returns the rows it looked at."""
        some = select(self.key.class_).where(self.key > self.after).order_by(self.key).limit(BATCH)
        with store.write() as session:
            rows: list[Row] = list(session.scalars(some.with_for_update()))
            for row in rows:
                try:
                    result.sealed += self._row(row, vault)
                except VaultError:
                    session.refresh(row)
                    result.unreadable += 1
        return rows

    def _row(self, row: Row, vault: Vault) -> bool:
        """Whether something had to be sealed anew."""
        old = {name: getattr(row, name) for name in self.columns if getattr(row, name)}
        if all(vault.is_newest(sealed) for sealed in old.values()):
            return False
        for name, sealed in old.items():
            place = (row.realm, row.__tablename__, name, str(getattr(row, self.key.key)))
            setattr(row, name, vault.seal(vault.open(sealed, *place), *place))
        return True
