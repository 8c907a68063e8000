"""The ways through the security page, Keycloak's pages, and back."""

from __future__ import annotations

from typing import Any

import pyotp
from cast import Person
from credentials import (
    give,
)
from playwright.sync_api import Page, expect
from sqlalchemy import select

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


def at_security(open_page: Any, someone: Person, *stored: dict[str, Any]) -> Page:
    """The security page of somebody whose browser has an authenticator; `stored` methods come after the sign-in."""
    page: Page = open_page(f"/{someone.realm}/permissions", someone)
    plug_in(page)
    if stored:
        give(someone, *stored)
    page.goto(f"/{someone.realm}/security")
    return page


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
    """Open the question."""
    page.locator(f'summary[aria-label="Actions for {name}"]').click()
    page.get_by_role("link", name="Remove", exact=True).click()


def confirm_removal(page: Page, name: str) -> None:
    """Through our question and Keycloak's."""
    ask_to_remove(page, name)
    page.get_by_role("link", name=f"Remove {name}").click()
    page.locator("#kc-accept").click()
    back(page, f"{name} is removed.")


def recorded(stack: Any, someone: Person) -> list[tuple[str, str, str]]:
    """Tag, deed and name of what the audit holds."""
    store = stack.store()
    with store.read() as transaction:
        rows = transaction.scalars(select(AuditRow).where(AuditRow.sub == someone.id).order_by(AuditRow.at))
        found = [(row.tag, row.after["deed"], row.after.get("name", "")) for row in rows if row.state == "done"]
    store.engine.dispose()
    return found


def add_app(page: Page, name: str, link: str = "Add an authenticator app") -> str:
    """Scan the code, as it were; returns the secret."""
    page.get_by_role("link", name=link).first.click()
    page.locator("#mode-manual").click()
    secret = page.locator("#kc-totp-secret-key").inner_text().replace(" ", "")
    page.fill("#totp", pyotp.TOTP(secret).now())
    page.fill("#userLabel", name)
    page.locator("#saveTOTPBtn").click()
    return secret


def make_codes(page: Page, link: str) -> None:
    """Through Keycloak's page of codes."""
    page.get_by_role("link", name=link).first.click()
    page.locator("#kcRecoveryCodesConfirmationCheck").click()
    page.locator("#saveRecoveryAuthnCodesBtn").click()
