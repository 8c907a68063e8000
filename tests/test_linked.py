"""Linked accounts and people of another provider, against realm idp of the same server."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock, patch

import pytest
from cast import Person
from conftest import violations
from flask import Flask
from flask_babel import Babel
from playwright.sync_api import Page, expect

from portal.clients.account_access import LinkedAccount
from portal.errors import Conflict, Invalid
from portal.linked import actions

PROVIDER = "Umbrella ID (OIDC)"


def sign_in_there(page: Page, someone: Person) -> None:
    page.wait_for_url("**/realms/idp/**")
    page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")


def arrive_brokered(page: Page, someone: Person) -> None:
    """Sign in to the portal through the other provider, as somebody who is known nowhere else."""
    page.get_by_role("link", name=PROVIDER).click()
    sign_in_there(page, someone)
    page.wait_for_load_state()
    if "first-broker-login" in page.url:
        page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{someone.stack.portal_url}/**")


@pytest.mark.feature("P2-29")
@pytest.mark.feature("P2-30")
@pytest.mark.feature("P2-31")
def test_an_account_is_linked_and_unlinked(person: Any, open_page: Any) -> None:
    someone, there = person(), person("idp")
    page = open_page("/demo/linked", someone, bypass_csp=True)
    expect(page.get_by_role("heading", name="Nothing is linked")).to_be_visible()
    page.get_by_role("link", name=f"Link {PROVIDER}").click()
    if page.locator("#kc-continue, [name=continue]").count():
        page.locator("#kc-continue, [name=continue]").first.click()
    sign_in_there(page, there)
    page.wait_for_url("**/demo/linked")
    expect(page.locator(".toast")).to_contain_text(f"{PROVIDER} is linked.")
    [link] = someone.read("/federated-identity")
    assert link["userName"] == there.username
    expect(page.get_by_text(there.username)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name=f"Unlink {PROVIDER}").click()
    page.get_by_role("button", name="Unlink").click()
    expect(page.locator(".toast")).to_contain_text("is not linked any more.")
    assert someone.read("/federated-identity") == []


def test_somebody_known_only_there_can_confirm_and_add_a_passkey(person: Any, open_page: Any, stack: Any) -> None:
    there = person("idp")
    page = open_page("/demo/security")
    arrive_brokered(page, there)
    page.goto("/demo/security")
    expect(page.get_by_text("Your account at another provider.")).to_be_visible()
    page.goto("/demo/signin/confirm?next=/demo/data")
    if "/realms/idp/" in page.url:
        page.fill("#password", there.password)
        page.click("#kc-login")
    page.wait_for_url("**/demo/data")
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    settings = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": settings})
    page.on("dialog", lambda dialog: dialog.accept("Laptop"))
    page.goto("/demo/security/passkey/add")
    page.locator("#registerWebAuthn").click()
    page.wait_for_url("**/demo/security")
    expect(page.locator(".toast")).to_contain_text("Laptop is added.")


@pytest.mark.feature("P2-31")
@pytest.mark.case("U5")
def test_the_only_way_of_signing_in_stays(person: Any, open_page: Any) -> None:
    there = person("idp")
    page = open_page("/demo/linked")
    arrive_brokered(page, there)
    page.goto("/demo/linked")
    page.get_by_role("link", name=f"Unlink {PROVIDER}").click()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("This is your only way of signing in")).to_be_visible()
    page.goto("/demo/linked")
    expect(page.get_by_role("link", name=f"Unlink {PROVIDER}")).to_be_visible()


@pytest.mark.feature("P2-31")
@pytest.mark.parametrize(
    ("said", "linked", "told"),
    [
        ("Eine Verknüpfung Ihrer Organisation kann nicht entfernt werden.", "abc", "Your organization manages"),
        ("Sie können den letzten Eintrag nicht entfernen.", "a", "only way of signing in"),
        ("This identity is not active anymore.", "bc", "not linked any more"),
        ("The account is read-only.", "abc", "The account is read-only."),
    ],
)
def test_a_refusal_is_told_by_what_is_seen(said: str, linked: str, told: str) -> None:
    before = [LinkedAccount(each, each, True, False, "") for each in {*linked, "a"}]
    after = [LinkedAccount(each, each, True, False, "") for each in linked]
    account = Mock(linked_accounts=Mock(side_effect=[before, after]), unlink=Mock(side_effect=Invalid(form=[said])))
    app = Flask("words")
    Babel(app)
    with app.test_request_context(), patch.object(actions, "audited"), pytest.raises(Conflict, match=told):
        actions.unlink(Mock(account=account), "a")


@pytest.mark.feature("P2-57")
@pytest.mark.parametrize(
    ("roles", "see", "link"),
    [
        (("view-profile",), 200, 403),
        (("manage-account-links",), 403, 403),
        (("view-profile", "manage-account-links"), 200, 302),
        (("view-profile", "manage-account"), 200, 302),
    ],
)
def test_linking_takes_its_role(person: Any, client: Any, roles: Any, see: int, link: int) -> None:
    browser = client(person(roles=roles))
    page = browser.get("linked")
    assert page.status_code == see
    if see == 200:
        assert ("/demo/linked/idp-oidc/link" in page.text) == (link == 302)
    assert browser.get("linked/idp-oidc/link", follow=False).status_code == link


@pytest.mark.case("U8")
def test_an_unknown_provider_is_unknown(person: Any, client: Any) -> None:
    browser = client(person())
    for path in ("linked/nowhere/link", "linked/idp-oidc/unlink", "linked/%00/link"):
        assert browser.get(path, follow=False).status_code == 404
    assert browser.post("linked/idp-oidc/unlink", {"confirm": "yes"}).status_code == 404


@pytest.mark.feature("P2-10")
def test_the_section_switched_off_refuses(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any
) -> None:
    browser = client(person(spare_realm))
    assert browser.get("linked").status_code == 200
    admin = stack.admin()
    realm = admin.get(f"/admin/realms/{spare_realm}")
    realm["attributes"]["_providerConfig.portal.profile.linked.enabled"] = "false"
    admin.put(f"/admin/realms/{spare_realm}", realm)
    admin.close()
    for _ in range(4):
        eventually(lambda: browser.get("linked").status_code == 404)
        assert browser.post("linked/idp-oidc/unlink", {"confirm": "yes"}).status_code == 404
        assert browser.get("linked/idp-oidc/link", follow=False).status_code == 404
