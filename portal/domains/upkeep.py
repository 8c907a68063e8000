"""What the portal does about domains by itself: looking records up again, and taking over what Keycloak knows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from portal.access import grant
from portal.access_grant import system
from portal.actor import Actor, portal_itself
from portal.clients.dns import Diagnosis
from portal.clients.orgs_types import Organization
from portal.domains import looks, proving
from portal.domains.actions import claim_of
from portal.domains.schedule import HOURLY, OFTEN
from portal.errors import Conflict, NotFound, PortalError
from portal.jobs.periodic import register
from portal.services import Services
from portal.settings import Realm
from portal.store import domains, now
from portal.store.domains import VERIFIED
from portal.store.models_organizations import Domain

log = structlog.get_logger("portal.domains")
# Looks at a time, of five seconds at most. No more begin after `TURN` seconds: mails and jobs wait meanwhile.
AT_ONCE, TURN = 16, 10.0
# Seconds from one turn to the next.
RECHECK, SWEEP = 15, 3600


def recheck(services: Services) -> int:
    """Look up the records that are due, some at a time; returns how many. What is left waits for the next turn."""
    total, until = 0, time.monotonic() + TURN
    while time.monotonic() < until:
        done = _some(services)
        total += done
        if done < AT_ONCE:
            break
    return total


def _some(services: Services) -> int:
    rows = domains.due(services.store, now(), AT_ONCE)
    # Put off first: a record that brings a worker down shall not be the first thing the next one meets.
    for row in rows:
        domains.change(services.store, row, due=now() + OFTEN)
    again(services, [row for row in rows if row.realm in services.settings.realms])
    return len(rows)


def again(services: Services, rows: Sequence[Domain]) -> None:
    """Look all these records up at the same time, and carry out what was seen of one after the other."""
    if not rows:
        return
    with ThreadPoolExecutor(AT_ONCE, "domains") as threads:
        found = list(threads.map(lambda row: _look(services, row), rows))
    for row, diagnosis in zip(rows, found, strict=True):
        if diagnosis is not None:
            _follow(services, row, diagnosis)


def _actor(services: Services, row: Domain) -> Actor:
    return portal_itself(services, services.realm(row.realm), Organization(row.organization, ""))


def _look(services: Services, row: Domain) -> Diagnosis | None:
    try:
        return looks.diagnose(_actor(services, row), row.name)
    except Exception as error:  # whatever a name server sends, the others' domains get their turn
        log.exception("look failed", exc_info=error, realm=row.realm, domain=row.name)
        return None


def _follow(services: Services, row: Domain, diagnosis: Diagnosis) -> None:
    try:
        looks.follow(_actor(services, row), row, diagnosis, asked=False)
    except PortalError as error:
        kind = type(error).__name__
        log.warning("domain left for later", realm=row.realm, domain=row.name, error=kind, reason=str(error))


def sweep(services: Services) -> int:
    """Compare with Keycloak: verified domains become the portal's too, claims of deleted organizations go.

    What is listed there without proof is reported. Returns how many domains were taken over.
    """
    return sum(_sweep(services, realm) for realm in services.settings.realms.values() if realm.setup_client_secret)


def _sweep(services: Services, realm: Realm) -> int:
    known, living, taken = domains.keys(services.store, realm.name), set(), 0
    try:
        for organization in services.orgs.every(system(realm.name, "domains.compare")):
            living.add(organization.id)
            unknown = {name for name in organization.domains if (organization.id, name) not in known}
            taken += sum(_take_over(services, realm, organization, unknown)) if unknown else 0
    except PortalError as error:
        # No extension in this realm, or no answer: nothing is concluded from half a list.
        log.info("domains not compared", realm=realm.name, error=type(error).__name__)
        return taken
    for organization_id in {each for each, _name in known} - living:
        _forget_deleted(services, portal_itself(services, realm, Organization(organization_id, "")))
    return taken


def _forget_deleted(services: Services, actor: Actor) -> None:
    """Asked once more by its id: pages of a list that changes may miss one."""
    try:
        services.orgs.described(grant(actor, "domains.manage", actor.here.id), actor.here.id)
    except NotFound:
        domains.forget(services.store, actor.realm.name, actor.here.id)
    except PortalError as error:
        log.info("organization not seen", realm=actor.realm.name, error=type(error).__name__)


def _take_over(services: Services, realm: Realm, organization: Organization, unknown: set[str]) -> Iterator[bool]:
    actor = portal_itself(services, realm, organization)
    for name, verified in proving.listed(actor).items():
        if name in unknown and not verified:
            log.warning("domain listed without proof", realm=realm.name, organization=organization.id, domain=name)
        elif name in unknown:
            yield _taken_over(actor, name)


def _taken_over(actor: Actor, name: str) -> bool:
    row = claim_of(actor, name, VERIFIED)
    row.due = now() + HOURLY
    try:
        domains.insert(actor.services.store, row)
    except Conflict:
        return False
    return True


register("domains.recheck", RECHECK, recheck)
register("domains.sweep", SWEEP, sweep)
