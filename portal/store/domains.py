"""Queries for the domains that organizations claim. Names are in ASCII, times naive UTC."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from portal.errors import Conflict
from portal.store import Store
from portal.store.leases import count
from portal.store.models_organizations import Domain

# Nobody has seen its record yet; the portal has, Keycloak not yet; both have; it is gone; it has been gone for long.
PENDING, PROVED, VERIFIED, FAILING, LAPSED = "pending", "proved", "verified", "failing", "lapsed"
HELD = (PROVED, VERIFIED, FAILING)


def of_organization(store: Store, realm: str, organization: str) -> list[Domain]:
    """All that an organization claims, by name."""
    query = select(Domain).where(Domain.realm == realm, Domain.organization == organization).order_by(Domain.name)
    with store.read() as session:
        return list(session.scalars(query))


def owners(store: Store, realm: str, names: Collection[str]) -> set[str]:
    """Organizations that claim one of these domains, whatever came of it."""
    query = select(Domain.organization).where(Domain.realm == realm, Domain.name.in_(list(names)))
    with store.read() as session:
        return set(session.scalars(query))


def get(store: Store, realm: str, organization: str, name: str) -> Domain | None:
    """One claim, None if there is none."""
    with store.read() as session:
        return session.get(Domain, (realm, organization, name))


def insert(store: Store, row: Domain) -> None:
    """Keep a new claim. Raises `Conflict` if it is there already."""
    try:
        with store.write() as session:
            session.add(row)
    except IntegrityError as error:
        raise Conflict from error


def change(store: Store, row: Domain, **values: Any) -> bool:
    """Set columns of a claim, of `row` as well; False if the claim is gone."""
    mine = update(Domain).where(Domain.realm == row.realm, Domain.organization == row.organization)
    with store.write() as session:
        done = count(session.execute(mine.where(Domain.name == row.name).values(**values))) == 1
    for key, value in values.items():
        setattr(row, key, value)
    return done


def remove(store: Store, realm: str, organization: str, name: str) -> None:
    """Forget a claim."""
    mine = delete(Domain).where(Domain.realm == realm, Domain.organization == organization)
    with store.write() as session:
        session.execute(mine.where(Domain.name == name))


def forget(store: Store, realm: str, organization: str) -> None:
    """Forget all claims of an organization that is gone."""
    with store.write() as session:
        session.execute(delete(Domain).where(Domain.realm == realm, Domain.organization == organization))


def due(store: Store, present: datetime, maximum: int) -> list[Domain]:
    """Claims whose record is to be looked up, those that wait longest first."""
    query = select(Domain).where(Domain.due <= present).order_by(Domain.due).limit(maximum)
    with store.read() as session:
        return list(session.scalars(query))


def holder(store: Store, realm: str, names: Collection[str], but: str) -> str:
    """An organization other than `but` that has proved one of these names; empty if there is none."""
    query = select(Domain.organization).where(Domain.realm == realm, Domain.name.in_(names), Domain.state.in_(HELD))
    with store.read() as session:
        return session.scalars(query.where(Domain.organization != but).limit(1)).first() or ""


def keys(store: Store, realm: str) -> set[tuple[str, str]]:
    """Organization and name of every claim in a realm."""
    query = select(Domain.organization, Domain.name).where(Domain.realm == realm)
    with store.read() as session:
        return {(row[0], row[1]) for row in session.execute(query)}
