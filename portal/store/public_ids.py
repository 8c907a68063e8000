"""Queries for the ids by which programs know domains and connections, and for what they say of organizations."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from portal.errors import Conflict
from portal.store import Store, inserting, now
from portal.store.models_keys import OrganizationRecord, PublicId

DOMAIN, CONNECTION = "domain", "connection"


def ids(
    store: Store, realm: str, kind: str, things: Collection[tuple[str, str]], make: Callable[[], str]
) -> dict[tuple[str, str], PublicId]:
    """The ids of things (organization, reference), made where there is none yet."""
    found = _known(store, realm, kind, things)
    if lacking := [thing for thing in things if thing not in found]:
        present = now()
        insert = inserting(store.engine.dialect.name)
        rows = [
            {"realm": realm, "id": make(), "kind": kind, "organization": one, "reference": two, "created": present}
            for one, two in lacking
        ]
        with store.write() as session:
            session.execute(insert(PublicId).values(rows).on_conflict_do_nothing())
        found = _known(store, realm, kind, things)
    return found


def _known(
    store: Store, realm: str, kind: str, things: Collection[tuple[str, str]]
) -> dict[tuple[str, str], PublicId]:  # fmt: skip
    organizations = {organization for organization, _reference in things}
    mine = select(PublicId).where(PublicId.realm == realm, PublicId.kind == kind)
    with store.read() as session:
        rows = session.scalars(mine.where(PublicId.organization.in_(organizations)))
        return {(row.organization, row.reference): row for row in rows if (row.organization, row.reference) in things}


def find(store: Store, realm: str, kind: str, public_id: str) -> PublicId | None:
    """What an id stands for."""
    with store.read() as session:
        row = session.get(PublicId, (realm, public_id))
    return row if row and row.kind == kind else None


def forget(store: Store, row: PublicId) -> None:
    """What it stood for is gone."""
    with store.write() as session:
        session.execute(delete(PublicId).where(PublicId.realm == row.realm, PublicId.id == row.id))


def records(store: Store, realm: str, organizations: Collection[str]) -> dict[str, OrganizationRecord]:
    """What is known of organizations, by id; of those not seen before from now on."""
    found = _records(store, realm)
    if lacking := [each for each in organizations if each not in found]:
        present = now()
        insert = inserting(store.engine.dialect.name)
        rows = [{"realm": realm, "organization": each, "created": present, "updated": present} for each in lacking]
        with store.write() as session:
            for first in range(0, len(rows), 200):
                session.execute(insert(OrganizationRecord).values(rows[first : first + 200]).on_conflict_do_nothing())
        found = _records(store, realm)
    return found


def _records(store: Store, realm: str) -> dict[str, OrganizationRecord]:
    with store.read() as session:
        rows = session.scalars(select(OrganizationRecord).where(OrganizationRecord.realm == realm))
        return {row.organization: row for row in rows}


def version(store: Store, realm: str) -> tuple[int, datetime | None]:
    """Something that changes with each of them."""
    mine = select(func.count(), func.max(OrganizationRecord.updated)).where(OrganizationRecord.realm == realm)
    with store.read() as session:
        count, newest = session.execute(mine).one()
    return int(count), newest


def record(store: Store, realm: str, organization: str) -> OrganizationRecord:
    """What is known of one organization."""
    with store.read() as session:
        row = session.get(OrganizationRecord, (realm, organization))
    return row or records(store, realm, [organization])[organization]


def by_external_id(store: Store, realm: str, external_id: str) -> str:
    """The organization that a program calls so; empty if there is none."""
    mine = select(OrganizationRecord.organization).where(OrganizationRecord.realm == realm)
    with store.read() as session:
        return session.scalars(mine.where(OrganizationRecord.external_id == external_id)).first() or ""


def change(store: Store, realm: str, organization: str, **values: Any) -> None:
    """Set what is known of an organization. Raises `Conflict` for an `external_id` that another one has."""
    record(store, realm, organization)
    mine = update(OrganizationRecord).where(OrganizationRecord.realm == realm)
    stamped: dict[str, datetime] = {"updated": now()}
    try:
        with store.write() as session:
            session.execute(mine.where(OrganizationRecord.organization == organization).values(**stamped, **values))
    except IntegrityError as error:
        raise Conflict from error


def gone(session: Any, realm: str, organization: str) -> None:
    """Forget all of an organization, within the transaction that forgets the rest."""
    for table in (PublicId, OrganizationRecord):
        session.execute(delete(table).where(table.realm == realm, table.organization == organization))
