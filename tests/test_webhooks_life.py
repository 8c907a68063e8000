"""A webhook of the running portal is tried, switched off and on, suspended, and sends again."""

from __future__ import annotations

import re

from cast import Client
from realm_holdings import Realm
from sqlalchemy import select
from stack import Stack
from waiting import eventually
from webhook_steps import LIST, changed, form, heard, hook_realm, make, types  # noqa: F401

from portal.store import now
from portal.store.models import AuditRow
from portal.store.models_webhooks import Delivery, Webhook


def test_a_test_event_says_what_came_of_it(realm: Realm, stack: Stack) -> None:
    mine, secret = make(realm, groups=["sso"])
    assert realm.browser.post(f"{LIST}/{mine}/test").status_code == 422
    assert realm.browser.post(f"{LIST}/{mine}/test", {"confirm": "yes"}).status_code == 303
    assert "The test event was taken: 204" in realm.browser.get(f"{LIST}/{mine}").text
    [told] = heard(stack, secret)
    assert (told["type"], told["data"]["sequence"]) == ("webhook.test", 1)
    dead, _ = make(realm, groups=["sso"], url=f"{stack.sample_url}/nothing-here")
    assert realm.browser.post(f"{LIST}/{dead}/test", {"confirm": "yes"}).status_code == 303
    shown = realm.browser.get(f"{LIST}/{dead}").text
    assert "The test event was not taken: 404" in shown and "Failed" in shown
    answers = {realm.browser.post(f"{LIST}/{dead}/test", {"confirm": "yes"}).status_code for _ in range(11)}
    assert answers == {303, 429}


def test_off_waits_and_on_sends_what_waited(realm: Realm, stack: Stack) -> None:
    mine, secret = make(realm, groups=["people"])
    assert realm.browser.post(f"{LIST}/{mine}/disable", {"confirm": "yes"}).status_code == 303
    someone = Client(realm.stack, realm.name).sign_in(realm.join())
    assert someone.post("preferences/theme", {"theme": "dark"}).status_code == 303
    saved = someone.post("profile", {"attr.firstName": "A", "attr.lastName": "B", "attr.email": _email(someone)})
    assert saved.status_code == 303
    shown = eventually(lambda: _waits(realm, mine), 10, "it does not wait")
    assert "Off" in shown and heard(stack, secret) == []
    assert realm.browser.post(f"{LIST}/{mine}/enable", {"confirm": "yes"}).status_code == 303
    eventually(lambda: "profile.edit" in types(stack, secret), 15, "it was not sent")


def _email(someone: Client) -> str:
    found = re.search(r'name="attr.email"[^>]*value="([^"]*)"', someone.get("profile").text)
    return found[1] if found else ""


def _waits(realm: Realm, mine: str) -> str:
    shown = str(realm.browser.get(f"{LIST}/{mine}").text)
    return shown if "profile.edit" in shown and "Waiting" in shown else ""


def test_sending_again_one_or_all_since(realm: Realm, stack: Stack) -> None:
    mine, secret = make(realm, groups=["realm"])
    for off in ("org.sso", "org.events"):
        assert realm.browser.post("settings/sections", realm.sections(off)).status_code == 303
    eventually(lambda: types(stack, secret).count("settings.save") == 2, 20, "nothing was delivered")
    first = heard(stack, secret)[0]["data"]
    path = f"{LIST}/{mine}/deliveries/{first['sequence']}"
    shown = realm.browser.get(path).text
    assert first["id"] in shown and "204" in shown and "&#34;sequence&#34;" in shown
    assert realm.browser.post(f"{path}/replay", {"confirm": "yes"}).status_code == 303
    eventually(lambda: [each["data"]["id"] for each in heard(stack, secret)].count(first["id"]) == 2, 15, "not again")
    assert realm.browser.post(f"{LIST}/{mine}/replay", {"day": "yesterday"}).status_code == 422
    before = len(heard(stack, secret))
    assert realm.browser.post(f"{LIST}/{mine}/replay", {"day": str(now().date())}).status_code == 303
    # The replays and secrets of webhooks are events of the realm themselves, so there are more by now.
    eventually(lambda: len(heard(stack, secret)) >= before + 3, 20, "not all of them again")
    for number in ("0", "999", "x", "1.5", "-1"):
        assert realm.browser.get(f"{LIST}/{mine}/deliveries/{number}").status_code == 404


def test_a_new_secret_signs_beside_the_last_one(realm: Realm, stack: Stack) -> None:
    mine, last = make(realm, groups=["sso"])
    answer = realm.browser.post(f"{LIST}/{mine}/rotate", {"confirm": "yes"})
    new = re.findall(r'value="(whsec_[\w+/=]+)"', answer.text)[0]
    assert new != last and "24 hours" in answer.text
    assert realm.browser.post(f"{LIST}/{mine}/test", {"confirm": "yes"}).status_code == 303
    assert types(stack, last) == types(stack, new) == ["webhook.test"]
    changed(stack, Webhook, mine, previous_until=now())
    assert realm.browser.post(f"{LIST}/{mine}/test", {"confirm": "yes"}).status_code == 303
    assert (len(heard(stack, last)), len(heard(stack, new))) == (1, 2)


def test_it_is_suspended_with_its_makers_right_and_can_be_adopted(realm: Realm, stack: Stack) -> None:
    maker = realm.join("view-realm", "manage-realm")
    browser = realm.enter(maker)
    entered = form(realm, contact=maker.email, groups=["realm"])
    answer = browser.post(f"{LIST}/new", entered)
    secret = re.findall(r'value="(whsec_[\w+/=]+)"', answer.text)[0]
    mine = entered["made"]
    eventually(lambda: types(stack, secret), 15, "nothing was delivered")
    maker.take("realm-management", "manage-realm")
    changed(stack, Webhook, mine, checked=now().replace(year=2025))
    assert realm.browser.post("settings/sections", realm.sections("org.sso")).status_code == 303
    assert realm.browser.post("settings/sections", realm.sections()).status_code == 303
    eventually(lambda: "may no longer manage this realm" in realm.browser.get(f"{LIST}/{mine}").text, 20, "still on")
    assert browser.get(LIST).status_code == 403
    assert "settings.save" not in types(stack, secret)
    eventually(lambda: [m for m in stack.mails(maker.email) if "switched off" in m["subject"]], 20, "no mail")
    assert realm.browser.post(f"{LIST}/{mine}/enable", {"confirm": "yes"}).status_code == 409
    assert realm.browser.post(f"{LIST}/{mine}/adopt", {"confirm": "yes"}).status_code == 303
    eventually(lambda: types(stack, secret).count("settings.save") >= 2, 20, "what waited was not sent")


def test_deleting_takes_everything_along_and_is_on_record(realm: Realm, stack: Stack) -> None:
    mine, _ = make(realm, url=f"{realm['receiver']}?token=in-the-address")
    assert realm.browser.post(f"{LIST}/{mine}/delete", {"confirm": "yes"}).status_code == 303
    assert realm.browser.get(f"{LIST}/{mine}").status_code == 404
    store = stack.store()
    with store.read() as session:
        assert list(session.scalars(select(Delivery.number).where(Delivery.webhook == mine))) == []
        rows = list(session.scalars(select(AuditRow).where(AuditRow.target == mine).order_by(AuditRow.at)))
    store.engine.dispose()
    assert [{**row.before, **row.after}["deed"] for row in rows] == ["create", "delete"]
    assert "in-the-address" not in str([(row.before, row.after) for row in rows])
