"""Which of Keycloak's records tell of a deed that the portal recorded itself, and is shown from its own record.

Keycloak names the account behind the token, not the session: a change is the portal's if a record of the audit has the
same actor (any, where one of the portal's service clients acted), the same organization, a tag that can cause such a
change, the same target where it names one, and was under way at that moment, give or take what clocks differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.events.projecting import Draft
from portal.store.models import AuditRow

SKEW = timedelta(seconds=5)
# How long a deed may take that was begun and never completed in the audit.
LONGEST = timedelta(minutes=5)
CAUSES: dict[str, tuple[str, ...]] = {
    "ORGANIZATION": ("organization.", "organizations.", "domains.", "sso."),
    "ORGANIZATION_MEMBERSHIP": ("members.", "invitations.", "organization.", "organizations."),
    "ORGANIZATION_ROLE": ("roles.", "organization."),
    "ORGANIZATION_ROLE_MAPPING": ("roles.", "members.", "invitations.", "organization.", "organizations."),
    "INVITATION": ("invitations.", "members.", "organization."),
    "DOMAIN": ("domains.",),
    "IDENTITY_PROVIDER": ("sso.", "connections.", "organization."),
    "IDENTITY_PROVIDER_MAPPER": ("sso.", "connections.", "organization."),
    "USER": ("accounts.", "account.", "members.", "invitations.", "sso."),
    "USER_SESSION": ("accounts.", "sso."),
}


def load(session: Session, realm: str, drafts: Collection[Draft]) -> list[AuditRow]:
    """The audit's records from the time of these changes."""
    if not drafts:
        return []
    first, last = min(each.at for each in drafts), max(each.at for each in drafts)
    rows = select(AuditRow).where(
        AuditRow.realm == realm, AuditRow.at >= first - LONGEST - SKEW, AuditRow.at <= last + SKEW
    )
    return list(session.scalars(rows.order_by(AuditRow.at)))


def record_of(draft: Draft, rows: Iterable[AuditRow], services: Collection[str]) -> str:
    """The id of the record that tells of this change, or an empty string."""
    return next((row.id for row in rows if _tells(row, draft, draft.actor in services)), "")


def _tells(row: AuditRow, draft: Draft, service: bool) -> bool:
    return (
        row.tag.startswith(CAUSES.get(draft.kind.partition(".")[0], ("-",)))
        and (service or row.sub == draft.actor)
        and _same_place(row, draft)
        and _same_target(row.target, draft)
        and _under_way(row, draft.at)
    )


def _same_place(row: AuditRow, draft: Draft) -> bool:
    # A record about no organization may be of somebody who acts from outside, as when one is created.
    return not row.organization or not draft.organization or row.organization == draft.organization


def _same_target(target: str, draft: Draft) -> bool:
    looks_like_id = len(target) == 36 and target.count("-") == 4
    return not looks_like_id or not draft.person or target in {draft.person, draft.organization}


def _under_way(row: AuditRow, at: datetime) -> bool:
    return row.at - SKEW <= at <= (row.finished or row.at + LONGEST) + SKEW
