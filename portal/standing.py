"""How somebody stands to the realm's organizations: which ones he belongs to, with which roles, and as what operator.

Roles decide over writes only when they were read in that very request; pages may reuse them for seconds.
"""

from __future__ import annotations

import dataclasses
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.access import organization_roles
from portal.access_grant import own_standing
from portal.clients.orgs_types import Belonging, Organization
from portal.errors import Denied, NotFound

if TYPE_CHECKING:
    from portal.actor import Actor

FEW = 20
YOUNG, RELEARN = 5.0, 600.0
LONGEST_LOOK = 2000
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Standing:
    """What is known. `read` and `realm_read` are epoch seconds, 0.0 for never; `many` leaves `belongings` empty.

    `available` is False where the organizations back end is not installed.
    """

    belongings: tuple[Belonging, ...] = ()
    many: bool = False
    available: bool = True
    read: float = 0.0
    realm_roles: frozenset[str] = frozenset()
    realm_read: float = 0.0

    @classmethod
    def parse(cls, kept: dict[str, Any]) -> Standing:
        """From what a session row keeps."""
        if not kept:
            return cls()
        belongings = tuple(Belonging(_organization(each), frozenset(each["roles"])) for each in kept["belongings"])
        return cls(
            belongings, kept["many"], kept["available"], kept["read"], frozenset(kept["realm_roles"]),
            kept["realm_read"],
        )  # fmt: skip

    def kept(self) -> dict[str, Any]:
        """For a session row."""
        belongings = [
            {
                "id": each.organization.id, "name": each.organization.name,
                "display_name": each.organization.display_name, "roles": sorted(each.roles),
                "look": {key: value for key, value in each.organization.look.items() if len(value) <= LONGEST_LOOK},
            }
            for each in self.belongings
        ]  # fmt: skip
        return {
            "belongings": belongings, "many": self.many, "available": self.available, "read": self.read,
            "realm_roles": sorted(self.realm_roles), "realm_read": self.realm_read,
        }  # fmt: skip


def _organization(kept: dict[str, Any]) -> Organization:
    look = {key: (value,) for key, value in kept.get("look", {}).items()}
    return Organization(kept["id"], kept["name"], kept["display_name"], attributes=look)


def address(organization: Organization) -> str:
    """What stands for an organization in an address: its name where that is safe, its id otherwise."""
    name = organization.name
    return name if NAME.fullmatch(name) and not ID.fullmatch(name) else organization.id


def learn(actor: Actor) -> Actor:
    """Read everything once: how many organizations, which, and the roles of an operator. For a new session.

    Who is no person belongs to nothing: what he may was said when he was named.
    """
    if actor.kind != "person":
        return actor
    standing = dataclasses.replace(actor.standing, read=time.time(), available=True)
    try:
        standing = dataclasses.replace(standing, many=len(actor.orgs.search(maximum=FEW + 1)) > FEW)
        if not standing.many:
            standing = dataclasses.replace(standing, belongings=tuple(actor.orgs.mine()), read=time.time())
    except NotFound:
        standing = Standing(available=False, read=time.time())
    return with_realm_roles(_stands(actor, standing))


def stale(actor: Actor) -> Actor:
    """The next page reads anew what the person belongs to: something of it was changed just now."""
    return _stands(actor, dataclasses.replace(actor.standing, read=0.0))


def recent(actor: Actor) -> Actor:
    """With what the person belongs to, read seconds ago at most."""
    return _read(actor, fresh=False) if actor.standing.available else actor


def with_realm_roles(actor: Actor) -> Actor:
    """With the operator's roles as Keycloak has them now."""
    roles = actor.services.admin.realm_roles(own_standing(actor.realm.name, actor.sub), actor.sub)
    return _stands(actor, dataclasses.replace(actor.standing, realm_roles=roles, realm_read=time.time()))


def at(actor: Actor, reference: str, *, fresh: bool) -> Actor:
    """The actor at the organization that an address names. `fresh` reads everything anew, as a write needs it.

    Raises `NotFound` for strangers, whether there is such an organization or not.
    """
    if not (NAME.fullmatch(reference) or ID.fullmatch(reference)):
        raise NotFound("not the address of an organization")
    known = _read(actor, fresh=fresh)
    found = _own(known.standing, reference)
    if found is None and known is actor and not actor.standing.realm_roles and not actor.standing.many:
        known = _read(actor, fresh=True)  # made or renamed since it was last looked at
        found = _own(known.standing, reference)
    actor = known
    if found is not None:
        return _placed(actor, found.organization, found.roles, member=True)
    if not actor.standing.realm_roles and not actor.standing.many:
        actor = with_realm_roles(actor)  # he may have become an operator since; a stranger pays one call
    return _from_outside(actor, reference)


def _read(actor: Actor, *, fresh: bool) -> Actor:
    standing = actor.standing
    age = time.time() - standing.read
    if not standing.read or (standing.many and age > RELEARN):
        return learn(actor)
    if not standing.many and (fresh or age > YOUNG):
        belongings = tuple(actor.orgs.mine())
        actor = _stands(actor, dataclasses.replace(standing, belongings=belongings, read=time.time()))
    old = fresh or time.time() - standing.realm_read > YOUNG
    return with_realm_roles(actor) if standing.realm_roles and old else actor


def _own(standing: Standing, reference: str) -> Belonging | None:
    by_id = [each for each in standing.belongings if each.organization.id == reference]
    by_name = [each for each in standing.belongings if each.organization.name == reference]
    return next(iter([*by_id, *by_name]), None)


def _from_outside(actor: Actor, reference: str) -> Actor:
    """An operator's way in, and that of people with very many organizations. Raises `NotFound`."""
    operator = bool(organization_roles(dataclasses.replace(actor.facts, organization_roles=frozenset())))
    if not operator and not actor.standing.many:
        raise NotFound("a stranger to this organization")
    try:
        by_id = ID.fullmatch(reference)
        organization = actor.orgs.organization(reference) if by_id else actor.orgs.named(reference)
    except Denied as error:
        raise NotFound("a stranger to this organization") from error
    if not actor.standing.many:
        return _placed(actor, organization, frozenset(), member=False)
    grant = own_standing(actor.realm.name, actor.sub, organization.id)
    try:
        roles, member = actor.services.orgs.roles_of(grant, organization.id, actor.sub), True
    except NotFound:
        if not operator:
            raise
        roles, member = frozenset[str](), False
    return _placed(actor, organization, roles, member=member)


def _placed(actor: Actor, organization: Organization, roles: frozenset[str], *, member: bool) -> Actor:
    facts = dataclasses.replace(actor.facts, organization_roles=roles, member=member)
    return dataclasses.replace(actor, organization=organization, facts=facts)


def _stands(actor: Actor, standing: Standing) -> Actor:
    """The actor with a new standing, remembered where a session can."""
    facts = dataclasses.replace(actor.facts, realm_roles=standing.realm_roles)
    if not standing.available:
        facts = dataclasses.replace(facts, switches_off=facts.switches_off | {"org"})
    if actor.remember is not None:
        actor.remember({"standing": standing.kept()})
    return dataclasses.replace(actor, standing=standing, facts=facts)
