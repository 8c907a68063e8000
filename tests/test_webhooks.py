"""Webhooks as operators make them, and what a receiver hears of the running portal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from cast import Client, Person
from inside import background
from organization_holdings import Place
from playwright.sync_api import Page, expect
from realm_holdings import Realm
from stack import Stack
from waiting import eventually
from webhook_steps import LIST, changed, form, heard, hook_realm, make, types  # noqa: F401

from portal.events.poller import poll

DOC = Path(__file__).parent.parent / "docs" / "webhooks.md"


@pytest.mark.feature("P2-69")
def test_a_changed_profile_reaches_the_receiver_within_seconds(
    realm: Realm, stack: Stack, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"/{realm.name}/{LIST}", realm.someone)
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Name").fill("Orders")
    page.get_by_label("Address").fill(realm["receiver"])
    page.get_by_role("button", name="Create the webhook").click()
    expect(page.get_by_text("Copy the secret now")).to_be_visible()
    secret = page.locator("#secret").input_value()
    someone = realm.join()
    other = open_page(f"/{realm.name}/profile", someone)
    other.get_by_label("First name").fill("Renamed")
    other.get_by_role("button", name="Save profile").click()
    expect(other.get_by_role("status").get_by_text("Profile saved.")).to_be_visible()
    eventually(lambda: "profile.edit" in types(stack, secret), 10, "nothing was delivered")
    [told] = [each for each in heard(stack, secret) if each["type"] == "profile.edit"]
    assert told["data"]["actor"]["id"] == someone.id and told["data"]["result"] == "done"
    assert told["data"]["details"]["changed"] == ["firstName"]
    assert "Renamed" not in json.dumps(told["data"]["details"]), "what somebody is called now is not told"
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("link", name="profile.edit")).to_be_visible()
    expect(page.get_by_role("cell", name="Delivered").first).to_be_visible()
    assert secret not in page.content()


@pytest.mark.case("Q1")
def test_the_secret_is_told_once_and_kept_nowhere_in_the_clear(realm: Realm, stack: Stack) -> None:
    entered = form(realm)
    first = realm.browser.post(f"{LIST}/new", entered)
    secret = re.findall(r'value="(whsec_[\w+/=]+)"', first.text)[0]
    again = realm.browser.post(f"{LIST}/new", entered)
    assert again.status_code == 303 and entered["made"] in again.headers["Location"], "sent twice, made once"
    for path in (LIST, f"{LIST}/{entered['made']}", f"{LIST}/{entered['made']}/edit"):
        assert "whsec_" not in realm.browser.get(path).text
    key = secret.removeprefix("whsec_").encode()
    for kept in Path(stack.folder).glob("portal.db*"):
        assert key not in kept.read_bytes()
    assert key not in Path(stack.folder, "portal.log").read_bytes()
    assert key not in Path(stack.folder, "worker.log").read_bytes()


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest", "https://[::1]/",
     "https://2130706433/", "https://0x7f.1/", "http://example.com/", "https://user:pw@example.com/", "ftp://example.com/",
     "javascript:alert(1)", "", "https://keycloak:8443/"],
)  # fmt: skip
def test_an_address_on_the_inside_is_refused_when_it_is_entered(realm: Realm, address: str) -> None:
    entered = form(realm, url=address)
    answer = realm.browser.post(f"{LIST}/new", entered)
    assert answer.status_code == 422 and "public https address" in answer.text
    assert realm.browser.get(f"{LIST}/{entered['made']}").status_code == 404


def test_what_is_wrong_stands_beside_its_field(realm: Realm) -> None:
    wrong = {"name": "", "contact": "nobody", "organizations": "no-such-organization"}
    answer = realm.browser.post(f"{LIST}/new", form(realm, **wrong))
    assert answer.status_code == 422
    for said in ("Give it a name", "Enter an email address.", "There is no organization “no-such-organization”."):
        assert said in answer.text


def test_an_organization_is_told_of_its_own_people_alone(realm: Realm, stack: Stack) -> None:
    place, other, worker = Place(stack, realm=realm.name), Place(stack, realm=realm.name), background(stack)
    poll(worker, realm.name)
    mine, secret = make(realm, organizations=place.name)
    assert place.name in realm.browser.get(f"{LIST}/{mine}").text
    for each in (place, other):
        someone = each.join("view-members")
        answer = each.browser.post(f"o/{each.name}/members/{someone.id}/remove", {"confirm": "yes"})
        assert answer.status_code == 303, answer.text
    eventually(lambda: "members.remove" in types(stack, secret), 20, "nothing was delivered")
    Client(stack, realm.name).sign_in(place.join())
    eventually(lambda: poll(worker, realm.name) or "LOGIN" in types(stack, secret), 30, "nothing was read")
    eventually(lambda: "LOGIN" in types(stack, secret), 30, "Keycloak's event was not delivered")
    found = heard(stack, secret)
    assert {each["data"]["organization"]["id"] for each in found} == {place.id}
    assert {each["data"]["organization"]["name"] for each in found} == {place.name}
    [removal] = [each["data"] for each in found if each["type"] == "members.remove"]
    assert removal["actor"]["id"] == place.someone.id and removal["target"]["type"] == "person"
    text = json.dumps(found)
    assert "127." not in text and "ip_address" not in text and "session" not in text
    assert [each["data"]["sequence"] for each in found] == sorted(each["data"]["sequence"] for each in found)


def test_those_who_run_the_realm_are_not_named(realm: Realm, stack: Stack) -> None:
    _, secret = make(realm, groups=["realm"])
    assert realm.browser.post("settings/sections", realm.sections("org.events")).status_code == 303
    assert realm.browser.post("settings/sections", realm.sections()).status_code == 303
    eventually(lambda: types(stack, secret).count("settings.save") == 2, 20, "nothing was delivered")
    text = json.dumps(heard(stack, secret))
    assert '"actor": {"type": "operator"}' in text
    assert realm.someone.id not in text and realm.someone.email not in text


def test_another_realm_has_no_such_webhook(realm: Realm, stack: Stack, make_realm: Callable[..., str]) -> None:
    mine, _ = make(realm)
    foreign = Realm(stack, make_realm)
    for path in ("", "/edit", "/rotate", "/replay", "/deliveries/1"):
        assert foreign.browser.get(f"{LIST}/{mine}{path}").status_code == 404
    assert foreign.browser.post(f"{LIST}/{mine}/delete", {"confirm": "yes"}).status_code == 404
    assert mine not in foreign.browser.get(LIST).text


def test_the_example_of_the_documentation_verifies_a_delivery(realm: Realm, stack: Stack) -> None:
    [code] = re.findall(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(DOC), "exec"), names)
    mine, secret = make(realm, groups=["sso"])
    assert realm.browser.post(f"{LIST}/{mine}/test", {"confirm": "yes"}).status_code == 303
    kept = requests.get(f"{stack.sample_url}/webhooks", headers={"Accept": "application/json"}, timeout=10).json()
    verify = names["verify"]
    [good] = [each for each in kept if verify(secret, each["headers"], each["body"].encode())]
    assert json.loads(good["body"])["type"] == "webhook.test"
    assert not verify(secret, good["headers"], good["body"].encode() + b" ")
    assert not verify(secret, {**good["headers"], "webhook-timestamp": "1700000000"}, good["body"].encode())


def test_whoever_only_looks_at_settings_sees_none(realm: Realm) -> None:
    looker: Person = realm.join("view-realm")
    browser = Client(realm.stack, realm.name).sign_in(looker)
    assert browser.get(LIST).status_code == 403
    assert "Webhooks" not in browser.get("settings/sections").text


@pytest.mark.case("E9")
def test_nobody_chooses_what_else_is_in_the_head(realm: Realm, stack: Stack) -> None:
    evil = {"Host": "inner.test", "Authorization": "Bearer x", "Transfer-Encoding": "chunked", "Connection": "x"}
    more = {"headers": json.dumps(evil), "header": "Host: inner.test", **{f"headers.{key}": evil[key] for key in evil}}
    mine, secret = make(realm, name="Hook\r\nX-Evil: yes", **more)
    assert realm.browser.post(f"{LIST}/{mine}/edit", {**form(realm), **more}).status_code in {200, 303, 422}
    assert realm.browser.post(f"{LIST}/{mine}/test", {"confirm": "yes"}).status_code == 303
    [told] = [each for each in heard(stack, secret) if each["type"] == "webhook.test"]
    assert "inner.test" not in json.dumps(told)
    pages = realm.browser.get(f"{LIST}/{mine}").text + realm.browser.get(f"{LIST}/{mine}/edit").text
    assert "inner.test" not in pages and not re.search(r'name="header', pages)
    for url in (f"{realm['receiver']}\r\nX-Evil: yes", realm["receiver"].replace("://", "://user:pw@")):
        assert realm.browser.post(f"{LIST}/new", form(realm, url=url)).status_code == 422
