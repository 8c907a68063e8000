"""The security room on the running portal: what is shown, named and refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cast import Client, Person
from conftest import violations
from credentials import WINDOWS_HELLO, app, change_action, codes, give, key, named, names
from playwright.sync_api import expect
from recorder import Recorder

PASSWORD_OFF, FACTORS_OFF, PASSKEYS_OFF = "profile.password", "profile.twofactor", "profile.passwordless"


def laptop() -> dict[str, Any]:
    return key("Work laptop", passkey=True, model=WINDOWS_HELLO, transports=("internal", "hybrid"))


def everything(someone: Person) -> Person:
    return give(someone, app("Phone"), app(None), app(None), codes(3), key("Blue key"), laptop())


def words(page: str) -> str:
    """The text of a page on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.feature("P2-20")
def test_every_method_is_listed_with_its_name_date_and_kind(person: Any, client: Any) -> None:
    someone = person()
    browser: Client = client(someone)
    everything(someone)
    text = words(browser.get("security").text)
    assert "Phone Added 9 Oct 2025" in text
    assert "Authenticator app 2 Added 9 Oct 2025" in text
    assert "Blue key Added 9 Oct 2025 · YubiKey 5 Series (5.2, 5.4) · plugged in" in text
    assert "Work laptop Added 9 Oct 2025 · Windows Hello · built into a device" in text
    assert "Few left 3 of 12 codes left" in text
    assert "Well protected, but recovery codes run out" in text


def test_the_page_costs_one_call(person: Any, client: Any, recorder: Recorder) -> None:
    browser: Client = client(person())
    calls = [call for call in recorder.of(browser.get("security")) if "/account/" in call.path]
    assert [(call.method, call.path.rpartition("/")[2], call.client) for call in calls] == [
        ("GET", "credentials", "portal")
    ]


