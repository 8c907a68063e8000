"""What comes round: invitations past their time are taken out of the back end, which knows no end of them."""

from __future__ import annotations

from contextlib import suppress

import structlog

from portal.access_grant import upkeep
from portal.actor import portal_itself
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.errors import NotFound, PortalError, Upstream
from portal.invitations import rows
from portal.jobs import periodic
from portal.services import Services
from portal.store.models_organizations import Invitation

log = structlog.get_logger("portal.invitations")
EVERY, AT_ONCE = 300, 500


def sweep(services: Services) -> int:
    """End the invitations that have expired; returns how many. One that cannot be reached waits for the next round,
    and while Keycloak does not answer all do."""
    done = 0
    for row in rows.overdue(services.store, AT_ONCE):
        try:
            done += _ended(services, row)
        except PortalError as error:
            log.warning("expired invitation stays", invitation=row.id, error=type(error).__name__)
            if isinstance(error, Upstream) and error.retryable:
                break
    return done


def _ended(services: Services, row: Invitation) -> bool:
    realm = services.settings.realms.get(row.realm)
    if realm is None:  # no longer the portal's to look after
        return rows.end(services.store, row, rows.EXPIRED)
    itself = portal_itself(services, realm, Organization(row.organization, row.organization_name))
    with audited(itself, "invitations.expire", target=row.email):
        _taken_out(services, row)
        return rows.end(services.store, row, rows.EXPIRED)


def _taken_out(services: Services, row: Invitation) -> None:
    if not row.keycloak_id:
        return
    ask = upkeep(row.realm, "invitations.expire", row.organization)
    # Where the organization is gone, the invitation went with it.
    with suppress(NotFound):
        services.orgs.revoke_invitation(ask, row.organization, row.keycloak_id)


periodic.register("invitations", EVERY, sweep)
