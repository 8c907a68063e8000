"""The command line as a principal: whoever may run it on this machine runs the portal."""

from __future__ import annotations

import getpass

from portal.access import Facts
from portal.actor import Actor
from portal.services import Services

ROLES = frozenset({"view-realm", "manage-realm", "view-organizations", "manage-organizations"})


def console(services: Services, realm: str) -> Actor:
    """The actor of a command in one realm, named after the account of the operating system. Raises `NotFound`."""
    user = _user()
    facts = Facts(signed_in=True, realm_roles=ROLES)
    return Actor(
        "console", services.realm(realm), f"os:{user}"[:64], username=user, name=f"{user} (console)", facts=facts,
        own_services=services,
    )  # fmt: skip


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
