"""The list of recent activity: each deed once, lock-outs told, and honest where nothing is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from cast import Client
from playwright.sync_api import expect
from security_steps import add_app, at_security, back, confirm_removal

from portal.activity import words


def test_a_change_of_password_is_told_once(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone)
    page.get_by_role("link", name="Change password").click()
    for field in ("#password-new", "#password-confirm"):
        page.fill(field, "Another-Horse-8-Battery")
    page.locator("[type=submit]").first.click()
    back(page, "Your password was changed.")
    page.goto("/demo/activity?only=changes")
    expect(page.get_by_text("Password changed")).to_have_count(1)
    expect(page.get_by_text("Added:")).to_have_count(0)


def test_an_authenticator_app_is_told_once(person: Any, open_page: Any) -> None:
    page = at_security(open_page, person())
    add_app(page, "Phone")
    back(page, "Phone is added.")
    confirm_removal(page, "Phone")
    page.goto("/demo/activity?only=changes")
    expect(page.get_by_text("Added: authenticator app")).to_have_count(1)
    expect(page.get_by_text("Removed: authenticator app “Phone”")).to_have_count(1)
    expect(page.get_by_text("uthenticator app")).to_have_count(2)


def test_a_lock_out_is_told(person: Any, client: Any) -> None:
    someone = person()
    stranger = client()
    page = stranger.get("profile")
    for number in range(4):
        page = stranger.send_keycloak_form(page, username=someone.username, password=f"wrong {number}")
    _unlock(someone)
    told = client(someone).get("activity?only=failures").text
    assert "Account locked for a while after too many failed sign-ins" in told


def _unlock(someone: Any) -> None:
    admin = someone.stack.admin()
    admin.delete(f"/admin/realms/{someone.realm}/attack-detection/brute-force/users/{someone.id}")
    admin.close()


def test_a_realm_that_records_nothing_is_told_so(person: Any, client: Any, spare_realm: str, stack: Any) -> None:
    admin = stack.admin()
    path = f"/admin/realms/{spare_realm}/events/config"
    admin.put(path, {**admin.get(path), "eventsEnabled": False})
    admin.close()
    someone = person(spare_realm)
    browser: Client = client(someone)
    browser.get("data/download")
    told = browser.get("activity").text
    assert "Sign-ins are not recorded" in told
    assert "Your data downloaded" in told, "what the portal itself recorded is shown all the same"
    assert "Signed in" not in told


def test_what_is_unknown_is_never_shown_raw() -> None:
    assert words.of_event("SOMETHING_NEW", {}) == ""
    assert words.why("some_error") == ""


@pytest.mark.parametrize("kind", sorted(set(words.TYPES["all"])))
def test_every_type_asked_for_has_words(kind: str) -> None:
    assert words.of_event(kind, {})
    assert words.of_event(kind, {"credential_type": "brand-new"})