@pytest.mark.feature("P2-21")
def test_a_method_is_renamed_in_its_row(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/permissions", someone, bypass_csp=True)
    everything(someone)
    page.goto("/demo/security")
    page.locator('summary[aria-label="Actions for Blue key"]').click()
    page.get_by_role("link", name="Rename").click()
    field = page.locator("li input[name=name]")
    expect(field).to_be_focused()
    for wrong, told in (("  ", "Enter a name."), ("work LAPTOP", "has this name"), ("x" * 61, "at most 60")):
        field.evaluate("node => { node.form.noValidate = true; node.removeAttribute('maxlength'); }")
        field.fill(wrong)
        page.keyboard.press("Enter")
        expect(page.locator("li .error")).to_contain_text(told)
        expect(field).to_be_focused()
    assert field.input_value() == "x" * 61
    assert violations(page) == []
    field.fill("Desk key")
    page.get_by_role("button", name="Save name").click()
    expect(page.locator(".toast")).to_contain_text("It is called Desk key now.")
    expect(page.locator('summary[aria-label="Actions for Desk key"]')).to_be_focused()
    assert page.url.endswith("/demo/security")
    assert "Desk key" in names(someone)
    assert "Blue key" not in names(someone)


def test_renaming_can_be_given_up(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/permissions", someone)
    give(someone, key("Blue key"))
    page.goto("/demo/security")
    page.locator('summary[aria-label="Actions for Blue key"]').click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("li input[name=name]")).to_have_count(0)
    expect(page.get_by_text("Blue key", exact=True)).to_be_visible()


@pytest.mark.feature("P2-21")
def test_a_method_is_renamed_without_scripts(person: Any, client: Any) -> None:
    someone = person()
    browser: Client = client(someone)
    everything(someone)
    path = f"security/methods/{named(someone, 'Blue key')}/rename"
    assert 'value="Blue key"' in browser.get(path).text
    for wrong, told in (("", "Enter a name."), ("Phone", "has this name"), ("x" * 61, "at most 60"), ("a\tb", "Use l")):
        answer = browser.post(path, {"name": wrong})
        assert (answer.status_code, told in answer.text, f'value="{wrong}"' in answer.text) == (422, True, True)
    answer = browser.post(path, {"name": " Desk key "}, follow=True)
    assert "It is called Desk key now." in answer.text
    assert "Desk key" in names(someone)
    fixed = next(each["id"] for each in someone.read("/credentials") if each["type"] == "recovery-authn-codes")
    assert browser.post(f"security/methods/{fixed}/rename", {"name": "Mine"}).status_code == 404


def switch(stack: Any, realm: str, section: str) -> None:
    admin = stack.admin()
    present = admin.get(f"/admin/realms/{realm}")
    present["attributes"][f"_providerConfig.portal.{section}.enabled"] = "false"
    admin.put(f"/admin/realms/{realm}", present)
    admin.close()


def refused(eventually: Any, browser: Client, path: str) -> None:
    """404 again and again: each process of the portal learns of a switch within seconds."""
    for _ in range(6):
        eventually(lambda: browser.get(path, follow=False, headers={"Connection": "close"}).status_code == 404)


@pytest.mark.feature("P2-07")
@pytest.mark.feature("P2-08")
@pytest.mark.feature("P2-05")
@pytest.mark.parametrize(
    ("section", "gone", "stays", "hidden"),
    [
        (PASSWORD_OFF, ["security/password"], "security/passkey/add", "Change password"),
        (
            FACTORS_OFF,
            ["security/two-factor/app/add", "security/two-factor/security-key/add",
             "security/two-factor/recovery-codes/add", "security/two-factor/{Phone}/remove",
             "security/two-factor/{Phone}/removing", "security/methods/{Phone}/rename"],
            "security/password", "Phone",
        ),
        (
            PASSKEYS_OFF,
            ["security/passkey/add", "security/passkey/{Work laptop}/remove", "security/passkey/{Work laptop}/removing",
             "security/methods/{Work laptop}/rename"],
            "security/password", "Work laptop",
        ),
        ("profile", ["security", "security/password", "security/methods/{Phone}/rename"], "", ""),
    ],
)  # fmt: skip
def test_a_section_that_is_off_refuses(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any, section: str, gone: list[str], stays: str,
    hidden: str,
) -> None:  # fmt: skip
    someone = person(spare_realm)
    browser: Client = client(someone)
    everything(someone)
    paths = [path.format(**{name: named(someone, name) for name in ("Phone", "Work laptop")}) for path in gone]
    for path in paths:
        assert browser.get(path, follow=False).status_code in {200, 302}
    assert hidden in browser.get("security").text
    switch(stack, spare_realm, section)
    for path in paths:
        refused(eventually, browser, path)
        eventually(lambda path=path: browser.post(path, {"name": "Phone"}).status_code in {404, 405})
    assert "Phone" in names(someone)
    if stays:
        eventually(lambda: not any(text in browser.get("security").text for text in (hidden, *paths)))
        assert browser.get(stays, follow=False).status_code == 302


def test_what_the_realm_does_not_offer_has_no_button_and_no_way(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any
) -> None:
    someone = person(spare_realm)
    browser: Client = client(someone)
    give(someone, app("Phone"), laptop())
    phone = named(someone, "Phone")
    for alias in ("webauthn-register-passwordless", "delete_credential", "UPDATE_PASSWORD"):
        change_action(stack, spare_realm, alias, enabled=False)
    for path in ("security/passkey/add", "security/password", f"security/two-factor/{phone}/removing"):
        refused(eventually, browser, path)

    def shown() -> str:
        return words(browser.get("security").text)

    for gone in ("Add another passkey", "Remove", "Change password"):
        eventually(lambda gone=gone: gone not in shown())
    assert "Work laptop Added" in shown()
    assert "Rename" in shown()


ROLES = [
    ((), 403, 403),
    (("view-profile",), 200, 403),
    (("manage-account",), 403, 403),
    (("view-profile", "manage-account"), 200, 302),
]


@pytest.mark.feature("P2-56")
@pytest.mark.parametrize(("roles", "see", "change"), ROLES)
def test_seeing_and_changing_take_account_roles(
    person: Any, client: Any, roles: tuple[str, ...], see: int, change: int
) -> None:
    someone = person(roles=roles)
    browser: Client = client(someone)
    give(someone, app("Phone"), codes(12))
    phone = named(someone, "Phone")
    answer = browser.get("security")
    assert answer.status_code == see
    paths = (
        "security/password", "security/passkey/add", "security/two-factor/app/add",
        f"security/two-factor/{phone}/removing",
    )  # fmt: skip
    for path in paths:
        assert browser.get(path, follow=False).status_code == change
        assert (path.replace("removing", "remove") in answer.text) == (see == 200 and change == 302)
    renamed = browser.post(f"security/methods/{phone}/rename", {"name": "Tablet"})
    assert renamed.status_code == (303 if change == 302 else 403)
    assert ("Tablet" in names(someone)) == (change == 302)
    if (see, change) == (200, 403):
        assert "Phone Added" in words(answer.text)
        assert "Your account may not add one." in answer.text
        assert "Actions for" not in answer.text


@pytest.mark.case("U7")
def test_anothers_method_is_unknown(person: Any, client: Any) -> None:
    other = give(person(), laptop(), app("Theirs"))
    theirs = [each["id"] for each in other.read("/credentials")]
    browser = client(person())
    for method_id in (*theirs, "unknown", "..%2f.."):
        for path in (
            f"security/passkey/{method_id}/remove", f"security/passkey/{method_id}/removing",
            f"security/two-factor/{method_id}/remove", f"security/two-factor/{method_id}/removing",
            f"security/methods/{method_id}/rename",
        ):  # fmt: skip
            assert browser.get(path, follow=False).status_code == 404
        assert browser.post(f"security/methods/{method_id}/rename", {"name": "Mine"}).status_code == 404
    assert "Theirs" in names(other)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_is_accessible(person: Any, open_page: Any, scheme: str, width: int) -> None:
    someone = person()
    page = open_page(
        "/demo/security", someone, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    assert violations(page) == []
    everything(someone)
    addresses = (
        "/demo/security", f"/demo/security/two-factor/{named(someone, 'Phone')}/remove",
        f"/demo/security/methods/{named(someone, 'Phone')}/rename",
    )  # fmt: skip
    for address in addresses:
        page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.feature("SV-21")
def test_the_page_speaks_german(person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/security", someone, locale="de-DE")
    expect(page.get_by_role("heading", name="Sicherheit", exact=True)).to_be_visible()
    everything(someone)
    page.reload()
    expect(page.get_by_text("Hinzugefügt am 9. Okt. 2025").first).to_be_visible()
    expect(page.get_by_role("heading", name="Gut geschützt, aber die Wiederherstellungscodes")).to_be_visible()
    english = re.compile(r"\b(Added|Passkey is|Your|You|Few left|sign in|Recovery codes)\b")
    assert not english.search(page.locator("main").inner_text())
