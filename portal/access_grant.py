"""The grant: what lets a service account act in place of a person.

A service call is made only with a grant, its address is built from the grant, and only the
deciding function in `portal.access` can build one that names objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portal.errors import Denied

SYSTEM = "system"
REACH_ALL = "organizations.reach-all"
_SEAL = object()


@dataclass(frozen=True)
class Grant:
    """One decision: `principal` may use `right` in `realm` on `objects` (ids as Keycloak knows them).

    `still` is asked before each call that is made with it, and raises once the principal has lost his ground: the
    holder of a link, whose link may be revoked at any moment.
    """

    right: str
    principal: str
    realm: str
    objects: frozenset[str] = frozenset()
    seal: object = field(default=None, repr=False, compare=False)
    still: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a grant is built by the deciding function alone")

    def covering(self, object_id: str) -> str:
        """`object_id`, if this grant names it; `Denied` otherwise."""
        if object_id not in self.objects:
            raise Denied(f"{self.right} was not granted on this object")
        if self.still is not None:
            self.still()
        return object_id

    def for_undoing(self) -> Grant:
        """The same, to take back what was done with it, whatever has become of the principal since."""
        return replace(self, still=None)


def issue(right: str, principal: str, realm: str, *objects: str, still: Callable[[], None] | None = None) -> Grant:
    """Build a grant. Imported by `portal.access` alone; a test holds that."""
    return Grant(right, principal, realm, frozenset(objects), _SEAL, still)


def own_standing(realm: str, sub: str, *organizations: str) -> Grant:
    """A grant to read what somebody's own roles are, before anything can be decided with them."""
    return Grant("standing.read", f"person:{sub}", realm, frozenset({sub, *organizations}), _SEAL)


def system(realm: str, right: str = "realm.read") -> Grant:
    """A grant for the portal's own reads of a realm. It names no object, so it opens nobody's data."""
    return Grant(right, SYSTEM, realm, frozenset(), _SEAL)


def event_reader(realm: str, *objects: str) -> Grant:
    """A grant for the poller of events: to read whose the people and organizations named in Keycloak's log are.

    It reads names and memberships, and no person's page is made from what it brings.
    """
    return Grant("events.read", SYSTEM, realm, frozenset(objects), _SEAL)


def upkeep(realm: str, right: str, *objects: str) -> Grant:
    """A grant for the portal to take back, by itself and in time, what it put there. It never gives anything."""
    return Grant(right, SYSTEM, realm, frozenset(objects), _SEAL)


def holder(realm: str, principal: str, *organizations: str) -> Grant:
    """A grant for the organizations that a link or a key is for; each right is still decided by the table."""
    return Grant("organizations.reach", principal, realm, frozenset(organizations), _SEAL)


def holder_of_all(realm: str, principal: str) -> Grant:
    """The same for all organizations of the realm, as for an operator's key that is limited to none."""
    return Grant(REACH_ALL, principal, realm, frozenset(), _SEAL)
