"""The lock of one organization: who changes members, roles or details holds it, and reads again under it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from portal.actor import Actor
from portal.store.leases import lease

SECONDS = 30


def organization_lock(actor: Actor) -> AbstractContextManager[str]:
    """Hold the organization of the request. Raises `Conflict` when somebody else holds it for too long."""
    return lease(actor.services.store, f"organization:{actor.realm.name}:{actor.here.id}", SECONDS)
