"""How far organizations are set up, as the portal itself knows: for a page of them at once. Times are naive UTC."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from portal.store import Store, now
from portal.store.connections import SAVING
from portal.store.models_links import SetupLink
from portal.store.models_organizations import Domain, EventRow
from portal.store.models_sso import Connection


@dataclass
class SetupState:
    """What the portal knows of one organization. `connections` are their states, `link` its active setup link."""

    domains: dict[str, str] = field(default_factory=dict)
    connections: list[str] = field(default_factory=list)
    attention: bool = False
    last_event: datetime | None = None
    link: SetupLink | None = None


def of(store: Store, realm: str, organizations: Collection[str]) -> dict[str, SetupState]:
    """The states of these organizations, by id: four queries, however many they are."""
    found = {each: SetupState() for each in organizations}
    if not found:
        return found
    with store.read() as session:
        for domain in session.scalars(_rows(Domain, realm, found)):
            found[domain.organization].domains[domain.name] = domain.state
        for connection in session.scalars(_rows(Connection, realm, found).where(Connection.state != SAVING)):
            state = found[connection.organization]
            state.connections.append(connection.state)
            state.attention = state.attention or bool(connection.attention)
        last = select(EventRow.organization, func.max(EventRow.at)).where(
            EventRow.realm == realm, EventRow.organization.in_(found)
        )
        for organization, at in session.execute(last.group_by(EventRow.organization)):
            found[organization].last_event = at
        open_ones = _rows(SetupLink, realm, found).where(
            SetupLink.kind == "operator", SetupLink.parent == "", SetupLink.ended.is_(None), SetupLink.expires > now()
        )
        for link in session.scalars(open_ones):
            found[link.organization].link = link
    return found


def _rows(table: Any, realm: str, organizations: Iterable[str]) -> Select[Any]:
    return select(table).where(table.realm == realm, table.organization.in_(list(organizations)))
