"""Adding, changing and removing sign-in methods: through Keycloak's pages and back, told by what was seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from cast import Person
from credentials import app, change_action, codes, give, key, names, take
from playwright.sync_api import Page, expect
from sqlalchemy import select
from test_linked import arrive_brokered

from portal.demo.realms import connect_identity_provider
from portal.store.models import AuditRow

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def plug_in(page: Page) -> None:
    """Give the browser an authenticator, and answer whatever a page asks with "Laptop"."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


@pytest.fixture
def at_security(open_page: Any) -> Iterator[Any]:
    """Opens the security page as somebody whose browser has a virtual authenticator; `stored` methods come first."""

    def make(someone: Person, *stored: dict[str, Any], **options: Any) -> Page:
        page = open_page(f"/{someone.realm}/permissions", someone, **options)
        plug_in(page)
        if stored:
            give(someone, *stored)
        page.goto(f"/{someone.realm}/security")
        return page

    return make  # type: ignore[return-value]


def back(page: Page, told: str) -> None:
    """Back on the security page, which tells this."""
    page.wait_for_url("**/security")
    expect(page.locator(".toasts")).to_contain_text(told)


def register(page: Page, link: str, label: str) -> None:
    """Follow a link of the page and register the authenticator under a name."""
    page.once("dialog", lambda dialog: dialog.accept(label))
    page.get_by_role("link", name=link).first.click()
    page.locator("#registerWebAuthn").click()


def ask_to_remove(page: Page, name: str) -> None:
    page.locator(f'summary[aria-label="Actions for {name}"]').click()
    page.get_by_role("link", name="Remove", exact=True).click()


def confirm_removal(page: Page, name: str) -> None:
    """Through our question and Keycloak's."""
    ask_to_remove(page, name)
    page.get_by_role("link", name=f"Remove {name}").click()
    page.locator("#kc-accept").click()
    back(page, f"{name} is removed.")


def types(someone: Person) -> list[str]:
    return sorted(each["type"] for each in someone.read("/credentials"))


def recorded(stack: Any, someone: Person) -> list[tuple[str, str, str]]:
    """Tag, deed and name of what the audit holds."""
    store = stack.store()
    with store.read() as transaction:
        rows = transaction.scalars(select(AuditRow).where(AuditRow.sub == someone.id).order_by(AuditRow.id))
        found = [(row.tag, row.after["deed"], row.after.get("name", "")) for row in rows if row.state == "done"]
    store.engine.dispose()
    return found


@pytest.mark.feature("P2-25")
@pytest.mark.feature("P2-26")
def test_a_passkey_is_added_and_removed(person: Any, at_security: Any, stack: Any) -> None:
    someone = person()
    page = at_security(someone)
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
def test_a_security_key_is_added_and_removed(person: Any, at_security: Any) -> None:
    someone = person()
    page = at_security(someone)
    register(page, "Add a security key", "Blue key")
    back(page, "Blue key is added.")
    assert types(someone) == ["password", "webauthn"]
    confirm_removal(page, "Blue key")
    assert types(someone) == ["password"]


def add_app(page: Page, name: str, link: str = "Add an authenticator app") -> str:
    """Scan the code, as it were; returns the secret."""
    page.get_by_role("link", name=link).first.click()
    page.locator("#mode-manual").click()
    secret = page.locator("#kc-totp-secret-key").inner_text().replace(" ", "")
    page.fill("#totp", pyotp.TOTP(secret).now())
    page.fill("#userLabel", name)
    page.locator("#saveTOTPBtn").click()
    return secret


@pytest.mark.feature("P2-21")
@pytest.mark.feature("P2-23")
@pytest.mark.feature("P2-24")
def test_several_authenticator_apps_come_and_go(person: Any, at_security: Any, open_page: Any) -> None:
    someone = person()
    page = at_security(someone)
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


def make_codes(page: Page, link: str) -> None:
    page.get_by_role("link", name=link).first.click()
    page.locator("#kcRecoveryCodesConfirmationCheck").click()
    page.locator("#saveRecoveryAuthnCodesBtn").click()


def test_recovery_codes_are_made_renewed_and_removed(person: Any, at_security: Any) -> None:
    someone = person()
    page = at_security(someone)
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


def test_few_recovery_codes_are_warned_of(person: Any, at_security: Any) -> None:
    page = at_security(person(), app(), codes(2))
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
    person: Any, at_security: Any, open_page: Any, stack: Any
) -> None:
    someone = person()
    page = at_security(someone)
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
    person: Any, at_security: Any, stack: Any, link: str, cancel: str
) -> None:
    someone = person()
    page = at_security(someone)
    page.get_by_role("link", name=link).first.click()
    page.locator(cancel).click()
    back(page, "Cancelled. Nothing was changed.")
    assert types(someone) == ["password"]
    assert recorded(stack, someone) == []


def test_turning_back_from_a_removal_keeps_the_method(person: Any, at_security: Any) -> None:
    someone = person()
    page = at_security(someone, key("Blue key"))
    ask_to_remove(page, "Blue key")
    page.get_by_role("link", name="Remove Blue key").click()
    page.locator("#kc-decline").click()
    back(page, "Cancelled. Nothing was changed.")
    assert "Blue key" in names(someone)


def test_what_happened_elsewhere_meanwhile_is_told_too(person: Any, at_security: Any) -> None:
    someone = person()
    page = at_security(someone, key("Blue key"))
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


def test_the_only_way_of_signing_in_stays(person: Any, at_security: Any) -> None:
    someone = person()
    page = at_security(someone)
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
    """The realm asks for a sign-in of this very moment, as it does on its own after five minutes."""
    admin = stack.admin()
    connect_identity_provider(admin, spare_realm)
    path = f"/admin/realms/{spare_realm}/authentication/required-actions/webauthn-register-passwordless/config"
    admin.put(path, {"config": {"max_auth_age": "0"}})
    admin.close()
    there = person("idp")
    page = open_page(f"/{spare_realm}/security")
    arrive_brokered(page, there)
    plug_in(page)
    page.goto(f"/{spare_realm}/security")
    expect(page.get_by_role("heading", name="Your provider protects this account")).to_be_visible()
    expect(page.get_by_text("You have no password", exact=True)).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept("Laptop"))
    page.get_by_role("link", name="Add a passkey").first.click()
    if "/realms/idp/" in page.url:
        page.fill("#password", there.password)
        page.click("#kc-login")
    assert page.locator("#username").count() == 0
    page.locator("#registerWebAuthn").click()
    back(page, "Laptop is added.")
    expect(page.get_by_role("heading", name="Well protected", exact=True)).to_be_visible()


def test_a_forbidden_action_is_not_called_done(person: Any, at_security: Any, stack: Any, spare_realm: str) -> None:
    someone = person(spare_realm)
    page = at_security(someone)
    change_action(stack, spare_realm, "webauthn-register-passwordless", enabled=False)
    page.get_by_role("link", name="Add a passkey").first.click()
    page.wait_for_load_state()
    assert "is added" not in page.content()
    assert types(someone) == ["password"]
