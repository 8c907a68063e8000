"""The JSON face with a program's key: its scopes, links for people, and calls that are sent twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from key_steps import OPERATOR, call, new_key
from realm_holdings import Realm
from stack import Stack

Send = Callable[..., requests.Response]

BACK = {"portal.returnOrigins": "https://app.example.com Shop", "portal.returnUrl": "https://app.example.com/"}


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """A realm with an operator, and an address to which links lead back."""
    return Realm(stack, lambda: make_realm(**BACK), roles=OPERATOR)


def with_key(stack: Stack, realm: Realm, *scopes: str) -> Send:
    """A caller of the API with a key of these scopes."""
    key = new_key(realm, *scopes)
    return lambda method, path, **kwargs: call(stack, key, method, f"/{realm.name}/api/v1{path}", **kwargs)


def body() -> dict[str, Any]:
    name = f"api-{uuid.uuid4().hex[:10]}"
    return {"name": name, "display_name": "Made by a program", "domains": [f"{name}.test"]}


@pytest.mark.feature("WO-14")
@pytest.mark.feature("WO-19")
@pytest.mark.feature("WO-21")
@pytest.mark.case("Q1")
def test_a_program_makes_an_organization_once_however_often_it_asks(stack: Stack, realm: Realm) -> None:
    send = with_key(stack, realm, "organizations:read", "organizations:write", "organizations:delete")
    wanted, once = body(), {"Idempotency-Key": uuid.uuid4().hex}
    first, again = (send("POST", "/organizations", json=wanted, headers=once) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json()), again.text
    other = send("POST", "/organizations", json=body(), headers=once)
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
    found = send("GET", "/organizations", params={"q": wanted["name"]}).json()["data"]
    assert [each["id"] for each in found] == [first.json()["id"]]
    here = f"/organizations/{first.json()['id']}"
    assert send("GET", here).json()["display_name"] == "Made by a program"
    assert send("DELETE", here).status_code == 204
    assert send("GET", here).status_code == 404


@pytest.mark.feature("WO-54")
@pytest.mark.feature("WO-39")
def test_what_a_key_may_not_do_names_the_scope_that_would_open_it(stack: Stack, realm: Realm) -> None:
    send = with_key(stack, realm, "organizations:read")
    refused = send("POST", "/organizations", json=body())
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert "organizations:write" in refused.json()["message"]
    assert send("GET", "/profile").json()["message"] == "Keys cannot do this."
    assert send("PATCH", "/settings", json={"sections": {"org": False}}).status_code == 403
    wrong = requests.get(
        f"{stack.portal_url}/{realm.name}/api/v1/organizations", headers={"Authorization": "Bearer sk_x"}, timeout=30
    )
    assert (wrong.status_code, wrong.json()["code"]) == (401, "key_refused")
    assert "Settings, API keys" in wrong.json()["hint"]


@pytest.mark.feature("WO-29")
@pytest.mark.feature("WO-37")
@pytest.mark.feature("WO-38")
@pytest.mark.feature("WO-45")
@pytest.mark.feature("WO-51")
@pytest.mark.feature("WO-61")
@pytest.mark.feature("WO-62")
def test_a_program_makes_links_for_what_its_key_is_for(stack: Stack, realm: Realm) -> None:
    send = with_key(stack, realm, "organizations:write", "links:sso")
    here = f"/organizations/{send('POST', '/organizations', json=body()).json()['id']}"
    links = f"{here}/portal-links"
    first, second = (send("POST", links, json={"intent": "sso"}).json() for _ in range(2))
    assert first["link"].startswith(f"{stack.portal_url}/portal/launch?token=")
    assert first["link"] != second["link"]
    known = {each["intent"]: each["available"] for each in send("GET", "/intents").json()["data"]}
    assert known == {
        "sso": True, "domain_verification": True, "certificate_renewal": True, "audit_logs": True, "dsync": False,
        "log_streams": False,
    }  # fmt: skip
    assert send("POST", links, json={}).json()["field"] == "intent"
    unknown = send("POST", links, json={"intent": "everything"}).json()
    assert (unknown["field"], [each for each in known if each not in unknown["message"]]) == ("intent", [])
    assert send("POST", links, json={"intent": "audit_logs"}).status_code == 403
    insecure = send("POST", links, json={"intent": "sso", "return_url": "http://app.example.com/"})
    assert (insecure.status_code, insecure.json()["field"]) == (422, "return_url")
    shown = send("GET", f"{here}/setup-links").json()["data"]
    assert {each["id"] for each in shown} == {first["id"], second["id"]}
    assert "launch" not in str(shown)
    events = with_key(stack, realm, "links:audit_logs")("DELETE", f"{here}/setup-links/{first['id']}")
    assert (events.status_code, events.json()["code"]) == (403, "missing_scope"), "made for something else"
    assert send("DELETE", f"{here}/setup-links/{first['id']}").json()["state"] == "revoked"
    assert requests.get(first["link"], timeout=30).status_code in {404, 410}
    once = {"Idempotency-Key": uuid.uuid4().hex}
    assert send("POST", links, json={"intent": "sso"}, headers=once).status_code == 201
    assert send("POST", links, json={"intent": "sso"}, headers=once).status_code == 409


@pytest.mark.feature("WO-18")
def test_a_key_for_one_organization_reaches_no_other(stack: Stack, realm: Realm) -> None:
    send = with_key(stack, realm, "organizations:write")
    mine, other = (send("POST", "/organizations", json=body()).json() for _ in range(2))
    key = new_key(realm, "organizations:read", "members:write", organizations=mine["id"])
    bound = lambda method, path: call(stack, key, method, f"/{realm.name}/api/v1{path}")  # noqa: E731
    assert [each["id"] for each in bound("GET", "/organizations").json()["data"]] == [mine["id"]]
    assert bound("GET", f"/organizations/{mine['id']}/members").json()["data"] == []
    assert bound("GET", f"/organizations/{other['id']}").status_code == 404
