"""Adding, changing and removing sign-in methods: through Keycloak's pages and back, told by what was seen."""

from __future__ import annotations

import time
from typing import Any

import pyotp
import pytest
from credentials import (
    app,
    codes,
    give,
    key,
    types,
)
from playwright.sync_api import expect
from security_steps import (
    add_app,
    ask_to_remove,
    at_security,
    back,
    confirm_removal,
    make_codes,
    recorded,
    register,
)


@pytest.mark.feature("P2-25")
@pytest.mark.feature("P2-26")
def test_a_passkey_is_added_and_removed(person: Any, open_page: Any, stack: Any) -> None:
    someone = person()
    page = at_security(open_page, someone)
    register(page, "Add a passkey", "Laptop")
    back(page, "Laptop is added.")
    assert types(someone) == ["password", "webauthn-passwordless"]
    expect(page.get_by_role("heading", name="Your password alone opens your account")).to_be_visible()
    ask_to_remove(page, "Laptop")
    expect(page.get_by_text("It is your last passkey: you then sign in with your password.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    confirm_removal(page, "Laptop")
    assert types(someone) == ["password"]
    deeds = [("security.passwordless", "added", "Laptop"), ("security.passwordless", "removed", "Laptop")]
    assert recorded(stack, someone) == deeds


@pytest.mark.feature("P2-25")
@pytest.mark.feature("P2-26")
def test_a_security_key_is_added_and_removed(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone)
    register(page, "Add a security key", "Blue key")
    back(page, "Blue key is added.")
    assert types(someone) == ["password", "webauthn"]
    confirm_removal(page, "Blue key")
    assert types(someone) == ["password"]


@pytest.mark.feature("P2-21")
@pytest.mark.feature("P2-23")
@pytest.mark.feature("P2-24")
def test_several_authenticator_apps_come_and_go(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone)
    add_app(page, "Phone")
    back(page, "Phone is added.")
    expect(page.get_by_role("heading", name="Well protected, but one lost device")).to_be_visible()
    secret = add_app(page, "Tablet", "Add another authenticator app")
    back(page, "Tablet is added.")
    assert types(someone) == ["otp", "otp", "password"]
    asked = open_page("/demo/security")
    asked.fill("#username", someone.username)
    asked.fill("#password", someone.password)
    asked.click("#kc-login")
    asked.get_by_text("Tablet").click()
    asked.fill("#otp", pyotp.TOTP(secret).at(int(time.time()) + 30))  # each code is taken once
    asked.click("#kc-login")
    asked.wait_for_url("**/demo/security")
    confirm_removal(page, "Phone")
    ask_to_remove(page, "Tablet")
    expect(page.get_by_text("after this your password alone opens your account")).to_be_visible()
    page.get_by_role("link", name="Remove Tablet").click()
    page.locator("#kc-accept").click()
    back(page, "Tablet is removed.")
    open_page("/demo/security", someone)
    assert types(someone) == ["password"]


def test_recovery_codes_are_made_renewed_and_removed(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone)
    expect(page.get_by_text("each sign-in asks for a code and uses it up")).to_be_visible()
    make_codes(page, "Create recovery codes")
    back(page, "You have recovery codes now.")
    expect(page.get_by_role("heading", name="Each sign-in uses up a recovery code")).to_be_visible()
    make_codes(page, "Make new codes")
    back(page, "You have new recovery codes. The old ones work no more.")
    expect(page.get_by_text("12 of 12 codes left")).to_be_visible()
    assert types(someone) == ["password", "recovery-authn-codes"]
    ask_to_remove(page, "Recovery codes")
    page.get_by_role("link", name="Remove Recovery codes").click()
    page.locator("#kc-accept").click()
    back(page, "Your recovery codes are removed.")


def test_few_recovery_codes_are_warned_of(person: Any, open_page: Any) -> None:
    page = at_security(open_page, person(), app(), codes(2))
    expect(page.get_by_role("heading", name="Well protected, but recovery codes run out")).to_be_visible()
    expect(page.get_by_text("Few left")).to_be_visible()
    make_codes(page, "Make new codes")
    back(page, "You have new recovery codes.")
    expect(page.get_by_role("heading", name="Well protected", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ([], ""),
        ([key("Laptop", passkey=True)], ""),
        ([codes(12)], "#recoveryCodeInput"),
        ([app(), codes(12)], "#otp"),
    ],
)
def test_what_the_summary_says_of_the_password_is_what_signing_in_asks(
    person: Any, open_page: Any, stored: list[dict[str, Any]], asked: str
) -> None:
    page = open_page("/demo/security")
    someone = give(person(), *stored) if stored else person()
    page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")
    if asked:
        expect(page.locator(asked)).to_be_visible()
    else:
        page.wait_for_url("**/demo/security")
        expect(page.get_by_role("heading", name="password alone")).to_be_visible()


@pytest.mark.feature("P2-22")
def test_the_password_is_changed_at_keycloak_and_only_then_called_changed(
    person: Any, open_page: Any, stack: Any
) -> None:
    someone = person()
    page = at_security(open_page, someone)
    page.get_by_role("link", name="Change password").click()
    for field in ("#password-new", "#password-confirm"):
        page.fill(field, "Another-Horse-9-Battery")
    page.locator("#kc-passwd-update-form input[type=submit], #kc-passwd-update-form button[type=submit]").first.click()
    back(page, "Your password was changed.")
    assert recorded(stack, someone) == [("security.password", "renewed", "")]
    again = open_page("/demo/security")
    again.fill("#username", someone.username)
    again.fill("#password", someone.password)
    again.click("#kc-login")
    expect(again.get_by_text("Invalid username or password.").first).to_be_visible()
    again.fill("#password", "Another-Horse-9-Battery")
    again.click("#kc-login")
    again.wait_for_url("**/demo/security")
