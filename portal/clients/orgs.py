"""Organizations, members, roles and invitations, as rooms know them.

The back end is the organizations extension (`/realms/{realm}/orgs`); no room knows its paths or shapes. It answers 401
for "forbidden": after one renewal of the token that is `Denied` here, never a reason to sign in again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.clients.account import with_renewal
from portal.clients.http import result, segment
from portal.clients.orgs_calls import Calls, known_id, made
from portal.clients.orgs_types import (
    SYNTHETIC,
    Belonging,
    Invited,
    ListedDomain,
    Member,
    Organization,
    Role,
    RoleResult,
)
from portal.errors import NotFound

PAGE_LIMIT = 100


@dataclass(frozen=True)
class Orgs(Calls):
    """The back end, called with one token: a person's own, or a service client's.

    Every call raises `Denied`, `NotFound`, `Invalid`, `Conflict`, `SessionEnded` or `Upstream`.
    """

    def mine(self) -> list[Belonging]:
        """Everything the person belongs to, with roles. `GET /orgs/me`: slow beyond twenty. `NotFound`: no back end."""
        found = with_renewal(self.token, lambda token: self.http.call("GET", f"{self.base}/orgs/me", token=token)) or {}
        return [
            Belonging(Organization.parse(raw, key), frozenset(raw.get("roles") or ()))
            for key, raw in sorted(found.items(), key=lambda item: str(item[1].get("name")))
        ]

    def search(self, text: str = "", first: int = 0, maximum: int = 50) -> list[Organization]:
        """Organizations the caller may see, by name. `GET /orgs`: at most 100 at once."""
        query: dict[str, str | int] = {"first": max(0, first), "max": min(max(1, maximum), PAGE_LIMIT)}
        found = self._call("GET", "/orgs", params={**query, "search": text} if text else query)
        return [Organization.parse(raw) for raw in found or ()]

    def count(self) -> int:
        """How many there are. `GET /orgs/count`: for holders of view-organizations."""
        return int(self._call("GET", "/orgs/count") or 0)

    def named(self, name: str) -> Organization:
        """The organization of exactly this name. Raises `NotFound`."""
        for organization in self.search(name, maximum=PAGE_LIMIT):
            if organization.name == name:
                return organization
        raise NotFound("no organization of this name")

    def organization(self, organization_id: str) -> Organization:
        """`GET /orgs/{id}`: for members and holders of view-organization."""
        return Organization.parse(self._call("GET", f"/orgs/{known_id(organization_id)}"))

    def create(self, organization: Organization) -> str:
        """`POST /orgs` with the id it has; returns the id. Raises `Conflict` for a name or id that is taken."""
        answer = self._send("POST", "/orgs", json=organization.representation())
        result(answer)
        return made(answer)

    def save(self, organization: Organization) -> None:
        """`PUT /orgs/{id}` replaces the whole of it: read it again just before, under a lease."""
        self._call("PUT", f"/orgs/{known_id(organization.id)}", json=organization.representation())

    def delete(self, organization_id: str) -> None:
        """`DELETE /orgs/{id}`."""
        self._call("DELETE", f"/orgs/{known_id(organization_id)}")

    def members(self, organization_id: str, search: str = "", first: int = 0, maximum: int = 26) -> list[Member]:
        """One page of members with their roles, without the synthetic administrator. Ordered by joining.

        `GET /orgs/{id}/members?includeOrgs=true&excludeAdminAccounts=true`; a comma in `search` means "or".
        """
        query: dict[str, str | int] = {
            "first": max(0, first), "max": max(1, maximum), "includeOrgs": "true", "excludeAdminAccounts": "true",
        }  # fmt: skip
        found = self._call(
            "GET", f"/orgs/{known_id(organization_id)}/members", params={**query, "search": search} if search else query
        )
        return [Member.parse(raw, organization_id) for raw in found or ()]

    def count_members(self, organization_id: str) -> int:
        """`GET /orgs/{id}/members/count`, without the synthetic administrator."""
        path = f"/orgs/{known_id(organization_id)}/members/count"
        return int(self._call("GET", path, params={"excludeAdminAccounts": "true"}) or 0)

    def is_member(self, organization_id: str, user_id: str) -> bool:
        """`GET /orgs/{id}/members/{uid}`; linear in the size of the organization."""
        try:
            self._call("GET", f"/orgs/{known_id(organization_id)}/members/{known_id(user_id)}")
        except NotFound:
            return False
        return True

    def add_member(self, organization_id: str, user_id: str) -> None:
        """`PUT /orgs/{id}/members/{uid}`."""
        self._call("PUT", f"/orgs/{known_id(organization_id)}/members/{known_id(user_id)}")

    def remove_member(self, organization_id: str, user_id: str) -> None:
        """`DELETE /orgs/{id}/members/{uid}`: the account stays, the roles here go."""
        self._call("DELETE", f"/orgs/{known_id(organization_id)}/members/{known_id(user_id)}")

    def roles(self, organization_id: str) -> list[Role]:
        """`GET /orgs/{id}/roles`."""
        found = self._call("GET", f"/orgs/{known_id(organization_id)}/roles")
        return sorted((Role.parse(raw) for raw in found or ()), key=lambda role: role.name)

    def create_role(self, organization_id: str, name: str, description: str) -> None:
        """`POST /orgs/{id}/roles`. Raises `Conflict` for a name that is taken."""
        self._call("POST", f"/orgs/{known_id(organization_id)}/roles", json={"name": name, "description": description})

    def describe_role(self, organization_id: str, name: str, description: str) -> None:
        """`PUT /orgs/{id}/roles/{name}`: only the description can change."""
        path = f"/orgs/{known_id(organization_id)}/roles/{segment(name)}"
        self._call("PUT", path, json={"name": name, "description": description})

    def delete_role(self, organization_id: str, name: str) -> None:
        """`DELETE /orgs/{id}/roles/{name}`: whoever held it holds it no more."""
        self._call("DELETE", f"/orgs/{known_id(organization_id)}/roles/{segment(name)}")

    def roles_of(self, organization_id: str, user_id: str) -> frozenset[str]:
        """`GET /users/{uid}/orgs/{id}/roles`; linear in the size of the organization."""
        found = self._call("GET", f"/users/{known_id(user_id)}/orgs/{known_id(organization_id)}/roles")
        return frozenset(str(raw["name"]) for raw in found or ())

    def holders(self, organization_id: str, role: str) -> list[Member]:
        """Members who hold this role, without the synthetic administrator; their other roles are left out.

        `GET /orgs/{id}/roles/{name}/users?excludeAdminAccounts=true`, not paged.
        """
        path = f"/orgs/{known_id(organization_id)}/roles/{segment(role)}/users"
        found = self._call("GET", path, params={"excludeAdminAccounts": "true"})
        synthetic = f"{SYNTHETIC}{organization_id}"
        return [each for each in (Member.parse(raw, "") for raw in found or ()) if each.username != synthetic]

    def grant_roles(self, organization_id: str, user_id: str, names: Iterable[str]) -> list[RoleResult]:
        """`PUT /users/{uid}/orgs/{id}/roles`; the answer of each role."""
        return self._bulk("PUT", organization_id, user_id, names)

    def revoke_roles(self, organization_id: str, user_id: str, names: Iterable[str]) -> list[RoleResult]:
        """`PATCH /users/{uid}/orgs/{id}/roles`; the answer of each role."""
        return self._bulk("PATCH", organization_id, user_id, names)

    def of_user(self, user_id: str) -> list[Organization]:
        """`GET /users/{uid}/orgs`, those the caller may view; some 20 ms each."""
        return [Organization.parse(raw) for raw in self._call("GET", f"/users/{known_id(user_id)}/orgs") or ()]

    def identity_providers(self, organization_id: str, *, on: bool = False) -> frozenset[str]:
        """`GET /orgs/{id}/idps`: the aliases of the organization's own, or of those among them that are on."""
        found = self._call("GET", f"/orgs/{known_id(organization_id)}/idps")
        return frozenset(str(raw["alias"]) for raw in found or () if raw.get("enabled") or not on)

    def invitations(self, organization_id: str, search: str = "", first: int = 0, maximum: int = 100) -> list[Invited]:
        """`GET /orgs/{id}/invitations`."""
        query: dict[str, str | int] = {"first": max(0, first), "max": max(1, maximum)}
        found = self._call(
            "GET", f"/orgs/{known_id(organization_id)}/invitations",
            params={**query, "search": search.lower()} if search else query,
        )  # fmt: skip
        return [Invited.parse(raw) for raw in found or ()]

    def count_invitations(self, organization_id: str) -> int:
        """`GET /orgs/{id}/invitations/count`."""
        return int(self._call("GET", f"/orgs/{known_id(organization_id)}/invitations/count") or 0)

    def connections(self, organization_id: str) -> list[str]:
        """Aliases of the identity providers of the organization. `GET /orgs/{id}/idps`, not paged."""
        found = self._call("GET", f"/orgs/{known_id(organization_id)}/idps")
        return sorted(str(raw["alias"]) for raw in found or ())

    def invite(self, organization_id: str, email: str, inviter: str) -> str:
        """`POST /orgs/{id}/invitations` without roles and without its mail; returns the id.

        Roles are kept by the portal: the back end would grant them to whoever an identity provider calls by this
        address. Raises `Conflict` for somebody invited already or a member.
        """
        body = {"email": email, "inviterId": inviter, "send": False, "roles": []}
        answer = self._send("POST", f"/orgs/{known_id(organization_id)}/invitations", json=body)
        result(answer)
        return made(answer)

    def revoke_invitation(self, organization_id: str, invitation_id: str) -> None:
        """`DELETE /orgs/{id}/invitations/{iid}`."""
        self._call("DELETE", f"/orgs/{known_id(organization_id)}/invitations/{known_id(invitation_id)}")

    def domains(self, organization_id: str) -> list[ListedDomain]:
        """`GET /orgs/{id}/domains`."""
        found = self._call("GET", f"/orgs/{known_id(organization_id)}/domains")
        return [ListedDomain(str(raw["domain_name"]), bool(raw.get("verified"))) for raw in found or ()]

    def verify_domain(self, organization_id: str, name: str) -> bool:
        """`POST /orgs/{id}/domains/{domain}/verify` and what `GET` says afterwards: the answer is always 202."""
        path = f"/orgs/{known_id(organization_id)}/domains/{segment(name)}"
        self._call("POST", f"{path}/verify")
        return bool((self._call("GET", path) or {}).get("verified"))

    def _bulk(self, method: str, organization_id: str, user_id: str, names: Iterable[str]) -> list[RoleResult]:
        body = [{"name": name} for name in sorted(names)]
        path = f"/users/{known_id(user_id)}/orgs/{known_id(organization_id)}/roles"
        return [RoleResult.parse(raw) for raw in self._call(method, path, json=body) or ()] if body else []
