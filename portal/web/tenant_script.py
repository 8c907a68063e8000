"""Whether a page carries the additional script that an operator registered, and for whom never."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import g, request

from portal import standing
from portal.actor import Actor
from portal.errors import PortalError
from portal.web.current import services

if TYPE_CHECKING:
    from portal.styles.extras import Extras, Script

SAFE_STYLE = "safe-style"
YOUNG = 60.0


def allowed(person: Actor, extras: Extras) -> Script | None:
    """The script for this very page, which the answer's policy names then; None wherever it may not run.

    It needs an origin that serves one realm only, a page that decides nothing, and a person without a role of the
    realm, as Keycloak had it a minute ago at most.
    """
    if extras.script is None or SAFE_STYLE in request.args or g.right.plain or person.kind != "person":
        return None
    if len(services().settings.realms) != 1 or _holds_realm_roles(person):
        return None
    g.script_source = extras.script.url
    return extras.script


def _holds_realm_roles(person: Actor) -> bool:
    if time.time() - person.standing.realm_read > YOUNG:
        try:
            person = standing.with_realm_roles(person)
        except PortalError:
            return True
    return bool(person.standing.realm_roles)
