"""What the audit and the projection of Keycloak's events have to tell, as the outbox takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.models import AuditRow
from portal.store.models_organizations import EventRow
from portal.store.webhooks import EVENT, RECORD, News
from portal.webhooks.kinds import group_of

# Keycloak tells of these too when somebody does them in the portal: by its event, the beginnings of the portal's tags.
TWICE: dict[str, tuple[str, ...]] = {
    "UPDATE_PROFILE": ("profile.",),
    "UPDATE_EMAIL": ("profile.",),
    "UPDATE_CREDENTIAL": ("security.",),
    "REMOVE_CREDENTIAL": ("security.",),
    "FEDERATED_IDENTITY_LINK": ("linked.",),
    "REMOVE_FEDERATED_IDENTITY": ("linked.",),
    "REVOKE_GRANT": ("applications.",),
    "LOGOUT": ("session.", "devices."),
    "DELETE_ACCOUNT": ("account.",),
}
SKEW = timedelta(seconds=5)


def of_record(row: AuditRow) -> News:
    """A finished record of the audit."""
    return News(RECORD, row.id, row.tag, group_of(row.tag), row.at, row.organization or "")


def of_events(session: Session, rows: Sequence[EventRow]) -> list[News]:
    """Events that pages show: those of an organization that no record of the portal tells in their place."""
    shown = [row for row in rows if row.organization and not row.record]
    return [
        News(EVENT, row.id, row.kind, group_of(row.kind), row.at, row.organization, told=_told(session, row))
        for row in shown
    ]


def _told(session: Session, row: EventRow) -> bool:
    """Whether the person did this in the portal, whose own record says so and names no organization."""
    if row.actor or row.kind not in TWICE:
        return False
    near = (AuditRow.at >= row.at - timedelta(minutes=1), AuditRow.at <= row.at + SKEW)
    mine = select(AuditRow).where(AuditRow.realm == row.realm, AuditRow.sub == row.person, *near)
    return any(
        record.tag.startswith(TWICE[row.kind]) and (record.finished or row.at) >= row.at - SKEW
        for record in session.scalars(mine)
    )
