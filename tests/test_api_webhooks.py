"""The JSON face of webhooks, and of the layout, for operators with a token that carries their roles."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from api_steps import Api
from key_steps import OPERATOR, call, new_key
from realm_holdings import Realm
from stack import Stack
from waiting import eventually
from webhook_steps import heard, types

from portal.keys.scopes import SCOPES


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """A realm whose application may ask for the roles of operators."""
    made = Realm(stack, make_realm, roles=OPERATOR)
    admin = stack.admin()
    [client] = admin.get(f"/admin/realms/{made.name}/clients?clientId=sample-app")
    admin.put(f"/admin/realms/{made.name}/clients/{client['id']}", {**client, "fullScopeAllowed": True})
    admin.close()
    return made


@pytest.fixture(scope="module")
def send(realm: Realm) -> Api:
    """Its operator."""
    return Api(realm.browser)


def make(send: Api, realm: Realm, **fields: Any) -> tuple[str, str]:
    """A webhook; its path and its secret."""
    body = {"name": f"Hook {uuid.uuid4().hex[:6]}", "url": realm["receiver"], **fields}
    answer = send("POST", "/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return f"/webhooks/{answer.json()['id']}", answer.json()["secret"]


@pytest.mark.feature("P2-67")
@pytest.mark.feature("P2-69")
def test_a_webhook_is_made_changed_and_deleted_by_calls(send: Api, realm: Realm) -> None:
    one, secret = make(send, realm, kinds=["settings.save"])
    read = send("GET", one)
    assert secret not in read.text and "secret" not in set(read.json())
    assert (read.json()["kinds"], read.json()["groups"], read.json()["state"]) == (["settings.save"], [], "active")
    assert read.json()["contact"] == realm.someone.email
    tag = {"If-Match": read.headers["ETag"]}
    changed = send("PATCH", one, json={"groups": ["sso"], "name": "Other"}, headers=tag)
    assert (changed.json()["kinds"], changed.json()["groups"], changed.json()["url"]) == (
        ["settings.save"], ["sso"], realm["receiver"],
    ), changed.text  # fmt: skip
    assert send("PATCH", one, json={"name": "Late"}, headers=tag).status_code == 412
    assert "Other" in realm.browser.get(f"settings{one}").text
    assert one.rpartition("/")[2] in {each["id"] for each in send("GET", "/webhooks").json()["data"]}
    assert send("DELETE", one).status_code == 204
    assert send("GET", one).status_code == 404


@pytest.mark.case("E4")
def test_no_answer_tells_a_secret_twice(send: Api, realm: Realm) -> None:
    once = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"name": "Once", "url": realm["receiver"]}
    first, again = (send("POST", "/webhooks", json=body, headers=once) for _each in range(2))
    assert (first.status_code, again.status_code) == (201, 409)
    assert "whsec_" not in again.text
    assert [each["name"] for each in send("GET", "/webhooks").json()["data"]].count("Once") == 1
    new = send("POST", f"/webhooks/{first.json()['id']}/secret").json()["secret"]
    assert new.startswith("whsec_") and new != first.json()["secret"]


def test_single_kinds_reach_the_receiver_and_are_sent_again(send: Api, realm: Realm, stack: Stack) -> None:
    one, secret = make(send, realm, kinds=["settings.save"])
    make(send, realm, groups=["sso"])  # its record is of another kind
    assert send("PATCH", "/settings", json={"sections": {"org.events": False}}).status_code == 200
    eventually(lambda: types(stack, secret) == ["settings.save"], 20, "nothing was delivered")
    [sent] = eventually(lambda: send("GET", f"{one}/deliveries", params={"state": "delivered"}).json()["data"], 10)
    whole = send("GET", f"{one}/deliveries/{sent['number']}").json()
    assert (whole["entry"], whole["body"]["type"]) == (sent, "settings.save")
    assert send("POST", f"{one}/deliveries/{sent['number']}/replay").json() == {"count": 1}
    eventually(lambda: len(heard(stack, secret)) == 2, 20, "not sent again")
    assert {each["data"]["id"] for each in heard(stack, secret)} == {sent["event"]}
    eventually(lambda: send("GET", f"{one}/queue").json()["deliveries"] == {"delivered": 1}, 10)
    assert send("POST", f"{one}/replay", json={"since": "2020-01-01T00:00:00+02:00"}).json() == {"count": 1}
    for since in ("yesterday", "9999-12-31", "0001-01-01T00:00:00+14:00", "2099-01-01"):
        assert send("POST", f"{one}/replay", json={"since": since}).json()["field"] == "since"


def test_it_is_tried_switched_off_and_on(send: Api, realm: Realm, stack: Stack) -> None:
    one, secret = make(send, realm, groups=["sso"])
    tried = send("POST", f"{one}/test").json()
    assert (tried["state"], tried["status"]) == ("delivered", 204)
    assert types(stack, secret) == ["webhook.test"]
    assert send("POST", f"{one}/disable").json()["state"] == "disabled"
    assert send("POST", f"{one}/skip").json() == {"count": 0}
    assert send("POST", f"{one}/enable").json()["state"] == "active"
    assert send("POST", f"{one}/enable").status_code == 409
    assert send("POST", f"{one}/adopt").status_code == 409


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://169.254.169.254/latest"}, "url"), ({"url": "http://localhost/"}, "url"),
        ({"kinds": ["members.removed"]}, "kinds"), ({"organizations": ["nobody-is-called-this"]}, "organizations"),
        ({"groups": ["everything"]}, "groups.0"), ({"contact": "nobody"}, "contact"), ({"secret": "mine"}, "secret"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_field(send: Api, realm: Realm, wrong: dict[str, Any], field: str) -> None:
    answer = send("POST", "/webhooks", json={"name": "Wrong", "url": realm["receiver"], **wrong})
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    if field == "kinds":
        assert "members.remove" in answer.json()["message"]


def test_no_key_and_no_other_realm_comes_near_them(
    send: Api, realm: Realm, stack: Stack, make_realm: Callable[..., str]
) -> None:
    one, _secret = make(send, realm)
    key, base = new_key(realm, *SCOPES), f"/{realm.name}/api/v1"
    for method, path in (("GET", "/webhooks"), ("POST", "/webhooks"), ("GET", one), ("POST", f"{one}/secret")):
        assert call(stack, key, method, f"{base}{path}", json={}).status_code == 403, path
    foreign = Realm(stack, make_realm, roles=OPERATOR)
    assert Api(foreign.browser)("GET", one).status_code in {403, 404}
    assert Api(realm.enter(realm.join("view-realm")))("GET", one).status_code == 403


@pytest.mark.feature("P2-67")
def test_the_layout_is_saved_by_a_call(send: Api, realm: Realm) -> None:
    before = send("GET", "/settings/layout")
    assert before.json() == {"layout": "", "target": "", "script": "", "integrity": ""}
    tag = {"If-Match": before.headers["ETag"]}
    saved = send("PATCH", "/settings/layout", json={"layout": "top", "target": "account"}, headers=tag)
    assert (saved.json()["layout"], saved.json()["target"]) == ("top", "account"), saved.text
    assert send("PATCH", "/settings/layout", json={"layout": ""}, headers=tag).status_code == 412
    assert send("PATCH", "/settings/layout", json={"layout": "diagonal"}).json()["field"] == "layout"
    wrong = {"script": "http://example.com/x.js", "integrity": "sha384-x"}
    answer = send("PATCH", "/settings/layout", json=wrong)
    assert (answer.status_code, answer.json()["field"]) == (422, "script"), "this portal serves several realms"
    assert send("GET", "/settings/layout").json()["script"] == ""
    assert "layout" in {each["area"] for each in send.every("/settings/changes")}
