"""The organizations extension for those who have no token of their own: holders of links and of keys.

`portal-setup` makes the calls, which could reach every organization: here it reaches the named ones alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from portal.clients.orgs import Orgs
from portal.clients.orgs_types import Belonging, Organization
from portal.errors import Denied, NotFound


@dataclass(frozen=True)
class BoundOrgs(Orgs):
    """`Orgs` within `organizations`, ids as Keycloak knows them; None is all organizations of the realm."""

    organizations: frozenset[str] | None = frozenset()

    def mine(self) -> list[Belonging]:
        """Nothing: neither a link nor a key is a member of anything."""
        return []

    def search(self, text: str = "", first: int = 0, maximum: int = 50) -> list[Organization]:
        """Organizations by name; within the named ones, in their order, where there are any."""
        if self.organizations is None:
            return super().search(text, first, maximum)
        known = [self.organization(each) for each in sorted(self.organizations)]
        wanted = text.casefold()
        found = [each for each in known if wanted in each.name.casefold() or wanted in each.label.casefold()]
        return found[max(0, first) :][:maximum]

    def create(self, organization: Organization) -> str:
        """Make an organization. Raises `Denied` for those who are bound to some."""
        if self.organizations is not None:
            raise Denied("bound to organizations")
        return super().create(organization)

    def _send(self, method: str, path: str, **kwargs: Any) -> Any:
        if self.organizations is not None:
            _check(path, self.organizations)
        return super()._send(method, path, **kwargs)


def bound(setup: Orgs, organizations: Collection[str] | None) -> BoundOrgs:
    """What the service client `setup` can do, within `organizations`."""
    within = None if organizations is None else frozenset(organizations)
    return BoundOrgs(setup.base, setup.http, setup.token, True, within)


def _check(path: str, organizations: frozenset[str]) -> None:
    """Only what stands below a named organization: `/orgs/{id}…` or `/users/{uid}/orgs/{id}…`."""
    parts = path.split("?", maxsplit=1)[0].split("/")[1:]
    named = parts[2:] if parts[:1] == ["users"] else parts
    inside = len(named) > 1 and named[0] == "orgs" and named[1] in organizations
    if not inside or "." in parts or ".." in parts:
        raise NotFound("an organization this was not made for")
