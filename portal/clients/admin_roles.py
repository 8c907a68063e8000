"""Which roles somebody was given, one by one: the realm's default roles are named as the one role they are."""

from __future__ import annotations

from portal.access_grant import Grant
from portal.clients.admin import Admin, _uuid, needs


@needs("view-users")
def given_roles(admin: Admin, grant: Grant, user_id: str) -> frozenset[str]:
    """`role` of the realm or `client/role`, as mapped to the account itself. GET …/users/{id}/role-mappings."""
    wanted = _uuid(grant.covering(user_id))
    found = admin._read(grant, lambda keycloak: keycloak.get_all_roles_of_user(wanted))
    named = {str(role["name"]) for role in found.get("realmMappings") or ()}
    for client, box in (found.get("clientMappings") or {}).items():
        named |= {f"{client}/{role['name']}" for role in box["mappings"]}
    return frozenset(named)
