"""Queries for test sign-ins. Times are naive UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from portal.store import Store
from portal.store.leases import count
from portal.store.models_sso import Connection, Setup, Trial
from portal.store.setups import SAVED


def insert(store: Store, row: Trial) -> None:
    """Keep a new one."""
    with store.write() as session:
        session.add(row)


def by_token(store: Store, realm: str, token: str) -> Trial | None:
    """The one whose address holds the token of this SHA-256."""
    with store.read() as session:
        return session.scalars(select(Trial).where(Trial.token == token, Trial.realm == realm)).one_or_none()


def by_id(store: Store, realm: str, trial_id: str) -> Trial | None:
    """One of this realm."""
    with store.read() as session:
        row = session.get(Trial, trial_id)
    return row if row is not None and row.realm == realm else None


def of_connection(store: Store, realm: str, alias: str, maximum: int) -> list[Trial]:
    """Those of a connection, newest first."""
    query = select(Trial).where(Trial.realm == realm, Trial.alias == alias).order_by(Trial.created.desc())
    with store.read() as session:
        return list(session.scalars(query.limit(maximum)))


def beside(store: Store, row: Trial, late: timedelta) -> list[Trial]:
    """Other tests of the same connection that were opened in its time; each may go on for `late` past its end."""
    if row.opened is None:
        return []
    mine = select(Trial).where(
        Trial.realm == row.realm, Trial.alias == row.alias, Trial.id != row.id, Trial.opened.is_not(None),
        Trial.expires > row.opened - late, Trial.opened < row.expires + late,
    )  # fmt: skip
    with store.read() as session:
        return list(session.scalars(mine))


def change(store: Store, row: Trial, *states: str, **values: Any) -> bool:
    """Set columns, of `row` as well; with `states` only if it is in one of them. Whether it was done."""
    mine = update(Trial).where(Trial.id == row.id)
    mine = mine.where(Trial.state.in_(states)) if states else mine
    with store.write() as session:
        done = count(session.execute(mine.values(**values))) == 1
    for key, value in values.items() if done else ():
        setattr(row, key, value)
    return done


def to_clean(store: Store, ended: datetime, maximum: int) -> list[Trial]:
    """Opened ones of which something may be left at Keycloak: finished, or past their time since `ended`."""
    over = (Trial.finished.is_not(None)) | (Trial.expires <= ended)
    query = select(Trial).where(Trial.opened.is_not(None), Trial.cleaned.is_(None), over)
    with store.read() as session:
        return list(session.scalars(query.order_by(Trial.opened).limit(maximum)))


def connection(store: Store, realm: str, alias: str) -> Connection | None:
    """What the portal knows of a connection."""
    with store.read() as session:
        return session.get(Connection, (realm, alias))


def tested(store: Store, realm: str, alias: str, at: datetime) -> None:
    """Note that a test of the present configuration passed. The secret lives in Keycloak alone from now on."""
    mine = update(Connection).where(Connection.realm == realm, Connection.alias == alias)
    made = update(Setup).where(Setup.realm == realm, Setup.alias == alias, Setup.state == SAVED)
    with store.write() as session:
        session.execute(mine.values(tested=at))
        session.execute(made.values(secrets=None))


def forget_secrets(store: Store, before: datetime) -> int:
    """Forget the secrets of set-ups that were saved long ago and never tested; returns of how many."""
    old = update(Setup).where(Setup.state == SAVED, Setup.secrets.is_not(None), Setup.changed < before)
    with store.write() as session:
        return count(session.execute(old.values(secrets=None)))


def setup(store: Store, realm: str, alias: str) -> Setup | None:
    """The latest set-up that made a connection."""
    query = select(Setup).where(Setup.realm == realm, Setup.alias == alias).order_by(Setup.changed.desc())
    with store.read() as session:
        return session.scalars(query.limit(1)).one_or_none()
