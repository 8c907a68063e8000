"""Queries for rules that turn what an identity provider says into roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from portal.store import Store
from portal.store.models_sso import RoleRule, SsoPolicy


def of_connection(store: Store, realm: str, alias: str) -> list[RoleRule]:
    """All of a connection, the oldest first."""
    query = select(RoleRule).where(RoleRule.realm == realm, RoleRule.alias == alias).order_by(RoleRule.created)
    with store.read() as session:
        return list(session.scalars(query))


def of_organization(store: Store, realm: str, organization: str) -> list[RoleRule]:
    """All of an organization's connections."""
    query = select(RoleRule).where(RoleRule.realm == realm, RoleRule.organization == organization)
    with store.read() as session:
        return list(session.scalars(query))


def due(store: Store, before: datetime, maximum: int) -> list[RoleRule]:
    """Those whose authors were not looked at since, the longest waiting first."""
    old = (RoleRule.looked.is_(None)) | (RoleRule.looked < before)
    with store.read() as session:
        return list(session.scalars(select(RoleRule).where(old).order_by(RoleRule.looked).limit(maximum)))


def orphaned(store: Store, realm: str, maximum: int) -> list[RoleRule]:
    """Those of a realm whose author may no longer give the role, the oldest first."""
    mine = select(RoleRule).where(RoleRule.realm == realm, RoleRule.orphaned.is_not(None))
    with store.read() as session:
        return list(session.scalars(mine.order_by(RoleRule.orphaned).limit(maximum)))


def change(store: Store, row: RoleRule, **values: Any) -> None:
    """Set columns, of `row` as well."""
    with store.write() as session:
        session.execute(update(RoleRule).where(RoleRule.id == row.id).values(**values))
    for key, value in values.items():
        setattr(row, key, value)


def insert(store: Store, row: RoleRule) -> None:
    """Keep a new one."""
    with store.write() as session:
        session.add(row)


def remove(store: Store, rule_id: str) -> None:
    """Forget one."""
    with store.write() as session:
        session.execute(delete(RoleRule).where(RoleRule.id == rule_id))


def decide(store: Store, realm: str, organization: str, **values: Any) -> None:
    """Set what an organization decided about single sign-on."""
    with store.write() as session:
        row = session.get(SsoPolicy, (realm, organization))
        if row is None:
            row = SsoPolicy(realm=realm, organization=organization)
            session.add(row)
        for key, value in values.items():
            setattr(row, key, value)
