"""The security room on the running portal: what is shown and how it is named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cast import Client
from conftest import violations
from credentials import (
    everything,
    give,
    key,
    named,
    names,
    words,
)
from playwright.sync_api import expect
from recorder import Recorder


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
