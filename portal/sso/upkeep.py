"""What the portal takes away by itself: savings that were broken off, and accounts of people whom a connection refused.

Keycloak makes the account first and asks for the domain of its address afterwards. Who is refused is told by an event;
his account goes if it is new and nothing but this sign-in made it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from portal.access_grant import Grant, event_reader, upkeep
from portal.actor import portal_itself
from portal.audit import audited
from portal.clients.admin_events import LoggedEvent, events_since
from portal.clients.admin_roles import given_roles
from portal.clients.orgs_types import Member, Organization
from portal.errors import NotFound, PortalError
from portal.jobs.periodic import register
from portal.services import Services
from portal.sso.drafting import MANAGE
from portal.store import connections, now
from portal.store.models_sso import Connection

log = structlog.get_logger("portal.sso")
REFUSED = "IDENTITY_PROVIDER_POST_LOGIN_ERROR"
# An account made this long before the refusal was made by that sign-in, whose pages may have taken their time.
SAME_SIGN_IN = timedelta(minutes=30)
LOOK_BACK, BROKEN_OFF = timedelta(hours=24), timedelta(minutes=5)
OFTEN, SELDOM = 10, 300
READ_TOKEN = "broker/read-token"  # noqa: S105 - a role that drafts give


def sweep_refused(services: Services) -> int:
    """Delete the accounts that refused sign-ins have made; returns how many."""
    known: dict[str, dict[str, Connection]] = {}
    for realm in services.settings.realms.values():
        rows = {row.alias: row for row in connections.of_realm(services.store, realm.name)}
        if rows and services.accounts.configured(realm.name):
            known[realm.name] = rows
    return sum(_realm(services, name, rows) for name, rows in known.items())


def _realm(services: Services, realm: str, rows: dict[str, Connection]) -> int:
    try:
        found = events_since(services.admin, event_reader(realm), now() - LOOK_BACK, types=(REFUSED,))
    except PortalError as error:
        log.info("refused sign-ins not read", realm=realm, error=type(error).__name__)
        return 0
    mine = {(event.person, rows[alias].alias): event for event in found if (alias := _alias(event)) in rows}
    return sum(_follow(services, rows[alias], event) for (_person, alias), event in mine.items())


def _alias(event: LoggedEvent) -> str:
    return event.details.get("identity_provider", "")


def _follow(services: Services, row: Connection, event: LoggedEvent) -> int:
    try:
        # The extension writes the address where other events have the account's id.
        found = services.admin.at(event_reader(row.realm, event.person), event.person)
        return sum(_take_away(services, row, each) for each in found if _fresh(each, event.at))
    except PortalError as error:
        log.warning("refused account left", realm=row.realm, alias=row.alias, error=type(error).__name__)
        return 0


def _fresh(member: Member, refused: datetime) -> bool:
    if member.created is None:
        return False
    return timedelta(0) <= refused.replace(tzinfo=UTC) - member.created <= SAME_SIGN_IN


def _take_away(services: Services, row: Connection, member: Member) -> int:
    granted = upkeep(row.realm, MANAGE, row.organization, row.alias, member.id)
    if not _only_of(services, granted, row, member):
        return 0
    actor = portal_itself(services, services.realm(row.realm), Organization(row.organization, ""))
    with audited(actor, MANAGE, row.alias, {}, {"deed": "refused", "people": 1}):
        services.accounts.delete(granted, member.id)
    return 1


def _only_of(services: Services, granted: Grant, row: Connection, member: Member) -> bool:
    """Whether this connection made the account and nothing was added to it since."""
    admin, default = services.admin, f"default-roles-{row.realm}".lower()
    return (
        set(admin.identity_providers(granted, member.id)) == {row.alias}
        and not admin.credential_types(granted, member.id)
        and given_roles(admin, granted, member.id) <= {default, READ_TOKEN}
        and not services.orgs.organizations_of(granted, member.id)
    )


def sweep_broken_off(services: Services) -> int:
    """Take away what was half saved when a process ended; returns how much."""
    return sum(_clear(services, row) for row in connections.broken_off(services.store, now() - BROKEN_OFF))


def _clear(services: Services, row: Connection) -> int:
    if row.realm not in services.settings.realms:
        return 0
    granted = upkeep(row.realm, MANAGE, row.organization, row.alias)
    try:
        services.connections.delete(granted, row.organization, row.alias)
    except NotFound:
        pass  # it never came so far
    except PortalError as error:
        log.warning("broken off saving left", realm=row.realm, alias=row.alias, error=type(error).__name__)
        return 0
    connections.remove(services.store, row)
    return 1


register("sso.refused", OFTEN, sweep_refused)
register("sso.broken_off", SELDOM, sweep_broken_off)
