"""Queries for rules that turn what an identity provider says into roles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

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
