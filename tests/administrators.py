"""Administrators of realm master, one for few realms each.

Keycloak looks up every role of whoever calls, and the first administrator has twenty in each realm there is: with a
hundred realms that would be most of a run's work.
"""

from __future__ import annotations

import re
from typing import Any

import requests

from portal.demo.admin import Admin

_CAST = ("demo", "idp", "other", "master")
_LIGHT = "client.use.lightweight.access.token.enabled"
_CREATE = "/admin/realms"
_REALM = re.compile(r"/(?:admin/)?realms/([^/]+)")
# Whoever has it becomes a member of each organization he makes, from whatever realm he is.
_UNWANTED = "create-organization"
FRESH, SPARE = "fresh", "spare"


def administrator(realm: str) -> str:
    """The user name of the administrator of a realm. Whoever makes a realm gets its roles."""
    if realm.startswith(FRESH):
        return f"admin-of-{FRESH}"
    return f"admin-of-{realm}" if realm.startswith(SPARE) else "admin-of-the-cast"


def make_administrators(admin: Admin, spare: list[str], password: str) -> None:
    """Make them all; their tokens carry their roles, as those of any client but the console's do."""
    client = admin.get("/admin/realms/master/clients", clientId="admin-cli")[0]
    attributes = {**client.get("attributes", {}), _LIGHT: "false"}
    admin.put(f"/admin/realms/master/clients/{client['id']}", {**client, "attributes": attributes})
    cast = {f"{realm}-realm": _role_names(admin, f"{realm}-realm") for realm in _CAST}
    makers = [_user(administrator(realm), password) for realm in spare]
    # In realms that the portal is connected to, an administrator gives and takes what only the role itself allows.
    whole = {**_user(administrator(FRESH), password), "realmRoles": ["admin"]}
    users = [{**_user(administrator(""), password), "clientRoles": cast}, *makers, whole]
    admin.post("/admin/realms/master/partialImport", {"ifResourceExists": "FAIL", "users": users})


def _role_names(admin: Admin, client_id: str) -> list[str]:
    uuid = admin.client_uuid("master", client_id)
    return [role["name"] for role in _roles(admin, uuid)]


def _roles(admin: Admin, client: str) -> list[dict[str, Any]]:
    found = admin.get(f"/admin/realms/master/clients/{client}/roles")
    return [role for role in found if role["name"] != _UNWANTED]


def _user(name: str, password: str) -> dict[str, Any]:
    secret = {"type": "password", "value": password, "temporary": False}
    return {"username": name, "enabled": True, "credentials": [secret], "realmRoles": ["create-realm"]}


class Administrators(Admin):
    """Sends each call as the administrator of the realm it is about."""

    def __init__(self, base_url: str, first: str, password: str) -> None:
        super().__init__(base_url, first, password)
        self._first, self._password = Admin(base_url, first, password), password
        self._by_name: dict[str, Admin] = {}

    def _send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        if method == "POST" and path == _CREATE:
            return self._make(kwargs)
        found = _REALM.match(path)
        return self._one(found[1] if found else "")._send(method, path, **kwargs)

    def _make(self, request: dict[str, Any]) -> requests.Response:
        realm = request["json"]["realm"]
        one = self._one(realm)
        answer = one._send("POST", _CREATE, **request)
        if answer.ok:
            self._hand_over(realm)
            # The next token carries the new realm's roles.
            one._until = 0.0
        return answer

    def _hand_over(self, realm: str) -> None:
        """Give the roles that an extension added to the realm's administrator, and none to the first one."""
        client = self.client_uuid("master", f"{realm}-realm")
        roles = _roles(self, client)
        (user,) = self.get("/admin/realms/master/users", username=administrator(realm), exact=True)
        self._first.post(f"/admin/realms/master/users/{user['id']}/role-mappings/clients/{client}", roles)
        self.delete("/admin/realms/master/roles/admin/composites", roles)

    def _one(self, realm: str) -> Admin:
        name = administrator(realm)
        if name not in self._by_name:
            self._by_name[name] = Admin(self.base_url, name, self._password)
        return self._by_name[name]

    def close(self) -> None:
        """Give the connections back."""
        for each in (self._first, *self._by_name.values()):
            each.close()
