"""Make organizations through the extension's API."""

from __future__ import annotations

from collections.abc import Iterable

from portal.demo.admin import Admin
from portal.demo.errors import DemoError

VIEW_ROLES = ("view-organization", "view-members", "view-roles", "view-invitations", "view-identity-providers")
MANAGE_ROLES = (
    "delete-organization",
    "manage-organization",
    "manage-members",
    "manage-roles",
    "manage-invitations",
    "manage-identity-providers",
)
ALL_ROLES = (*VIEW_ROLES, *MANAGE_ROLES)
DOMAIN_RECORD = "_org-domain-ownership"


def available(admin: Admin, realm: str) -> bool:
    """Whether the server has the extension."""
    return admin.get(f"/realms/{realm}/orgs", max=1) is not None


def ensure_organization(admin: Admin, realm: str, name: str, display_name: str, domains: Iterable[str] = ()) -> str:
    """Create the organization if need be; returns its id."""
    found = find_organization(admin, realm, name)
    if found:
        return found
    body = {"name": name, "displayName": display_name, "domains": list(domains)}
    return admin.post(f"/realms/{realm}/orgs", body)


def find_organization(admin: Admin, realm: str, name: str) -> str:
    """The id of the organization of that very name, or an empty string; the search is by substring."""
    found = admin.get(f"/realms/{realm}/orgs", search=name, max=100) or []
    return str(next((item["id"] for item in found if item["name"] == name), ""))


def ensure_member(admin: Admin, realm: str, organization: str, user_id: str, roles: Iterable[str] = ()) -> None:
    """Make a person a member with these roles."""
    admin.put(f"/realms/{realm}/orgs/{organization}/members/{user_id}")
    wanted = [{"name": name} for name in roles]
    if wanted:
        admin.put(f"/realms/{realm}/users/{user_id}/orgs/{organization}/roles", wanted)


def domain_proof(admin: Admin, realm: str, organization: str, domain: str) -> tuple[str, str]:
    """Name and value of the TXT record that proves a domain."""
    found = admin.get(f"/realms/{realm}/orgs/{organization}/domains/{domain}")
    if not found:
        raise DemoError(f"The organization does not list the domain {domain}.")
    return f"{found['record_key']}.{domain}", str(found["record_value"])


def verify_domain(admin: Admin, realm: str, organization: str, domain: str) -> bool:
    """Let the server look the record up; whether it found it."""
    path = f"/realms/{realm}/orgs/{organization}/domains/{domain}"
    if not admin.get(path)["verified"]:
        admin.post(f"{path}/verify")
    return bool(admin.get(path)["verified"])
