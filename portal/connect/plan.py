"""The whole plan: every change a realm still needs, by class."""

from __future__ import annotations

from collections.abc import Collection

from portal.connect import origins, plan_clients, plan_flows, plan_settings
from portal.connect.changes import Change, Level
from portal.connect.found import Found
from portal.connect.wanted import Target


def plan(found: Found, target: Target, levels: Collection[Level] = tuple(Level)) -> list[Change]:
    """Changes of the given classes, in an order in which they can be done. Empty: the realm is ready."""
    changes = [
        *plan_clients.plan(found, target),
        *plan_flows.plan(found),
        *plan_settings.plan(found),
        *origins.plan(found, target),
    ]
    return [change for change in changes if change.level in levels]
