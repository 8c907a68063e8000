"""Acts the portal refuses, sent straight to the extension with the person's own token: what only the portal stops."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from cast import Person, make_person
from holdings import sample_tokens
from organization_holdings import Place
from stack import Stack

from portal.demo.organizations import ALL_ROLES

Send = Callable[..., requests.Response]


@dataclass
class Scene:
    """An organization, the attacker with his own token, and others."""

    place: Place
    attacker: Person
    token: str = field(repr=False)

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One request to Keycloak with the attacker's token; `path` is below the realm."""
        head = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.place.stack.internal_url}/realms/{self.place.realm}/{path}"
        return requests.request(method, address, json=body, headers=head, timeout=30)

    @property
    def org(self) -> str:
        return f"orgs/{self.place.id}"

    @property
    def roles(self) -> str:
        return f"users/{self.attacker.id}/orgs/{self.place.id}/roles"


@dataclass(frozen=True)
class Act:
    """What is tried, the roles it takes there, and how it is sent."""

    title: str
    roles: tuple[str, ...]
    send: Callable[[Scene], requests.Response]


def _grant_oneself(scene: Scene) -> requests.Response:
    return scene.send("PUT", scene.roles, [{"name": "delete-organization"}])


def _remove_administrator(scene: Scene) -> requests.Response:
    other = scene.place.join(*ALL_ROLES)
    return scene.send("DELETE", f"{scene.org}/members/{other.id}")


def _add_anybody(scene: Scene) -> requests.Response:
    return scene.send("PUT", f"{scene.org}/members/{make_person(scene.place.stack).id}")


def _invite_with_roles(scene: Scene) -> requests.Response:
    body = {"email": f"x{uuid.uuid4().hex[:8]}@tests.test", "send": False, "roles": ["manage-roles"]}
    return scene.send("POST", f"{scene.org}/invitations", body)


def _resend(scene: Scene) -> requests.Response:
    admin = scene.place.stack.admin()
    path = f"/realms/demo/orgs/{scene.place.id}/invitations"
    made = admin.post(path, {"email": f"x{uuid.uuid4().hex[:8]}@tests.test", "send": False})
    admin.close()
    return scene.send("PUT", f"{scene.org}/invitations/{made}/resend-email")


def _read_anybodys_invitations(scene: Scene) -> requests.Response:
    return scene.send("GET", f"users/{make_person(scene.place.stack).id}/invitations")


def _rename(scene: Scene) -> requests.Response:
    return scene.send("PUT", scene.org, {"name": f"renamed-{uuid.uuid4().hex[:8]}"})


def _claim_domain(scene: Scene) -> requests.Response:
    return scene.send("PUT", scene.org, {"name": scene.place.name, "domains": ["gmail.com"]})


def _reserved_attribute(scene: Scene) -> requests.Response:
    return scene.send("PUT", scene.org, {"name": scene.place.name, "attributes": {"portal.logo": ["x"]}})


def _last_leaves(scene: Scene) -> requests.Response:
    return scene.send("DELETE", f"{scene.org}/members/{scene.attacker.id}")


def _fetch_inside(scene: Scene) -> requests.Response:
    body = {"providerId": "saml", "fromUrl": "http://127.0.0.1:9/"}
    return scene.send("POST", f"{scene.org}/idps/import-config", body)


SEE_MEMBERS = ("view-organization", "view-members")
ACTS = (
    Act("give oneself a role one does not hold", ("view-roles", "manage-roles"), _grant_oneself),
    Act("remove an administrator", (*SEE_MEMBERS, "manage-members"), _remove_administrator),
    Act("add any account of the realm by its id", (*SEE_MEMBERS, "manage-members"), _add_anybody),
    Act("invite somebody with roles one does not hold", ("view-invitations", "manage-invitations"), _invite_with_roles),
    Act("send an invitation again with the right to see it only", ("view-invitations",), _resend),
    Act("read anybody's invitations", (), _read_anybodys_invitations),
    Act("rename the organization", ("view-organization", "manage-organization"), _rename),
    Act("list a domain without proof", ("view-organization", "manage-organization"), _claim_domain),
    Act("write a reserved attribute", ("view-organization", "manage-organization"), _reserved_attribute),
    Act("leave as the last administrator", ALL_ROLES, _last_leaves),
    Act(
        "let Keycloak fetch an inner address", ("view-identity-providers", "manage-identity-providers"), _fetch_inside
    ),
)  # fmt: skip


def scene(stack: Stack, roles: tuple[str, ...]) -> Scene:
    """A new organization with an attacker who holds these roles there."""
    place = Place(stack, roles=roles)
    return Scene(place, place.someone, sample_tokens(place.browser)["access_token"])


HEAD = """# What only the portal stops

The organizations extension is laxer than the portal. Each act below is refused by the portal; sent straight to Keycloak
with the person's own token it is answered as the last column says (made and compared by `tests/test_bypass.py`).
Keep these paths from the public network: [edge.md](edge.md) has the files that do, `portal doctor` says what is open.

| act | roles held | answer of Keycloak |
|---|---|---|
"""


def line(act: Act, status: int) -> str:
    """One line of the table."""
    roles = "all" if act.roles == ALL_ROLES else ", ".join(act.roles) or "none"
    return f"| {act.title} | {roles} | {status} |"
