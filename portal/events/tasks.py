"""What workers do for events: read Keycloak's log, realm by realm."""

from __future__ import annotations

import time

import structlog

from portal.errors import PortalError
from portal.events.poller import poll
from portal.jobs.periodic import register
from portal.services import Services

EVERY = 5
# Seconds until a realm that could not be read is tried again: twice as long each time, up to the last.
FIRST_REST, LONGEST_REST = 5.0, 60.0

log = structlog.get_logger("portal.events")
_resting: dict[tuple[str, str], tuple[float, float]] = {}


def poll_all(services: Services) -> None:
    """Read the log of every realm. What fails in one realm is told in the log and does not stop the others."""
    for realm in services.settings.realms:
        key = (services.store.url, realm)
        until, rest = _resting.get(key, (0.0, FIRST_REST / 2))
        if time.monotonic() < until:
            continue
        try:
            poll(services, realm)
            _resting.pop(key, None)
        except PortalError as error:
            longer = min(rest * 2, LONGEST_REST)
            _resting[key] = (time.monotonic() + longer, longer)
            log.warning("not read", realm=realm, error=type(error).__name__, reason=str(error))


register("events", EVERY, poll_all)
