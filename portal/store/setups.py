"""Queries for wizards under way. Times are naive UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from portal.store import Store, now
from portal.store.leases import count
from portal.store.models_sso import Setup

OPEN, SAVED, DROPPED = "open", "saved", "dropped"


def of_organization(store: Store, realm: str, organization: str) -> list[Setup]:
    """Those that somebody has begun and not finished, the latest touched first."""
    query = select(Setup).where(Setup.realm == realm, Setup.organization == organization, Setup.state == OPEN)
    with store.read() as session:
        return list(session.scalars(query.order_by(Setup.changed.desc())))


def get(store: Store, realm: str, organization: str, setup_id: str) -> Setup | None:
    """One of this organization, whatever its state; None for any other."""
    with store.read() as session:
        found = session.get(Setup, setup_id)
    return found if found and (found.realm, found.organization) == (realm, organization) else None


def of_alias(store: Store, realm: str, alias: str) -> Setup | None:
    """The wizard that made this connection."""
    query = select(Setup).where(Setup.realm == realm, Setup.alias == alias)
    with store.read() as session:
        return session.scalars(query).first()


def insert(store: Store, row: Setup) -> None:
    """Keep a new one."""
    with store.write() as session:
        session.add(row)


def change(store: Store, row: Setup, **values: Any) -> bool:
    """Set columns if nobody has changed the row since it was read; False otherwise. `row` follows."""
    values["changed"] = now()
    unchanged = update(Setup).where(Setup.id == row.id, Setup.changed == row.changed)
    with store.write() as session:
        done = count(session.execute(unchanged.values(**values))) == 1
    for key, value in values.items() if done else ():
        setattr(row, key, value)
    return done
