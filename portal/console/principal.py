"""Who acts at the command line: whoever may read the configuration, named by his account on this machine.

The table decides what he may as it decides for the people who run the realm. Organizations are reached by
`portal-setup`; a realm's settings only with an administrator's credential lent for the run.
"""

from __future__ import annotations

import dataclasses
import getpass
import secrets
from typing import TYPE_CHECKING

from portal.access import BY_NAME, OPERATOR_ROLES, Verdict, decide
from portal.access_grant import holder_of_all
from portal.actor import Actor
from portal.clients.realm_attributes import RealmAttributes
from portal.console.lent import Lent
from portal.errors import Denied
from portal.settings import Realm
from portal.signin import person
from portal.standing import ID, Standing

if TYPE_CHECKING:
    from portal.services import Services

CONSOLE = "console"


def console_actor(services: Services, realm: Realm, lent: Lent | None = None) -> Actor:
    """The principal of a command in one realm. `lent` is the administrator's credential that settings are written with.

    Raises `Upstream` where Keycloak does not answer, or no secret of `portal-setup` is configured.
    """
    user = _user()
    standing = Standing(realm_roles=OPERATOR_ROLES)
    return Actor(
        CONSOLE, realm, f"{CONSOLE}:{user}"[:64], username=user, name=user, request_id=secrets.token_hex(8),
        facts=person.facts(services, realm, [], 0.0, standing), standing=standing, own_services=services,
        own_orgs=services.orgs.reaching(holder_of_all(realm.name, f"{CONSOLE}:{user}")),
        own_attributes=RealmAttributes(realm, services.http, lent) if lent else None,
    )  # fmt: skip


def at(actor: Actor, reference: str) -> Actor:
    """The actor at the organization of this id or name. Raises `NotFound`."""
    find = actor.orgs.organization if ID.fullmatch(reference) else actor.orgs.named
    return dataclasses.replace(actor, organization=find(reference))


def check(actor: Actor, right: str) -> None:
    """Ask the table. Raises `Denied`, for what is switched off too: nobody is to be kept from knowing here."""
    verdict = decide(BY_NAME[right], actor.facts)
    if verdict is not Verdict.OK:
        raise Denied(f"{right}: {verdict.value}")


def _user() -> str:
    """The account on this machine; a container may have no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
