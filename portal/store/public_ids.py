"""Queries for the ids by which programs know domains and connections, and for what they say of organizations."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from portal.errors import Conflict
from portal.store import Store, inserting, now
from portal.store.models_keys import OrganizationRecord, PublicId

DOMAIN, CONNECTION = "domain", "connection"
# Up to so many are asked for by name, more by reading all of the realm.
FEW = 200


def ids(
    store: Store, realm: str, kind: str, things: Collection[tuple[str, str]], make: Callable[[], str]
) -> dict[tuple[str, str], PublicId]:
    """The ids of things (organization, reference), made where there is none yet."""
    if not things:
        return {}
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
    found = _records(store, realm, organizations)
    if lacking := [each for each in organizations if each not in found]:
        present = now()
        insert = inserting(store.engine.dialect.name)
        rows = [{"realm": realm, "organization": each, "created": present, "updated": present} for each in lacking]
        with store.write() as session:
            for first in range(0, len(rows), 200):
                session.execute(insert(OrganizationRecord).values(rows[first : first + 200]).on_conflict_do_nothing())
        found = _records(store, realm, organizations)
    return found


def _records(store: Store, realm: str, organizations: Collection[str]) -> dict[str, OrganizationRecord]:
    mine = select(OrganizationRecord).where(OrganizationRecord.realm == realm)
    if len(organizations) <= FEW:
        mine = mine.where(OrganizationRecord.organization.in_(organizations))
    with store.read() as session:
        return {row.organization: row for row in session.scalars(mine)}


def known(store: Store, realm: str) -> list[str]:
    """The ids of all organizations that something is known of."""
    with store.read() as session:
        return list(session.scalars(select(OrganizationRecord.organization).where(OrganizationRecord.realm == realm)))


def beside(
    store: Store, realm: str, cursor: OrganizationRecord | None, maximum: int, *, newest_first: bool
) -> list[OrganizationRecord]:
    """So many records by the time of making, beginning behind `cursor` if there is one."""
    place = tuple_(OrganizationRecord.created, OrganizationRecord.organization)
    mine = select(OrganizationRecord).where(OrganizationRecord.realm == realm)
    if cursor is not None:
        at = (cursor.created, cursor.organization)
        mine = mine.where(place < at if newest_first else place > at)
    parts = (OrganizationRecord.created, OrganizationRecord.organization)
    order = [part.desc() if newest_first else part.asc() for part in parts]
    with store.read() as session:
        return list(session.scalars(mine.order_by(*order).limit(maximum)))


def found(store: Store, realm: str, organization: str) -> OrganizationRecord | None:
    """What is known of one, if it is known at all."""
    with store.read() as session:
        return session.get(OrganizationRecord, (realm, organization))


def version(store: Store, realm: str) -> tuple[int, datetime | None]:
    """Something that changes with each of them."""
    mine = select(func.count(), func.max(OrganizationRecord.updated)).where(OrganizationRecord.realm == realm)
    with store.read() as session:
        count, newest = session.execute(mine).one()
    return int(count), newest


def record(store: Store, realm: str, organization: str) -> OrganizationRecord:
    """What is known of one organization."""
    return found(store, realm, organization) or records(store, realm, [organization])[organization]


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


def drop(store: Store, realm: str, organization: str, before: datetime) -> None:
    """Forget all of an organization that is gone, unless something was said of it since `before`."""
    with store.write() as session:
        row = session.get(OrganizationRecord, (realm, organization))
        if row is not None and row.updated < before:
            gone(session, realm, organization)
