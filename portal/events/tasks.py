"""What workers do for events: read Keycloak's log, realm by realm."""

from __future__ import annotations

import time

import structlog

from portal.access import BY_NAME, switched_off
from portal.errors import PortalError
from portal.events.poller import poll
from portal.jobs.periodic import register
from portal.services import Services

EVERY = 5
# Seconds until a realm is read again in which nothing happened, or that could not be read: twice as long each time, up
# to the last. A server with very many realms is not asked about each of them every five seconds. Where nobody can look
# at events, since the realm has them switched off, its log is read as seldom as may be and no moment is lost by that.
FIRST_REST, QUIET_REST, LONGEST_REST = 5.0, 20.0, 60.0

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
            longest = _longest_rest(services, realm, poll(services, realm))
        except PortalError as error:
            longest = LONGEST_REST
            if rest < LONGEST_REST:  # told until it is only tried now and then
                log.warning("not read", realm=realm, error=type(error).__name__, reason=str(error))
        longer = min(rest * 2, longest)
        _resting[key] = (time.monotonic() + longer, max(longer, FIRST_REST / 2))


def _longest_rest(services: Services, realm: str, added: int) -> float:
    if switched_off(dict(services.realms.peek(realm, LONGEST_REST).attributes)) & set(BY_NAME["events.view"].sections):
        return LONGEST_REST
    return 0.0 if added else QUIET_REST


register("events", EVERY, poll_all)
