"""The security room on the running portal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from cast import Client, Person
from conftest import violations
from playwright.sync_api import Page, expect


@pytest.fixture
def key(open_page: Any) -> Iterator[Any]:
    """Opens the security page as somebody whose browser has a virtual authenticator."""

    def make(someone: Person, **options: Any) -> Page:
        page = open_page("/demo/permissions", someone, **options)
        tools = page.context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        settings = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": settings})
        page.goto("/demo/security")
        return page

    return make


def register(page: Page, link: str, label: str) -> None:
    """Follow a link of the page and register the authenticator under a name."""
    page.on("dialog", lambda dialog: dialog.accept(label))
    page.get_by_role("link", name=link).first.click()
    page.locator("#registerWebAuthn").click()
    page.wait_for_url("**/demo/security")


def types(someone: Person) -> list[str]:
    return sorted(each["type"] for each in someone.read("/credentials"))


def confirm_removal(page: Page, name: str) -> None:
    """Through our question and Keycloak's."""
    page.locator(f'summary[aria-label="Actions for {name}"]').click()
    page.get_by_role("link", name="Remove", exact=True).click()
    page.get_by_role("link", name=f"Remove {name}").click()
    page.locator("#kc-accept").click()
    page.wait_for_url("**/demo/security")


@pytest.mark.feature("P2-25")
@pytest.mark.feature("P2-26")
def test_a_passkey_comes_gets_a_name_and_goes(person: Any, key: Any) -> None:
    someone = person()
    page = key(someone)
    expect(page.get_by_role("heading", name="Protected by your password alone")).to_be_visible()
    register(page, "Add a passkey", "Laptop")
    expect(page.locator(".toast")).to_contain_text("Laptop is added.")
    assert types(someone) == ["password", "webauthn-passwordless"]
    expect(page.get_by_text("built into a device")).to_be_visible()
    page.locator('summary[aria-label="Actions for Laptop"]').click()
    page.get_by_role("link", name="Rename").click()
    page.fill("#f-name", "")
    page.locator("form[data-guard]").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("Enter a name.")).to_be_visible()
    page.fill("#f-name", "Work laptop")
    page.get_by_role("button", name="Save name").click()
    expect(page.locator(".toast")).to_contain_text("It is called Work laptop now.")
    assert "Work laptop" in {each.get("userLabel") for each in someone.read("/credentials")}
    confirm_removal(page, "Work laptop")
    expect(page.locator(".toast")).to_contain_text("Work laptop is removed.")
    assert types(someone) == ["password"]


@pytest.mark.feature("P2-24")
def test_a_security_key_is_added(person: Any, key: Any) -> None:
    someone = person()
    page = key(someone)
    register(page, "Add a security key", "Blue key")
    expect(page.locator(".toast")).to_contain_text("Blue key is added.")
    assert types(someone) == ["password", "webauthn"]


def add_app(page: Page, name: str) -> None:
    page.get_by_role("link", name="Add an authenticator app").first.click()
    page.locator("#mode-manual").click()
    secret = page.locator("#kc-totp-secret-key").inner_text().replace(" ", "")
    page.fill("#totp", pyotp.TOTP(secret).now())
    page.fill("#userLabel", name)
    page.locator("#saveTOTPBtn").click()
    page.wait_for_url("**/demo/security")


