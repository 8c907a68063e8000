"""Invited people whose organization signs them in: no password, no account made beforehand."""

from __future__ import annotations

from typing import Any

from cast import make_person
from domain_steps import fresh, verified
from invited import invite, link, row
from newcomers import accounts, opened, password_links, press
from organization_holdings import Place
from playwright.sync_api import expect
from stack import Stack
from test_invitations_broker import place as provided  # noqa: F401 - the fixture is found by its name
from test_invitations_broker import roles_of, user_id
from test_linked import sign_in_there

ROLES = ("view-members", "view-organization")


def test_who_signs_in_through_the_organization_gets_no_password(
    provided: Place,  # noqa: F811
    stack: Stack,
    open_page: Any,
) -> None:
    domain = fresh()
    email = f"nora@{domain}"
    assert invite(provided, email, *ROLES).status_code == 303
    browser, before = opened(stack, email, provided.realm)
    assert "Accept and make my account" in before.text, "nobody has proved the domain yet"
    verified(provided, domain)
    page = browser.get("invitation")
    assert "no further password is needed" in page.text and "make my account" not in page.text
    away = browser.get("invitation/sign-in", follow=False)
    assert "kc_idp_hint=idp-oidc" in away.headers["Location"]
    assert press(browser, before).status_code == 409
    assert accounts(stack, email, provided.realm) == []
    shown = open_page(link(stack, email))
    shown.get_by_role("link", name="Sign in to decide").click()
    sign_in_there(shown, make_person(stack, "idp", email=email))
    shown.wait_for_load_state()
    if "first-broker-login" in shown.url:
        shown.locator("[type=submit]").first.click()
    shown.get_by_role("button", name="Accept").click()
    expect(shown.locator(".toast")).to_contain_text("You belong to")
    assert roles_of(provided, user_id(provided, email)) == set(ROLES)
    assert password_links(stack, email) == [] and row(stack, email).account == ""


def test_a_provider_that_is_off_signs_nobody_in(provided: Place, stack: Stack) -> None:  # noqa: F811
    domain = fresh()
    verified(provided, domain)
    email = f"nora@{domain}"
    invite(provided, email, *ROLES)
    switch(provided, on=False)
    try:
        browser, page = opened(stack, email, provided.realm)
        assert press(browser, page).status_code == 303
        assert len(accounts(stack, email, provided.realm)) == 1 and password_links(stack, email)
    finally:
        switch(provided, on=True)


def switch(place: Place, *, on: bool) -> None:
    """Turn the identity provider of the organization on or off."""
    admin = place.stack.admin()
    path = f"/admin/realms/{place.realm}/identity-provider/instances/idp-oidc"
    admin.put(path, {**admin.get(path), "enabled": on})
    admin.close()
