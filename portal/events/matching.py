"""Which of Keycloak's records tell of a deed that the portal recorded itself, and is shown from its own record.

Keycloak names the account behind the token, not the session: a change is the portal's if a record of the audit has the
same actor (any, where one of the portal's service clients acted), the same organization, a tag that can cause such a
change, the same target where it names one, and was under way at that moment, give or take what clocks differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

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


@dataclass(frozen=True, slots=True)
class _Record:
    id: str
    actor: str
    place: str
    target: str
    begun: datetime
    ended: datetime


class Records:
    """What the audit holds of the time of some changes, by the first word of its tags."""

    def __init__(self, rows: Iterable[AuditRow]) -> None:
        self._by_cause: dict[str, list[_Record]] = defaultdict(list)
        for row in rows:
            self._by_cause[f"{row.tag.partition('.')[0]}."].append(_record(row))

    def of(self, draft: Draft, services: Collection[str]) -> str:
        """The id of the first record that tells of this change, or an empty string."""
        found: list[_Record] = []
        for cause in CAUSES.get(draft.kind.partition(".")[0], ()):
            told = (each for each in self._by_cause.get(cause, ()) if _tells(each, draft, services))
            found += islice(told, 1)
        return min(found, key=lambda each: each.begun).id if found else ""


def load(session: Session, realm: str, drafts: Collection[Draft]) -> Records:
    """The audit's records from the time of these changes."""
    if not drafts:
        return Records(())
    first, last = min(each.at for each in drafts), max(each.at for each in drafts)
    rows = select(AuditRow).where(
        AuditRow.realm == realm, AuditRow.at >= first - LONGEST - SKEW, AuditRow.at <= last + SKEW
    )
    return Records(session.scalars(rows.order_by(AuditRow.at)))


def _record(row: AuditRow) -> _Record:
    ended = (row.finished or row.at + LONGEST) + SKEW
    # Only an id says what was meant; other targets are names.
    target = row.target if len(row.target) == 36 and row.target.count("-") == 4 else ""
    return _Record(row.id, row.sub, row.organization or "", target, row.at - SKEW, ended)


def _tells(record: _Record, draft: Draft, services: Collection[str]) -> bool:
    # A record about no organization may be of somebody who acts from outside, as when one is created.
    return (
        record.begun <= draft.at <= record.ended
        and (record.actor == draft.actor or draft.actor in services)
        and (not record.place or not draft.organization or record.place == draft.organization)
        and (not record.target or not draft.person or record.target in {draft.person, draft.organization})
    )
