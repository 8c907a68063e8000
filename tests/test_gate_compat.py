"""The gate in front of each route of `/compat/workos`: with one thing missing nothing happens, with all it works."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from door import HOUSEKEEPING
from key_steps import OPERATOR, call, new_key
from realm_holdings import Realm
from recorder import Recorder
from stack import Stack
from test_gate import right_of
from twins_compat import COMPAT

from portal.compat import ids
from portal.keys.scopes import SCOPES, needed

RETURN = {"portal.returnOrigins": "https://app.example.test Shop", "portal.returnUrl": "https://app.example.test/"}
FACE = "/compat/workos/"


@dataclass(frozen=True)
class House:
    """A realm with keys: for everything, for nothing of this, for another organization."""

    stack: Stack
    realm: Realm
    key: str
    bound: str

    def send(self, endpoint: str, key: str, things: Mapping[str, str]) -> requests.Response:
        """The twin's request with a key."""
        twin = COMPAT[endpoint]
        body = {name: str(value).format_map(things) for name, value in twin.json.items()}
        return call(self.stack, key, twin.method, FACE + twin.path.format_map(things), json=body or None)

    def things(self) -> dict[str, str]:
        """An organization with a domain, a connection and an external id."""
        external, name = uuid.uuid4().hex, f"d{uuid.uuid4().hex[:8]}"
        sent = {"name": external, "external_id": external, "domain_data": [{"domain": f"old-{name}.test"}]}
        made: Any = call(self.stack, self.key, "POST", f"{FACE}organizations", json=sent).json()
        admin = self.stack.admin()
        path = f"/realms/{self.realm.name}/orgs/{ids.keycloak_id(made['id'])}/idps"
        admin.post(path, {"alias": name, "providerId": "oidc", "displayName": name, "enabled": True, "config": {}})
        admin.close()
        listed: Any = call(self.stack, self.key, "GET", f"{FACE}connections?organization_id={made['id']}").json()
        contacts: Any = call(
            self.stack, self.key, "GET", f"{FACE}organizations/{self.invited(made['id'])}/it_contacts"
        ).json()
        return {
            "organization": made["id"], "external": external, "name": name, "domain": made["domains"][0]["id"],
            "connection": listed["data"][0]["id"], "contact": contacts["data"][0]["id"],
        }  # fmt: skip

    def invited(self, organization: str) -> str:
        """The organization, for which an operator has mailed a setup link."""
        form = {"intents": "sso", "way": "mail", "locale": "en", "days": "7"}
        path = f"o/{ids.keycloak_id(organization)}/setup-link/new"
        answer = self.realm.browser.post(path, {**form, "contacts": f"it-{uuid.uuid4().hex[:8]}@tests.test"})
        assert answer.status_code == 303, answer.text
        return organization


@pytest.fixture(scope="module")
def house(stack: Stack, make_realm: Callable[..., str]) -> House:
    realm = Realm(stack, lambda: make_realm(**RETURN), roles=OPERATOR)
    key = new_key(realm, *SCOPES)
    other: Any = call(stack, key, "POST", f"{FACE}organizations", json={"name": "Elsewhere"}).json()
    return House(stack, realm, key, new_key(realm, *SCOPES, organizations=ids.keycloak_id(other["id"])))


@pytest.mark.case("O1")
@pytest.mark.case("S2")
@pytest.mark.parametrize("endpoint", sorted(COMPAT))
def test_a_route(endpoint: str, house: House, recorder: Recorder) -> None:
    right, things = right_of(endpoint), house.things()

    def refused(key: str, status: int) -> None:
        answer = house.send(endpoint, key, things)
        assert answer.status_code == status, answer.text
        assert [each for each in recorder.of(answer) if each.writes] == []

    refused("", 401)
    refused("sk_" + "x" * 43, 401)
    lacking = [scope for scope in SCOPES if scope not in needed(right.name)]
    refused(new_key(house.realm, *lacking), 403)
    if endpoint == "compat.create_organization":
        refused(house.bound, 403)
    elif endpoint != "compat.list_organizations":
        refused(house.bound, 404)
    answer = house.send(endpoint, house.key, things)
    assert answer.status_code == COMPAT[endpoint].status, (
        house.stack.refusal(answer.headers["X-Request-ID"]),
        answer.text,
    )
    used = {each.client for each in recorder.of(answer) if not HOUSEKEEPING.search(each.path)}
    assert used <= {"portal-setup", "portal-read"}, used


@pytest.mark.parametrize(
    ("section", "endpoint"),
    [
        ("org.details", "compat.get_organization"), ("org.domains", "compat.create_organization_domain"),
        ("org.sso", "compat.list_connections"),
    ],
)  # fmt: skip
def test_what_is_switched_off_is_off_for_programs_too(
    stack: Stack, make_realm: Callable[..., str], section: str, endpoint: str
) -> None:
    off = {f"_providerConfig.portal.{section}.enabled": "false"}
    realm = Realm(stack, lambda: make_realm(**RETURN, **off), roles=OPERATOR)
    key = new_key(realm, *SCOPES)
    made: Any = call(stack, key, "POST", f"{FACE}organizations", json={"name": "One"}).json()
    closed = House(stack, realm, key, "")
    answer = closed.send(endpoint, key, {"organization": made["id"], "name": "one"})
    assert answer.status_code == 404


def test_a_key_does_no_more_than_its_owner_may_now(house: House) -> None:
    leaver = Realm(house.stack, lambda: house.realm.name, roles=OPERATOR)
    key, things = new_key(leaver, *SCOPES), house.things()
    assert house.send("compat.get_organization", key, things).status_code == 200
    leaver.someone.take("realm-management", "manage-organizations")
    answer = house.send("compat.update_organization", key, things)
    assert answer.status_code == 403, answer.text
