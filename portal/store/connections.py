"""Queries for connections to identity providers, as the portal knows them beyond Keycloak. Times are naive UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from portal.errors import Conflict, NotFound
from portal.store import Store
from portal.store.leases import count
from portal.store.models_organizations import EventRow
from portal.store.models_sso import Connection, RoleRule, SsoPolicy, Trial

# Being saved: what is found in this state long after was broken off, and is taken away.
SAVING = "saving"
DRAFT, ACTIVE, DISABLED = "draft", "active", "disabled"


def of_organization(store: Store, realm: str, organization: str) -> list[Connection]:
    """All of an organization, the oldest first."""
    mine = select(Connection).where(Connection.realm == realm, Connection.organization == organization)
    with store.read() as session:
        return list(session.scalars(mine.order_by(Connection.created)))


def of_realm(store: Store, realm: str) -> list[Connection]:
    """All of a realm."""
    with store.read() as session:
        return list(session.scalars(select(Connection).where(Connection.realm == realm)))


def at(store: Store, realm: str, alias: str) -> Connection | None:
    """One of a realm, whosesoever it is."""
    with store.read() as session:
        return session.get(Connection, (realm, alias))


def find(store: Store, realm: str, organization: str, alias: str) -> Connection | None:
    """One of an organization; None also where the alias is another's."""
    row = at(store, realm, alias)
    return row if row is not None and row.organization == organization else None


def get(store: Store, realm: str, organization: str, alias: str) -> Connection:
    """One of an organization. Raises `NotFound`."""
    row = find(store, realm, organization, alias)
    if row is None:
        raise NotFound("no connection of the portal's")
    return row


def insert(store: Store, row: Connection) -> None:
    """Keep a new one. Raises `Conflict` if the alias is taken."""
    try:
        with store.write() as session:
            session.add(row)
    except IntegrityError as error:
        raise Conflict from error


def change(store: Store, row: Connection, **values: Any) -> bool:
    """Set columns, of `row` as well; False if it is gone."""
    mine = update(Connection).where(Connection.realm == row.realm, Connection.alias == row.alias)
    with store.write() as session:
        done = count(session.execute(mine.values(**values))) == 1
    for key, value in values.items():
        setattr(row, key, value)
    return done


def remove(store: Store, row: Connection) -> None:
    """Forget one, with its tests and rules."""
    with store.write() as session:
        for table in (Trial, RoleRule, Connection):
            session.execute(delete(table).where(table.realm == row.realm, table.alias == row.alias))


def broken_off(store: Store, before: datetime) -> list[Connection]:
    """Those whose saving began before this moment and never ended."""
    with store.read() as session:
        return list(session.scalars(select(Connection).where(Connection.state == SAVING, Connection.created < before)))


def last_sign_in(store: Store, row: Connection) -> datetime | None:
    """When somebody last came in by it, as far as events are kept."""
    mine = select(EventRow.at).where(
        EventRow.realm == row.realm, EventRow.organization == row.organization, EventRow.kind == "LOGIN",
        EventRow.details["identity_provider"].as_string() == row.alias,
    )  # fmt: skip
    with store.read() as session:
        return session.scalars(mine.order_by(EventRow.at.desc()).limit(1)).first()


def tested_now(store: Store, row: Connection, present: datetime) -> bool:
    """Whether somebody is about to test it."""
    mine = select(Trial.id).where(
        Trial.realm == row.realm, Trial.alias == row.alias, Trial.state.in_(("waiting", "opened")),
        Trial.expires > present,
    )  # fmt: skip
    with store.read() as session:
        return session.scalars(mine.limit(1)).first() is not None


def policy(store: Store, realm: str, organization: str) -> SsoPolicy:
    """What an organization and its operator decided; a row that is not kept yet where they decided nothing."""
    with store.read() as session:
        found = session.get(SsoPolicy, (realm, organization))
    return found or SsoPolicy(
        realm=realm, organization=organization, several=False, managed=False, enforced=False, rescue="", rescue_name=""
    )
