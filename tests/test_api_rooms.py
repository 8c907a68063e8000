"""The JSON face of domains, events, lists of people, the look, single sign-on and settings."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import connection_steps
import pytest
import requests
from api_steps import Api, api_of
from organization_holdings import Place
from realm_holdings import Realm
from stack import Stack
from waiting import eventually


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture(scope="module")
def send(place: Place) -> Api:
    return api_of(place)


def test_a_list_of_people_is_invited_or_refused_as_a_whole(send: Api) -> None:
    address = f"{uuid.uuid4().hex[:10]}@tests.test"
    people = [{"email": address, "roles": ["view-members"]}, {"email": "nobody"}, {"email": address}]
    refused = send("POST", "~/invitation-jobs", json={"people": people})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"people.1", "people.2"})
    started = send("POST", "~/invitation-jobs", json={"people": people, "partial": True})
    assert (started.status_code, started.json()["total"]) == (202, 1), started.text
    one = f"~/invitation-jobs/{started.json()['id']}"
    eventually(lambda: send("GET", one).json()["over"])
    [row] = send.every(f"{one}/rows")
    assert (row["email"], row["state"]) == (address, "sent")
    assert send("GET", f"~/invitations/{row['about']}").json()["email"] == address
    assert send("POST", "~/invitation-jobs", json={"people": []}).json()["field"] == "people"


def test_a_domain_is_claimed_looked_up_removed_and_taken_back(send: Api) -> None:
    name = f"{uuid.uuid4().hex[:10]}.test"
    made = send("POST", "~/domains", json={"domain": name})
    assert (made.status_code, made.json()["state"]) == (201, "pending"), made.text
    assert made.json()["record"]["name"] == f"_org-domain-ownership.{name}"
    assert send("POST", f"~/domains/{name}/verify").json()["verified"] is False
    assert send("POST", "~/domains", json={"domain": "localhost"}).json()["field"] == "domain"
    gone = send("DELETE", f"~/domains/{name}").json()
    assert send("GET", f"~/domains/{name}").status_code == 404
    assert send("POST", f"~/domain-removals/{gone['record']}/undo").json()["domain"] == name


def test_events_come_page_by_page_and_as_a_file(send: Api) -> None:
    for number in range(3):
        assert send("PATCH", "~", json={"url": f"https://{number}.example.com/"}).status_code == 200
    pages = send.every("~/events", kind="organization", limit=1)
    every = send("GET", "~/events", params={"kind": "organization"}).json()["data"]
    assert pages == every
    assert len(every) >= 3
    lines = send("GET", "~/events/export", params={"format": "csv", "kind": "organization"})
    assert lines.headers["Content-Type"].startswith("text/csv")
    assert len(lines.text.strip().splitlines()) >= len(every) + 1
    for query, field in (({"kind": "lost"}, "kind"), ({"from": "yesterday"}, "from"), ({"format": "xls"}, "format")):
        path = "~/events/export" if field == "format" else "~/events"
        assert send("GET", path, params=query).json()["field"] == field


def test_an_organization_wears_its_own_colour(send: Api) -> None:
    before = send("GET", "~/look")
    tag = {"If-Match": before.headers["ETag"]}
    assert send("PATCH", "~/look", json={"background": "#1B5E20"}, headers=tag).json()["background"] == "#1b5e20"
    assert send("PATCH", "~/look", json={"background": ""}, headers=tag).status_code == 412
    assert send("PATCH", "~/look", json={"background": "green"}).json()["field"] == "background"


@pytest.mark.feature("WO-43")
def test_a_connection_is_set_up_and_its_state_is_told(stack: Stack, place: Place, send: Api) -> None:
    guides = {each["id"] for each in send("GET", "~/connection-guides").json()["data"]}
    assert {"generic-saml", "generic-oidc"} <= guides
    begun = send("POST", "~/connection-setups", json={"guide": "generic-saml"}).json()
    assert begun["values"]["acs_url"].endswith(f"/broker/{begun['connection']}/endpoint")
    save = f"~/connection-setups/{begun['id']}/save"
    wrong = send("POST", save, json={"metadata": {"text": "<html>"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "metadata.text"), wrong.text
    descriptor = f"{stack.keycloak_url}/realms/idp/protocol/saml/descriptor"
    saved = send("POST", save, json={"metadata": {"url": descriptor}})
    assert (saved.status_code, saved.json()["state"]) == (201, "draft"), saved.text
    one = f"~/connections/{begun['connection']}"
    assert send("GET", one).json()["missing"].startswith("Test this connection first")
    early = send("POST", f"{one}/activate")
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    assert send("GET", f"{one}/metadata").json()["certificates"]
    test = send("POST", f"{one}/tests").json()
    assert (test["state"], requests.get(test["address"], timeout=30).status_code) == ("waiting", 200)
    assert send("DELETE", one).status_code == 204
    active = connection_steps.active(place).alias
    told = {each["id"]: (each["state"], each["reason"]) for each in send("GET", "~/connections").json()["data"]}
    assert told == {active: ("active", "")}
    assert send("POST", f"~/connections/{active}/disable").json()["state"] == "disabled"


def test_an_operator_saves_settings_with_a_token_that_carries_his_role(
    stack: Stack, make_realm: Callable[..., str]
) -> None:
    held = Realm(stack, make_realm)
    send = Api(held.browser)
    assert send("PATCH", "/settings", json={"sections": {"org.sso": False}}).status_code == 403, "no such scope"
    admin = stack.admin()
    [client] = admin.get(f"/admin/realms/{held.name}/clients?clientId=sample-app")
    admin.put(f"/admin/realms/{held.name}/clients/{client['id']}", {**client, "fullScopeAllowed": True})
    admin.close()
    send = Api(held.browser)
    before = send("GET", "/settings")
    wanted = {"sections": {"org.sso": False}, "branding": {"primary": "#7a1fa2"}, "returning": {"link_days": 10}}
    saved = send("PATCH", "/settings", json=wanted, headers={"If-Match": before.headers["ETag"]})
    assert saved.status_code == 200, saved.text
    found = saved.json()
    assert (found["sections"]["org.sso"], found["sections"]["org"]) == (False, True)
    assert (found["branding"]["primary"], found["returning"]["link_days"]) == ("#7a1fa2", 10)
    late = send("PATCH", "/settings", json=wanted, headers={"If-Match": before.headers["ETag"]})
    assert late.status_code == 412
    bad = {"branding": {"primary": "purple"}, "returning": {"default": "http://x.example.com/"}}
    assert set(send("PATCH", "/settings", json=bad).json()["errors"]) == {"branding.primary"}
    changes = send.every("/settings/changes")
    assert {each["area"] for each in changes} == {"sections", "branding", "return"}
    undone = send("POST", f"/settings/changes/{changes[-1]['id']}/undo")
    assert undone.json()["sections"]["org.sso"] is True, undone.text