@pytest.mark.feature("P2-23")
def test_an_authenticator_app_is_added_and_the_last_one_is_removed_with_a_warning(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/security", someone)
    add_app(page, "Phone")
    expect(page.locator(".toast")).to_contain_text("Phone is added.")
    expect(page.get_by_role("heading", name="Well protected, but one lost device")).to_be_visible()
    page.locator('summary[aria-label="Actions for Phone"]').click()
    page.get_by_role("link", name="Remove", exact=True).click()
    expect(page.get_by_text("It is your last second step")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    assert types(someone) == ["otp", "password"]
    confirm_removal(page, "Phone")
    assert types(someone) == ["password"]


def test_recovery_codes_are_made_and_renewed(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/security", someone)
    for link, told in (("Create recovery codes", "You have recovery codes now."), ("Make new codes", "You have new")):
        page.get_by_role("link", name=link).first.click()
        page.locator("#kcRecoveryCodesConfirmationCheck").click()
        page.locator("#saveRecoveryAuthnCodesBtn").click()
        page.wait_for_url("**/demo/security")
        expect(page.locator(".toast")).to_contain_text(told)
        expect(page.get_by_text("codes left")).to_be_visible()
    assert types(someone) == ["password", "recovery-authn-codes"]


@pytest.mark.feature("P2-22")
def test_the_password_is_changed_at_keycloak_and_only_then_called_changed(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/security", someone)
    page.get_by_role("link", name="Change password").click()
    page.locator("button[name=cancel-aia]").click()
    page.wait_for_url("**/demo/security")
    expect(page.locator(".toast")).to_contain_text("Cancelled. Nothing was changed.")
    page.get_by_role("link", name="Change password").click()
    for field in ("#password-new", "#password-confirm"):
        page.fill(field, "Another-Horse-9-Battery")
    page.locator("#kc-passwd-update-form input[type=submit], #kc-passwd-update-form button[type=submit]").first.click()
    page.wait_for_url("**/demo/security")
    expect(page.locator(".toast")).to_contain_text("Your password was changed.")


@pytest.mark.feature("P2-07")
@pytest.mark.feature("P2-08")
@pytest.mark.feature("P2-05")
@pytest.mark.parametrize(
    ("section", "gone", "stays"),
    [
        ("profile.password", "security/password", "security/passkey/add"),
        ("profile.twofactor", "security/two-factor/app/add", "security/password"),
        ("profile.passwordless", "security/passkey/add", "security/password"),
        ("profile", "security", ""),
    ],
)
def test_a_section_that_is_off_refuses(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any, section: str, gone: str, stays: str
) -> None:
    browser: Client = client(person(spare_realm))
    assert browser.get(gone, follow=False).status_code in {200, 302}
    admin = stack.admin()
    realm = admin.get(f"/admin/realms/{spare_realm}")
    realm["attributes"][f"_providerConfig.portal.{section}.enabled"] = "false"
    admin.put(f"/admin/realms/{spare_realm}", realm)
    admin.close()
    for _ in range(6):  # either of the two processes may answer
        eventually(lambda: browser.get(gone, follow=False).status_code == 404)
    assert browser.post(f"{gone}/x", {"confirm": "yes"}).status_code == 404
    if stays:
        assert browser.get(stays, follow=False).status_code == 302
        assert f"/{gone}" not in browser.get("security").text


@pytest.mark.feature("P2-56")
@pytest.mark.parametrize(
    ("roles", "see", "change"),
    [
        ((), 403, 403),
        (("view-profile",), 200, 403),
        (("manage-account",), 403, 403),
        (("view-profile", "manage-account"), 200, 302),
    ],
)
def test_seeing_and_changing_take_account_roles(person: Any, client: Any, roles: Any, see: int, change: int) -> None:
    browser = client(person(roles=roles))
    assert browser.get("security").status_code == see
    for path in ("security/password", "security/passkey/add", "security/two-factor/app/add"):
        assert browser.get(path, follow=False).status_code == change
    if see == 200:
        assert ("Change password" in browser.get("security").text) == (change == 302)


@pytest.mark.case("U7")
def test_anothers_method_is_unknown(person: Any, client: Any) -> None:
    other = person().read("/credentials")[0]["id"]
    browser = client(person())
    for path in (
        f"security/passkey/{other}/remove",
        f"security/two-factor/{other}/removing",
        f"security/methods/{other}/rename",
    ):
        assert browser.get(path, follow=False).status_code == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_is_accessible(person: Any, open_page: Any, scheme: str, width: int) -> None:
    page = open_page(
        "/demo/security", person(), color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_a_method_is_renamed(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/security", someone, java_script_enabled=False)
    page.get_by_role("link", name="Create recovery codes").first.click()
    assert re.search(r"/realms/demo/", page.url)
