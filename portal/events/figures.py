"""Figures about events for Prometheus, counted in the database: the worker that notices them answers no requests."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from portal.store import Store, now
from portal.store.models_organizations import EventCursor, EventRow


class _Events(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """By realm: changes by service clients that the portal has no record of, and how long ago its log was read."""
        begun = select(func.min(EventCursor.since)).where(EventCursor.realm == EventRow.realm).scalar_subquery()
        alarming = select(EventRow.realm, func.count()).where(
            EventRow.actor == "service", EventRow.record == "", EventRow.at >= begun
        )
        read = select(EventCursor.realm, func.min(EventCursor.polled)).group_by(EventCursor.realm)
        with self._store.read() as session:
            changes = {str(realm): int(count) for realm, count in session.execute(alarming.group_by(EventRow.realm))}
            polled = {str(realm): at for realm, at in session.execute(read)}
        unexplained = GaugeMetricFamily(
            "portal_unexplained_changes", "Changes by service clients of the portal without a record", labels=["realm"]
        )
        behind = GaugeMetricFamily("portal_events_behind_seconds", "Since the log was last read", labels=["realm"])
        for realm, at in sorted(polled.items()):
            unexplained.add_metric([realm], changes.get(realm, 0))
            behind.add_metric([realm], max(0.0, (now() - at).total_seconds()))
        yield unexplained
        yield behind


def exposition(store: Store) -> bytes:
    """The figures as text."""
    registry = CollectorRegistry()
    registry.register(_Events(store))
    return generate_latest(registry)
