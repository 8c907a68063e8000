"""Whether whoever made a webhook may still have it."""

from __future__ import annotations

from portal.access import BY_NAME, Facts, Verdict, decide
from portal.access_grant import SYSTEM, own_standing
from portal.actor import Actor
from portal.audit import note
from portal.errors import NotFound
from portal.services import Services
from portal.store import webhooks
from portal.store.models_webhooks import Webhook
from portal.webhooks import letters

RIGHT = "webhooks.manage"


def still_allowed(services: Services, row: Webhook) -> bool:
    """Read anew: somebody deleted, disabled or without the role may not. Raises `Upstream`."""
    ask = own_standing(row.realm, row.maker)
    try:
        person = services.admin.person(ask, row.maker)
    except NotFound:
        return False
    if not person.enabled:
        return False
    facts = Facts(signed_in=True, realm_roles=services.admin.realm_roles(ask, row.maker))
    return decide(BY_NAME[RIGHT], facts) is Verdict.OK


def end(services: Services, row: Webhook, state: str, reason: str) -> None:
    """Switch a webhook off in the portal's own name, with a record, and write to whoever looks after it."""
    webhooks.change(services.store, row, state=state, reason=reason)
    itself = Actor(SYSTEM, services.realm(row.realm), "", own_services=services)
    note(itself, RIGHT, row.id, after={"deed": reason, "name": row.name})
    letters.tell(services, row, reason)
