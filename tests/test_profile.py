"""The profile room on the running portal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cast import Client
from conftest import violations
from playwright.sync_api import expect
from stack import Stack

ROLES = [
    ((), 403, 403),
    (("view-profile",), 200, 403),
    (("manage-account",), 403, 403),
    (("view-profile", "manage-account"), 200, 303),
]


def filled(browser: Client) -> list[tuple[str, str]]:
    """What a browser would send if the form were left as it is, without its token."""
    page = browser.get("profile").text
    fields = re.findall(r'<input id="[^"]*" name="(attr\.[^"]+)" type="[^"]*" value="([^"]*)"', page)
    return [(name, value) for name, value in fields if not re.search(rf'name="{name}"[^>]*readonly', page)]


@pytest.mark.feature("P2-18")
@pytest.mark.feature("P2-53")
def test_the_profile_shows_what_keycloak_knows(person: Any, client: Any) -> None:
    someone = person(attributes={"city": ["Bonn"], "languages": ["Norwegian", "English"], "department": ["sales"]})
    page = client(someone).get("profile").text
    for value in ("Tess", "Tester", someone.email, "Bonn", "Norwegian", "English"):
        assert f'value="{value}"' in page
    assert '<option value="sales" selected>Sales</option>' in page
    assert "With country code, for example +49 30 901820" in page


@pytest.mark.feature("P2-19")
@pytest.mark.case("U1")
def test_what_is_changed_is_saved_and_everything_else_survives(person: Any, client: Any) -> None:
    someone = person(attributes={"city": ["Bonn"], "employeeNumber": ["U-7"], "riskScore": ["9"]})
    browser = client(someone)
    sent = [
        *(field for field in filled(browser) if field[0] != "attr.firstName"), ("attr.firstName", "Theresa"),
        ("attr.languages", "Dutch"), ("attr.languages", "Danish"), ("attr.country", "NL"),
        ("attr.newsletter", "monthly"), ("attr.bio", "Line one\r\nline two"),
        # Not hers to change, or not of her profile at all.
        ("attr.employeeNumber", "U-1"), ("attr.riskScore", "0"), ("attr.username", "root"), ("attr.emailVerified", "x"),
        ("attr.email", "root@umbrella.test"), ("enabled", "false"),
    ]  # fmt: skip
    assert browser.post("profile", sent).status_code == 303
    user = someone.read()
    assert (user["firstName"], user["lastName"], user["email"]) == ("Theresa", "Tester", someone.email)
    assert user["username"] == someone.username
    kept = user["attributes"]
    assert kept["languages"] == ["Dutch", "Danish"]
    assert kept["bio"] == ["Line one\nline two"]
    assert (kept["country"], kept["newsletter"], kept["city"]) == (["NL"], ["monthly"], ["Bonn"])
    assert (kept["employeeNumber"], kept["riskScore"]) == (["U-7"], ["9"])
    assert "Theresa Tester" in browser.get("permissions").text, "the menu shows the new name at once"


@pytest.mark.feature("P2-19")
def test_keycloaks_errors_stand_beside_their_fields_and_nothing_typed_is_lost(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/profile", someone)
    page.fill("[name='attr.phone']", "0170")
    page.fill("[name='attr.city']", "Aachen")
    page.fill("[name='attr.firstName']", "<b>&")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator("[name='attr.phone']")).to_have_attribute("aria-invalid", "true")
    described = page.locator("[name='attr.phone']").get_attribute("aria-describedby").split()
    assert "Enter the number with country code" in " ".join(
        page.locator(f"[id='{each}']").inner_text() for each in described
    )
    expect(page.locator("[name='attr.city']")).to_have_value("Aachen")
    expect(page.locator("[name='attr.firstName']")).to_have_value("<b>&")
    expect(page.get_by_text("The name contains a character that is not allowed.")).to_be_visible()
    assert someone.read().get("attributes", {}).get("city") is None


def test_a_save_is_taken_back_once(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/profile", someone)
    page.fill("[name='attr.city']", "Aachen")
    page.get_by_role("button", name="Save profile").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Your profile is as it was.")
    assert someone.read().get("attributes", {}).get("city") is None


def test_nothing_is_taken_back_over_a_later_change(person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    browser.post("profile", [*filled(browser), ("attr.bio", "first")])
    undo = re.search(r'action="(/demo/profile/undo/[0-9a-f]+)"', browser.get("profile").text)
    assert undo
    browser.post("profile", [*filled(browser), ("attr.bio", "second")])
    assert browser.post(undo[1]).status_code == 409
    assert someone.read()["attributes"]["bio"] == ["second"]
    stranger = client(person())
    assert stranger.post(undo[1]).status_code == 404


@pytest.mark.feature("P2-55")
@pytest.mark.feature("P2-54")
@pytest.mark.parametrize(("roles", "see", "change"), ROLES)
def test_seeing_and_changing_take_account_roles(person: Any, client: Any, roles: Any, see: int, change: int) -> None:
    someone = person(roles=roles)
    browser = client(someone)
    assert browser.get("profile").status_code == see
    assert browser.post("profile", {"attr.firstName": "Changed"}).status_code == change
    assert (someone.read()["firstName"] == "Changed") == (change == 303)
    if see == 200:
        assert ("Save profile" in browser.get("profile").text) == (change == 303)


@pytest.mark.feature("P2-54")
def test_a_right_taken_away_is_gone_at_the_next_write_and_comes_back_without_a_new_sign_in(
    person: Any, client: Any, eventually: Any
) -> None:
    someone = person(roles=("view-profile", "manage-account"))
    browser = client(someone)
    assert browser.post("profile", {"attr.firstName": "One"}).status_code == 303
    someone.take("account", "manage-account")
    for _ in range(4):  # in every process
        assert browser.post("profile", {"attr.firstName": "Two"}).status_code == 403
    eventually(lambda: "You can read this, not change it" in browser.get("profile").text, 8)
    someone.give("account", "manage-account")
    assert browser.post("profile", {"attr.firstName": "Three"}).status_code == 303
    assert someone.read()["firstName"] == "Three"


@pytest.mark.feature("P2-06")
@pytest.mark.feature("P2-05")
def test_the_section_switched_off_is_off_for_the_server(
    stack: Stack, spare_realm: str, person: Any, client: Any, eventually: Any
) -> None:
    someone = person(spare_realm)
    browser = client(someone)
    token = browser.token()
    switch(stack, spare_realm, "profile", "false")
    for _ in range(4):
        eventually(lambda: browser.get("profile").status_code == 404)
    answer = browser.post("profile", {"attr.firstName": "Changed", "csrf_token": token}, token=False)
    assert answer.status_code == 404
    assert someone.read()["firstName"] == "Tess"
    assert "There is nothing here for you yet" in browser.get("").text
    switch(stack, spare_realm, "profile", "true")
    for _ in range(4):
        eventually(lambda: browser.get("profile").status_code == 200)


def switch(stack: Stack, realm: str, section: str, value: str) -> None:
    admin = stack.admin()
    found = admin.get(f"/admin/realms/{realm}")
    found["attributes"][f"_providerConfig.portal.{section}.enabled"] = value
    admin.put(f"/admin/realms/{realm}", found)
    admin.close()


@pytest.mark.case("U9")
def test_a_new_address_counts_when_its_owner_has_opened_the_link(
    stack: Stack, person: Any, open_page: Any, eventually: Any
) -> None:
    someone = person()
    page = open_page("/demo/profile", someone)
    page.get_by_role("link", name="Change email address").click()
    page.fill("#email", f"new-{someone.email}")
    page.locator("#kc-update-email-form [type=submit], input[type=submit]").first.click()
    [mail] = eventually(lambda: stack.mails(f"new-{someone.email}"), 20)
    page.goto("/demo/profile")
    expect(page.locator("[name='attr.email']")).to_have_value(someone.email)
    expect(page.get_by_text(f"A link to new-{someone.email} is on its way")).to_be_visible()
    page.goto(mail["links"][0])
    if page.locator("#kc-info-message a").count():
        page.locator("#kc-info-message a").first.click()
    eventually(lambda: someone.read()["email"] == f"new-{someone.email}")
    page.goto("/demo/profile")
    expect(page.locator("[name='attr.email']")).to_have_value(f"new-{someone.email}")


def test_without_scripts_the_form_works_and_lists_grow(person: Any, open_page: Any) -> None:
    someone = person(attributes={"languages": ["Dutch"]})
    page = open_page("/demo/profile", someone, java_script_enabled=False)
    page.get_by_role("button", name="Add another").click()
    page.locator("[name='attr.languages']").nth(1).fill("Danish")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator(".toast")).to_contain_text("Profile saved.")
    assert someone.read()["attributes"]["languages"] == ["Dutch", "Danish"]
    page.get_by_role("button", name="Remove Languages 1").click()
    page.get_by_role("button", name="Save profile").click()
    assert someone.read()["attributes"]["languages"] == ["Danish"]


@pytest.mark.feature("SV-21")
def test_the_language_is_kept_in_the_account(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/profile", someone)
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Name und Adresse")).to_be_visible()
    expect(page.get_by_label("Telefon")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    assert someone.read()["attributes"]["locale"] == ["de"]
    again = open_page("/demo/profile", someone)
    expect(again.get_by_role("heading", name="Name und Adresse")).to_be_visible()


@pytest.mark.feature("SV-23")
def test_the_theme_is_kept_per_person(person: Any, open_page: Any, eventually: Any) -> None:
    someone = person()
    page = open_page("/demo/profile", someone)
    page.locator("details.person summary").click()
    with page.expect_response("**/preferences/theme"):
        page.get_by_text("Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    again = open_page("/demo/profile", someone)
    assert again.locator("html").get_attribute("data-theme") == "dark"
    assert open_page("/demo/profile", person()).locator("html").get_attribute("data-theme") is None


@pytest.mark.feature("SV-22")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_page_is_accessible(person: Any, open_page: Any, scheme: str, width: int) -> None:
    someone = person()
    page = open_page(
        "/demo/profile", someone, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        expect(page.locator("details.person summary")).to_contain_text(someone.email)
