"""The copy of one's own data, the end of the account, and the list of recent activity."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from portal.store import now
from portal.store.models import AuditRow, SessionRow


@pytest.mark.feature("SV-64")
def test_the_download_holds_everything_of_the_person_and_nothing_of_others(person: Any, client: Any) -> None:
    other = person()
    client(other)
    someone = person(attributes={"city": ["Bonn"]})
    browser = client(someone)
    browser.post("preferences/theme", {"theme": "dark"})
    answer = browser.get("data/download")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = json.loads(answer.text)
    assert found["missing"] == []
    assert found["profile"]["attributes"]["city"] == ["Bonn"]
    assert [each["type"] for each in found["sign_in_methods"]] == ["password"]
    assert len(found["sessions"]) == 1
    assert found["organizations"] == []
    assert found["portal"]["preferences"] == {"theme": "dark"}
    assert {each["what"] for each in found["portal"]["record"]} == {"data.download"}
    assert "LOGIN" in {each["type"] for each in found["events"]}
    for secret in (other.username, other.id, someone.password, browser.cookie(), "eyJ", "secretData", "hashIterations"):
        assert secret not in answer.text


def test_a_part_that_could_not_be_read_is_named_and_the_page_tells(person: Any, client: Any, recorder: Any) -> None:
    browser = client(person())
    sid = recorder.session(browser.get("profile"))
    with recorder.rule("cut", path="/account/linked-accounts$", sid=sid):
        found = json.loads(browser.get("data/download").text)
    assert found["missing"] == ["linked_accounts"]
    assert "linked_accounts" not in found
    assert found["profile"], "the other parts are there"
    assert "Your latest copy is incomplete" in browser.get("data").text
    assert json.loads(browser.get("data/download").text)["missing"] == []
    assert "Your latest copy is incomplete" not in browser.get("data").text


@pytest.mark.case("T15")
def test_an_old_sign_in_is_confirmed_first(stack: Any, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    store = stack.store()
    with store.write() as transaction:
        old = int((now() - timedelta(minutes=16)).timestamp())
        transaction.execute(update(SessionRow).where(SessionRow.sub == someone.id).values(auth_time=old))
    store.engine.dispose()
    page = browser.get("data/download")
    assert "kc-form-login" in page.text, "Keycloak asks again although its session lives"
    page = browser.send_keycloak_form(page, password=someone.password)
    assert page.headers["Content-Type"].startswith("application/json")


@pytest.mark.case("U4")
def test_the_account_is_deleted_after_the_typed_name_and_a_fresh_sign_in(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/data", someone)
    page.get_by_role("link", name="Delete my account").click()
    page.fill("[name=username]", "somebody else")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Type the username exactly as it stands above.")).to_be_visible()
    page.fill("[name=username]", someone.username)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Go on and delete my account").click()
    if page.locator("#password").count():
        page.fill("#password", someone.password)
        page.click("#kc-login")
    page.get_by_role("button", name="Confirm deletion").click()
    page.wait_for_load_state()
    assert someone.read() is None
    page.goto("/demo/profile")
    expect(page.locator("#username")).to_be_visible()


@pytest.mark.case("U4")
def test_leaving_to_delete_is_not_recorded_as_done(person: Any, client: Any, stack: Any) -> None:
    someone = person()
    client(someone).get("data/delete/leave", follow=False)
    store = stack.store()
    with store.read() as transaction:
        rows = list(transaction.scalars(select(AuditRow).where(AuditRow.sub == someone.id)))
    store.engine.dispose()
    assert [(row.tag, row.state) for row in rows] == [("account.delete", "begun")]


@pytest.mark.case("U4")
def test_without_the_role_nothing_of_deleting_is_seen_or_done(person: Any, client: Any) -> None:
    someone = person(roles=("view-profile", "manage-account"))
    browser = client(someone)
    assert "Delete" not in browser.get("data").text
    assert browser.get("data/delete").status_code == 403
    assert browser.post("data/delete", {"confirm": "yes", "username": someone.username}).status_code == 403
    assert browser.get("data/delete/leave", follow=False).status_code == 403


def test_recent_activity_tells_sign_ins_failures_and_changes(person: Any, client: Any) -> None:
    someone = person()
    stranger = client()
    stranger.send_keycloak_form(stranger.get("profile"), username=someone.username, password="wrong")
    browser = client(someone)
    client(someone)
    browser.post("profile", {"attr.city": "Bonn"})
    browser.post("devices/others/end", {"confirm": "yes"})
    everything = browser.get("activity").text
    for words in (
        "Signed in",
        "Sign-in failed",
        "wrong password or code",
        "Profile changed",
        "Other devices signed out",
    ):
        assert words in everything
    failures = browser.get("activity?only=failures").text
    assert "Sign-in failed" in failures
    assert "Profile changed" not in failures
    changes = browser.get("activity?only=changes").text
    assert "Profile changed" in changes
    assert "Sign-in failed" not in changes
    assert browser.get("activity?only=nonsense").status_code == 404
    assert "The record reaches back" in everything


def test_recent_activity_is_ones_own(person: Any, client: Any) -> None:
    other = person()
    client(other).post("profile", {"attr.city": "Bonn"})
    assert "Profile changed" not in client(person()).get("activity").text
