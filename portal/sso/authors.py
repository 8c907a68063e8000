"""Rules whose author may no longer give the role: they stay in force, and are shown for review."""

from __future__ import annotations

from datetime import timedelta

import structlog

from portal.access import grant
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import PortalError
from portal.invitations.issuer import issuer
from portal.jobs.periodic import register
from portal.rank import grantable, is_operator
from portal.services import Services
from portal.store import now, rules
from portal.store.models_sso import RoleRule

log = structlog.get_logger("portal.sso")
TURN, OFTEN, MOST = 300, timedelta(hours=1), 100


def look(services: Services) -> int:
    """Ask of each rule whose turn it is whether its author may still give the role; returns of how many."""
    due = rules.due(services.store, now() - OFTEN, MOST)
    return sum(_looked(services, row) for row in due if row.realm in services.settings.realms)


def _looked(services: Services, row: RoleRule) -> bool:
    try:
        lost = bool(row.author) and not may_give(services, row)
    except PortalError as error:
        log.info("author of a rule not looked at", rule=row.id, error=type(error).__name__)
        return False
    rules.change(services.store, row, looked=now(), orphaned=(row.orphaned or now()) if lost else None)
    return True


def may_give(services: Services, row: RoleRule) -> bool:
    """Whether the author of a rule may give its role by hand today. Raises `Upstream`."""
    someone = issuer(services, row.realm, Organization(row.organization, ""), row.author)
    return bool(grantable(someone.roles, is_operator(someone.facts), {row.role}))


def orphaned(actor: Actor) -> list[tuple[RoleRule, Organization]]:
    """Rules of the whole realm that are left without an author, with their organizations. For operators."""
    found = rules.orphaned(actor.services.store, actor.realm.name, MOST)
    known: dict[str, Organization] = {}
    for row in found:
        if row.organization not in known:
            known[row.organization] = _organization(actor, row.organization)
    return [(row, known[row.organization]) for row in found]


def _organization(actor: Actor, organization: str) -> Organization:
    try:
        return actor.services.orgs.described(grant(actor, "sso.review", organization), organization)
    except PortalError:
        return Organization(organization, organization)


register("sso.authors", TURN, look)
