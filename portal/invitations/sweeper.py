"""What comes round: invitations past their time are taken out of the back end, which knows no end of them."""

from __future__ import annotations

import structlog

from portal.access_grant import upkeep
from portal.errors import NotFound, PortalError
from portal.invitations import rows
from portal.jobs import periodic
from portal.services import Services
from portal.store.models_organizations import Invitation

log = structlog.get_logger("portal.invitations")
EVERY, AT_ONCE = 300, 500


def sweep(services: Services) -> int:
    """End the invitations that have expired; returns how many. One that cannot be reached waits for the next round."""
    return sum(_ended(services, row) for row in rows.overdue(services.store, AT_ONCE))


def _ended(services: Services, row: Invitation) -> bool:
    ask = upkeep(row.realm, "invitations.expire", row.organization)
    try:
        if row.keycloak_id:
            services.orgs.revoke_invitation(ask, row.organization, row.keycloak_id)
    except NotFound:
        pass  # the organization or the realm is gone, and with it the invitation
    except PortalError as error:
        log.warning("expired invitation stays", invitation=row.id, error=type(error).__name__)
        return False
    return rows.end(services.store, row, rows.EXPIRED)


periodic.register("invitations", EVERY, sweep)
