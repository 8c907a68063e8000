"""The last examination of each realm, for all processes. Times are naive UTC."""

from __future__ import annotations

from sqlalchemy import delete

from portal.store import Store
from portal.store.models_health import HealthReport


def last(store: Store, realm: str, locale: str) -> HealthReport | None:
    """The last one in a language, however old."""
    with store.read() as session:
        return session.get(HealthReport, (realm, locale))


def keep(store: Store, row: HealthReport) -> None:
    """Put it in the place of the last one."""
    with store.write() as session:
        session.merge(row)


def forget(store: Store, realm: str) -> None:
    """Something was mended: nobody is shown any more what was found before."""
    with store.write() as session:
        session.execute(delete(HealthReport).where(HealthReport.realm == realm))
