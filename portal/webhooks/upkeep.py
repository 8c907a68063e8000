"""What comes round: records that were never finished, makers who lost their right, secrets past their overlap."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select, update

from portal.errors import PortalError
from portal.jobs.periodic import register
from portal.services import Services
from portal.store import now, webhooks
from portal.store.models import AuditRow
from portal.store.models_webhooks import Webhook
from portal.store.webhooks import ACTIVE, SUSPENDED
from portal.webhooks import letters, makers
from portal.webhooks.news import of_record

log = structlog.get_logger("portal.webhooks")
EVERY = 300
# A deed that was begun this long ago was cut off: it is told as not certain.
CUT_OFF, LOOK_BACK = timedelta(hours=1), timedelta(days=2)


def tell_cut_off(services: Services) -> int:
    """Queue the records of deeds whose process ended in the middle; returns how many deliveries that made."""
    present = now()
    lost = select(AuditRow).where(
        AuditRow.state == "begun", AuditRow.at >= present - LOOK_BACK, AuditRow.at <= present - CUT_OFF
    )
    with services.store.write() as session:
        rows = list(session.scalars(lost))
        realms = {row.realm for row in rows}
        return sum(
            webhooks.put(session, realm, [of_record(row) for row in rows if row.realm == realm]) for realm in realms
        )


def look_at_makers(services: Services) -> int:
    """Suspend the webhooks of those who may have none any more; returns how many."""
    return sum(_suspended(services, row) for row in webhooks.every(services.store) if row.state == ACTIVE)


def _suspended(services: Services, row: Webhook) -> int:
    if row.realm not in services.settings.realms:
        return 0
    try:
        if makers.still_allowed(services, row):
            return 0
        makers.end(services, row, SUSPENDED, letters.MAKER)
    except PortalError as error:
        log.info("maker not looked at", webhook=row.id, error=type(error).__name__)
        return 0
    return 1


def forget_secrets(services: Services) -> None:
    """Take away earlier secrets that no longer sign."""
    over = update(Webhook).where(Webhook.previous_until <= now())
    with services.store.write() as session:
        session.execute(over.values(previous=None, previous_until=None))


def look_after(services: Services) -> int:
    """All of it; returns how much there was to do."""
    forget_secrets(services)
    return tell_cut_off(services) + look_at_makers(services)


register("webhooks", EVERY, look_after)
