"""What a journey leaves alone: turning back, the only way in, what the realm forbids, people of another provider."""

from __future__ import annotations

import time
from typing import Any

import pytest
from credentials import (
    app,
    change_action,
    codes,
    give,
    key,
    names,
    take,
    types,
)
from playwright.sync_api import expect
from security_steps import (
    ask_to_remove,
    at_security,
    back,
    confirm_removal,
    plug_in,
    recorded,
    register,
)
from test_linked import arrive_brokered

from portal.demo.realms import connect_identity_provider

# Enough for the way from the provider's form to the passkey on a slow machine, or Keycloak asks once more.
SECONDS_OF_GRACE = 5


@pytest.mark.parametrize(
    ("link", "cancel"),
    [
        ("Change password", "button[name=cancel-aia]"),
        ("Add a passkey", "button[name=cancel-aia]"),
        ("Add a security key", "button[name=cancel-aia]"),
        ("Add an authenticator app", "#cancelTOTPBtn"),
        ("Create recovery codes", "#cancelRecoveryAuthnCodesBtn"),
    ],
)
def test_turning_back_changes_nothing_and_says_so(
    person: Any, open_page: Any, stack: Any, link: str, cancel: str
) -> None:
    someone = person()
    page = at_security(open_page, someone)
    page.get_by_role("link", name=link).first.click()
    page.locator(cancel).click()
    back(page, "Cancelled. Nothing was changed.")
    assert types(someone) == ["password"]
    assert recorded(stack, someone) == []


def test_turning_back_from_a_removal_keeps_the_method(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone, key("Blue key"))
    ask_to_remove(page, "Blue key")
    page.get_by_role("link", name="Remove Blue key").click()
    page.locator("#kc-decline").click()
    back(page, "Cancelled. Nothing was changed.")
    assert "Blue key" in names(someone)


def test_what_happened_elsewhere_meanwhile_is_told_too(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone, key("Blue key"))
    page.get_by_role("link", name="Change password").click()
    take(someone, "webauthn")
    page.locator("button[name=cancel-aia]").click()
    back(page, "Blue key is removed.")


def test_without_scripts_a_method_is_removed(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/permissions", someone, java_script_enabled=False)
    give(someone, app("Phone"), codes(12))
    page.goto("/demo/security")
    page.locator('summary[aria-label="Actions for Phone"]').click()
    page.get_by_role("link", name="Remove", exact=True).click()
    expect(page.get_by_role("heading", name="Remove Phone?")).to_be_visible()
    expect(page.get_by_text("Your recovery codes stay: each sign-in would then use one up.")).to_be_visible()
    page.get_by_role("link", name="Remove Phone").click()
    page.locator("#kc-accept").click()
    back(page, "Phone is removed.")
    assert types(someone) == ["password", "recovery-authn-codes"]


def test_the_only_way_of_signing_in_stays(person: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(open_page, someone)
    register(page, "Add a passkey", "Laptop")
    back(page, "Laptop is added.")
    take(someone, "password")
    page.reload()
    expect(page.get_by_text("You have no password", exact=True)).to_be_visible()
    ask_to_remove(page, "Laptop")
    expect(page.get_by_role("heading", name="Laptop has to stay")).to_be_visible()
    expect(page.get_by_text("you have no password and no linked account")).to_be_visible()
    path = page.url.removesuffix("/remove") + "/removing"
    assert page.goto(path).status == 409  # type: ignore[union-attr]
    expect(page.get_by_text("Add another way of signing in first.")).to_be_visible()
    assert types(someone) == ["webauthn-passwordless"]
    page.goto("/demo/security")
    register(page, "Add another passkey", "Key ring")
    back(page, "Key ring is added.")
    confirm_removal(page, "Laptop")
    assert types(someone) == ["webauthn-passwordless"]


def test_somebody_of_another_provider_adds_a_passkey_long_after_signing_in(
    person: Any, open_page: Any, stack: Any, spare_realm: str
) -> None:
    """The realm asks for a sign-in of the last seconds, as it does on its own for the last five minutes."""
    admin = stack.admin()
    connect_identity_provider(admin, spare_realm)
    path = f"/admin/realms/{spare_realm}/authentication/required-actions/webauthn-register-passwordless/config"
    admin.put(path, {"config": {"max_auth_age": str(SECONDS_OF_GRACE)}})
    admin.close()
    there = person("idp")
    page = open_page(f"/{spare_realm}/security")
    arrive_brokered(page, there)
    too_old = (time.time() + SECONDS_OF_GRACE + 1) * 1000
    plug_in(page)
    page.goto(f"/{spare_realm}/security")
    expect(page.get_by_role("heading", name="Your provider protects this account")).to_be_visible()
    expect(page.get_by_text("You have no password", exact=True)).to_be_visible()
    page.wait_for_function("moment => Date.now() > moment", arg=too_old)
    page.once("dialog", lambda dialog: dialog.accept("Laptop"))
    page.get_by_role("link", name="Add a passkey").first.click()
    if "/realms/idp/" in page.url:
        page.fill("#password", there.password)
        page.click("#kc-login")
    assert page.locator("#username").count() == 0
    page.locator("#registerWebAuthn").click()
    back(page, "Laptop is added.")
    expect(page.get_by_role("heading", name="Well protected", exact=True)).to_be_visible()


def test_a_forbidden_action_is_not_called_done(person: Any, open_page: Any, stack: Any, spare_realm: str) -> None:
    someone = person(spare_realm)
    page = at_security(open_page, someone)
    change_action(stack, spare_realm, "webauthn-register-passwordless", enabled=False)
    page.get_by_role("link", name="Add a passkey").first.click()
    page.wait_for_load_state()
    assert "is added" not in page.content()
    assert types(someone) == ["password"]
