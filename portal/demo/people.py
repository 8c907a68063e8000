"""Make people, give them passwords and roles."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.demo.admin import Admin

_WORD_LIST = (
    "amber apple basil birch bison brook cedar cliff cloud clover comet coral crane delta ember fable falcon fern "
    "field flint grove harbor hazel heron indigo iris island ivory jasper kite lake lantern larch lemon linen lotus "
    "maple marble meadow mellow mint moss navy nectar north oak ocean olive onyx orchid otter pearl pebble pepper "
    "pine plum prairie quartz quill rain raven reed ridge river robin saffron sage salmon shadow silver sky spruce "
    "stone summit swan tango thistle tiger topaz tulip valley velvet violet walnut willow winter wren zephyr"
)
_WORDS = _WORD_LIST.split()


@dataclass(frozen=True)
class Person:
    """Somebody in a realm. `client_roles` is by client id; without `default_roles` those are all there is."""

    username: str
    email: str
    first_name: str = ""
    last_name: str = ""
    attributes: Mapping[str, list[str]] = field(default_factory=dict)
    client_roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_roles: bool = True
    says: str = ""


def new_password() -> str:
    """A password that can be read aloud and typed; about 45 bits, for demonstrations only."""
    words = [secrets.choice(_WORDS).capitalize() for _ in range(4)]
    return f"{'-'.join(words)}-{secrets.randbelow(90000) + 10000}"


def ensure_person(admin: Admin, realm: str, person: Person, password: str = "") -> str:
    """Create the person if need be, set password and roles; returns the id.

    A person who exists keeps his own profile.
    """
    user = find_person(admin, realm, person.username)
    user_id = str(user["id"]) if user else admin.post(f"/admin/realms/{realm}/users", _representation(person))
    path = f"/admin/realms/{realm}/users/{user_id}"
    if password:
        admin.put(f"{path}/reset-password", {"type": "password", "value": password, "temporary": False})
    if not person.default_roles:
        _take_default_roles(admin, realm, path)
    for client_id, roles in person.client_roles.items():
        give_client_roles(admin, realm, user_id, client_id, *roles)
    return user_id


def find_person(admin: Admin, realm: str, username: str) -> dict[str, Any] | None:
    """The user of that very name, or None."""
    found = admin.get(f"/admin/realms/{realm}/users", username=username, exact="true")
    return dict(found[0]) if found else None


def give_client_roles(admin: Admin, realm: str, user_id: str, client_id: str, *names: str) -> None:
    """Grant roles of a client."""
    uuid = admin.client_uuid(realm, client_id)
    roles = [admin.get(f"/admin/realms/{realm}/clients/{uuid}/roles/{name}") for name in names]
    admin.post(f"/admin/realms/{realm}/users/{user_id}/role-mappings/clients/{uuid}", roles)


def take_client_roles(admin: Admin, realm: str, user_id: str, client_id: str, *names: str) -> None:
    """Take directly granted roles of a client away."""
    uuid = admin.client_uuid(realm, client_id)
    roles = [admin.get(f"/admin/realms/{realm}/clients/{uuid}/roles/{name}") for name in names]
    admin.delete(f"/admin/realms/{realm}/users/{user_id}/role-mappings/clients/{uuid}", roles)


def _take_default_roles(admin: Admin, realm: str, path: str) -> None:
    held = admin.get(f"{path}/role-mappings/realm")
    default = [role for role in held if role["name"] == f"default-roles-{realm}"]
    if default:
        admin.delete(f"{path}/role-mappings/realm", default)


def _representation(person: Person) -> dict[str, Any]:
    return {
        "username": person.username,
        "email": person.email,
        "emailVerified": True,
        "enabled": True,
        "firstName": person.first_name or person.username.capitalize(),
        "lastName": person.last_name or "Tester",
        "attributes": dict(person.attributes),
    }
