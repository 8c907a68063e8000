"""The lock under which an organization is read again and written: its back end replaces the whole of it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from portal.actor import Actor
from portal.store.leases import lease


def locked(actor: Actor, organization_id: str) -> AbstractContextManager[str]:
    """Whoever writes to an organization through the portal holds this. Raises `Conflict` while it is taken."""
    return lease(actor.services.store, f"organization:{actor.realm.name}:{organization_id}")


def names_locked(actor: Actor) -> AbstractContextManager[str]:
    """Whoever gives an organization of the realm a name or a place in the hierarchy holds this."""
    return lease(actor.services.store, f"organizations:{actor.realm.name}")
