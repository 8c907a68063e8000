"""The devices room on the running portal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from background import use_in_background, works
from cast import Client
from conftest import violations
from playwright.sync_api import expect


def others(browser: Client) -> list[str]:
    """Ids of the sessions that the page offers to end."""
    return re.findall(r'href="/demo/devices/([^"/]+)/end"', browser.get("devices").text.replace("others/end", ""))


@pytest.mark.feature("P2-27")
@pytest.mark.feature("P2-28")
def test_sessions_stand_one_by_one_and_one_is_ended(person: Any, client: Any) -> None:
    someone = person()
    here, there, third = client(someone), client(someone), client(someone)
    page = here.get("devices").text
    assert page.count("You are here") == 1
    assert len(others(here)) == 2
    gone = others(here)[0]
    assert "Sign" in here.get(f"devices/{gone}/end").text
    assert here.post(f"devices/{gone}/end").status_code == 422, "nothing ends without a clear yes"
    assert len(someone.read("/sessions")) == 3
    answer = here.post(f"devices/{gone}/end", {"confirm": "yes"}, follow=True)
    assert "is signed out." in answer.text
    assert gone not in {each["id"] for each in someone.read("/sessions")}
    assert sorted(each.get("profile", follow=False).status_code for each in (there, third)) == [200, 302]


@pytest.mark.feature("P2-28")
def test_all_others_are_ended_at_once(person: Any, open_page: Any, client: Any) -> None:
    someone = person()
    elsewhere = [client(someone), client(someone)]
    page = open_page("/demo/devices", someone)
    page.get_by_role("link", name="Sign all others out").click()
    page.get_by_role("button", name="Sign all others out").click()
    expect(page.locator(".toast")).to_contain_text("2 devices are signed out.")
    expect(page.get_by_role("heading", name="Only this one")).to_be_visible()
    assert [each.get("profile", follow=False).status_code for each in elsewhere] == [302, 302]


@pytest.mark.feature("P2-27")
@pytest.mark.feature("P2-28")
def test_a_session_with_offline_access_is_one_and_is_not_ended_with_the_others(
    person: Any, client: Any, background_app: str
) -> None:
    someone = person()
    here, there = client(someone), client(someone)
    mine = use_in_background(here, background_app)
    theirs = use_in_background(there, background_app)
    page = here.get("devices").text
    assert page.count("You are here") == 1
    assert page.count("Works while you are away") == 2
    assert len(others(here)) == 1
    answer = here.post("devices/others/end", {"confirm": "yes"}, follow=True)
    assert "1 device is signed out." in answer.text
    assert "Only this one" in answer.text
    assert there.get("profile", follow=False).status_code == 302
    assert [works(here, background_app, each) for each in (mine, theirs)] == [True, False]


@pytest.mark.feature("P2-28")
def test_ending_one_session_ends_its_offline_access_too(person: Any, client: Any, background_app: str) -> None:
    someone = person()
    here, there = client(someone), client(someone)
    token = use_in_background(there, background_app)
    [session] = others(here)
    assert "An application that works there" in here.get(f"devices/{session}/end").text
    assert here.post(f"devices/{session}/end", {"confirm": "yes"}).status_code == 303
    assert "Only this one" in here.get("devices").text
    assert not works(here, background_app, token)


def test_what_keycloak_leaves_is_not_reported_as_ended(person: Any, client: Any, recorder: Any) -> None:
    someone = person()
    client(someone)
    here = client(someone)
    [session] = others(here)
    with recorder.rule("204", method="DELETE", sid=recorder.session(here.last)):
        answer = here.post("devices/others/end", {"confirm": "yes"}, follow=True)
        assert "1 device is still signed in." in answer.text
        assert here.post(f"devices/{session}/end", {"confirm": "yes"}).status_code == 409
    assert len(someone.read("/sessions")) == 2


def test_the_present_device_is_left_by_signing_out(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/devices", someone)
    page.get_by_role("listitem").filter(has_text="You are here").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out**")
    assert someone.read("/sessions") == []


def test_without_scripts_a_session_is_ended(person: Any, open_page: Any, client: Any) -> None:
    someone = person()
    client(someone)
    page = open_page("/demo/devices", someone, java_script_enabled=False)
    page.get_by_role("link", name=re.compile("^Sign out")).first.click()
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.locator(".toast")).to_contain_text("is signed out.")
    assert len(someone.read("/sessions")) == 1


@pytest.mark.case("U7")
def test_anothers_session_is_unknown_and_stays(person: Any, client: Any) -> None:
    victim = person()
    client(victim)
    [session] = victim.read("/sessions")
    browser = client(person())
    for name in (session["id"], "unknown", "..%2f..", "%00"):
        assert browser.get(f"devices/{name}/end").status_code == 404
        assert browser.post(f"devices/{name}/end", {"confirm": "yes"}).status_code == 404
    assert len(victim.read("/sessions")) == 1


def test_this_session_is_ended_by_signing_out_instead(person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    [session] = someone.read("/sessions")
    answer = browser.post(f"devices/{session['id']}/end", {"confirm": "yes"})
    assert answer.status_code == 409
    assert "Sign out instead" in answer.text


@pytest.mark.parametrize(
    ("roles", "see", "change"),
    [
        ((), 403, 403),
        (("view-profile",), 200, 403),
        (("manage-account",), 403, 403),
        (("view-profile", "manage-account"), 200, 303),
    ],
)
def test_seeing_and_ending_take_account_roles(person: Any, client: Any, roles: Any, see: int, change: int) -> None:
    someone = person(roles=roles)
    client(someone)
    browser = client(someone)
    page = browser.get("devices")
    assert page.status_code == see
    if see == 200:
        assert ("devices/others/end" in page.text) == (change == 303)
    assert browser.post("devices/others/end", {"confirm": "yes"}).status_code == change
    assert len(someone.read("/sessions")) == (1 if change == 303 else 2)


@pytest.mark.feature("P2-09")
def test_the_section_switched_off_refuses(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any
) -> None:
    someone = person(spare_realm)
    client(someone)
    browser = client(someone)
    assert browser.get("devices").status_code == 200
    admin = stack.admin()
    realm = admin.get(f"/admin/realms/{spare_realm}")
    realm["attributes"]["_providerConfig.portal.profile.activity.enabled"] = "false"
    admin.put(f"/admin/realms/{spare_realm}", realm)
    admin.close()
    for _ in range(4):
        eventually(lambda: browser.get("devices").status_code == 404)
        assert browser.post("devices/others/end", {"confirm": "yes"}).status_code == 404
    assert browser.get("activity").status_code == 404
    assert len(someone.read("/sessions")) == 2
    assert f"/{spare_realm}/devices" not in browser.get("profile").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["devices", "linked", "applications", "activity", "data", "permissions", "data/delete"]
)
def test_the_pages_are_accessible(person: Any, open_page: Any, scheme: str, path: str) -> None:
    someone = person()
    page = open_page(
        f"/demo/{path}", someone, color_scheme=scheme, viewport={"width": 320, "height": 900}, bypass_csp=True
    )
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_moments_are_told_in_the_readers_own_time(person: Any, open_page: Any) -> None:
    someone = person()
    far = open_page("/demo/activity", someone, timezone_id="Pacific/Kiritimati")
    shown = far.locator("time").first
    moment = shown.get_attribute("datetime")
    there = "{dateStyle: 'medium', timeStyle: 'short', timeZone: 'Pacific/Kiritimati'}"
    expected = far.evaluate(f"at => new Date(at).toLocaleString('en-GB', {there})", moment)
    assert shown.inner_text() == expected
    plain = open_page("/demo/activity", someone, java_script_enabled=False)
    expect(plain.locator("time").first).to_contain_text("UTC")
