"""What is done in Keycloak about a domain: only what the portal itself has seen proved is listed there."""

from __future__ import annotations

from contextlib import AbstractContextManager

from portal.access import grant
from portal.access_grant import Grant, system
from portal.actor import Actor
from portal.domains.names import registrable
from portal.errors import Conflict
from portal.organizations.lock import locked
from portal.store import domains
from portal.store.leases import lease

# Further organizations are compared by the portal's own rows alone, which the sweep completes.
PAGES = 20


def held(actor: Actor, name: str) -> AbstractContextManager[str]:
    """The lock of a domain and everything below it, for all organizations of the realm."""
    return lease(actor.services.store, f"domain:{actor.realm.name}:{registrable(name)}"[:160])


def listed(actor: Actor) -> dict[str, bool]:
    """The organization's domains in Keycloak now, and whether they are verified there."""
    return {each.name: each.verified for each in actor.services.orgs.domains(_grant(actor), actor.here.id)}


def put(actor: Actor, name: str) -> bool:
    """List a proved domain and let Keycloak look its record up. False while Keycloak's resolver does not see it."""
    orgs, granted = actor.services.orgs, _grant(actor)
    with locked(actor, actor.here.id):
        present = set(listed(actor))
        if name not in present:
            orgs.set_domains(granted, actor.here.id, {*present, name})
    return orgs.verify_domain(granted, actor.here.id, name)


def take_out(actor: Actor, name: str) -> bool:
    """Take a domain out of the organization; whether it was there. Raises `Conflict` if it is there still."""
    with locked(actor, actor.here.id):
        present = set(listed(actor))
        if name not in present:
            return False
        actor.services.orgs.set_domains(_grant(actor), actor.here.id, present - {name})
        if name in listed(actor):
            raise Conflict
    return True


def rival(actor: Actor, name: str) -> str:
    """Another organization that has proved this domain or one above it; empty if there is none.

    The answer is for operators alone.
    """
    names, here = {name, *above(name)}, actor.here.id
    found = domains.holder(actor.services.store, actor.realm.name, names, but=here)
    if found:
        return found
    orgs, all_of_realm = actor.services.orgs, system(actor.realm.name, "domains.compare")
    for other in orgs.every(all_of_realm, PAGES):
        if other.id != here and names & set(other.domains) and orgs.verified_elsewhere(all_of_realm, other, names):
            return other.id
    return ""


def above(name: str) -> list[str]:
    """The domains above this one that somebody can own."""
    labels, shortest = name.split("."), registrable(name).count(".") + 1
    return [".".join(labels[at:]) for at in range(1, len(labels) - shortest + 1)]


def _grant(actor: Actor) -> Grant:
    return grant(actor, "domains.manage", actor.here.id)
