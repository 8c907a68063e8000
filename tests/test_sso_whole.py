"""From “which identity provider?” to a colleague who signs in by it, as an administrator walks it in the browser."""

from __future__ import annotations

from collections.abc import Callable

import connection_steps
import pytest
from cast import Client, make_person
from connection_steps import prove_domain
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from trial_steps import come_in, go

PROVIDER = "idp"


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


def metadata(place: Place, protocol: str) -> str:
    """Where the provider describes itself."""
    base = f"{place.stack.keycloak_url}/realms/{PROVIDER}"
    return f"{base}/protocol/saml/descriptor" if protocol == "saml" else base


def fill(page: Page, place: Place, protocol: str) -> None:
    """Whatever fields this step has."""
    if page.get_by_label("By its address").count():
        page.get_by_label("By its address").check()
    if page.locator("input[name=url]").count():
        page.fill("input[name=url]", metadata(place, protocol))
    if page.locator("input[name=client_id]").count():
        page.fill("input[name=client_id]", "demo-oidc")
        page.fill("input[name=client_secret]", place.stack.admin().client_secret(PROVIDER, "demo-oidc"))


def walk(page: Page, place: Place, protocol: str) -> str:
    """Through the generic guide to a saved draft; its alias."""
    page.locator(f"input[value=generic-{protocol}]").check()
    page.get_by_role("button", name="Begin").click()
    go_on = page.get_by_role("button", name="Done, continue")
    save = page.get_by_role("button", name="Save as a draft")
    expect(go_on).to_be_visible()
    while go_on.count():
        fill(page, place, protocol)
        before = page.url
        go_on.click()
        page.wait_for_url(lambda url, at=before: url != at)  # type: ignore[misc]
        expect(go_on.or_(save)).to_be_visible()
    expect(page.get_by_text("What was found")).to_be_visible()
    save.click()
    expect(page.get_by_text("Nobody can sign in by this draft yet")).to_be_visible()
    return page.url.rpartition("/")[2]


def try_out(page: Page, place: Place, open_page: Callable[..., Page], domain: str) -> None:
    """Make a test address, open it elsewhere, and see it pass."""
    page.get_by_role("link", name="Test sign-in").click()
    page.get_by_role("button", name="Start a test").click()
    address = page.locator("#test-address").input_value()
    elsewhere = go(open_page, address, make_person(place.stack, PROVIDER, email=f"tester@{domain}"))
    expect(elsewhere.get_by_text("Passed")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The sign-in works.").first).to_be_visible(timeout=30_000)


@pytest.mark.feature("P2-43", "WO-65", "WO-30", "WO-44", "UM-07")
@pytest.mark.parametrize("protocol", ["saml", "oidc"])
def test_a_connection_from_the_first_question_to_the_first_colleague(
    place: Place, open_page: Callable[..., Page], protocol: str
) -> None:
    domain = prove_domain(place)
    page = open_page(f"/demo/o/{place.name}/sso/setup", place.someone)
    alias = walk(page, place, protocol)
    try_out(page, place, open_page, domain)
    colleague = make_person(place.stack, PROVIDER, email=f"first@{domain}", first_name="Leonie")
    rule = _rule(protocol, "Leonie")
    assert place.browser.post(f"o/{place.name}/sso/{alias}/roles", rule).status_code == 303
    page.goto(f"/demo/o/{place.name}/sso/{alias}")
    page.get_by_role("link", name="Activate").click()
    page.get_by_role("button", name="Activate").last.click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    elsewhere = come_in(open_page, place, alias, colleague)
    expect(elsewhere.get_by_role("heading", name="Your membership")).to_be_visible()
    held = connection_steps.roles_by_email(place)
    assert held[f"first@{domain}"] == {"view-members"}
    found = connection_steps.account(place, f"first@{domain}")
    assert found is not None and (protocol == "oidc" or found["username"] == f"first@{domain}")
    expect(elsewhere.get_by_text("See who belongs to it").first).to_be_visible()


def _rule(protocol: str, first_name: str) -> dict[str, str]:
    name = "firstName" if protocol == "saml" else "given_name"
    return {"claim": name, "value": first_name, "role": "view-members"}


@pytest.mark.feature("P2-43")
def test_a_colleague_goes_on_where_another_one_left(place: Place, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/demo/o/{place.name}/sso/setup", place.someone)
    page.locator("input[value=generic-saml]").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Done, continue").click()
    expect(page.get_by_role("heading", name="Enter our addresses")).to_be_visible()
    endpoint = page.locator("input[readonly]").first.input_value()
    colleague = place.join(*connection_steps.ALL_ROLES)
    other = open_page(f"/demo/o/{place.name}/sso/setup", colleague, java_script_enabled=False)
    other.get_by_role("link", name="Continue").click()
    expect(other.get_by_role("heading", name="Enter our addresses")).to_be_visible()
    assert other.locator("input[readonly]").first.input_value() == endpoint, "what was pasted stays right"
    other.get_by_role("link", name="Create a SAML application").click()
    expect(other.get_by_text("Done by")).to_be_visible()


def test_a_mistake_is_told_at_once_beside_the_field_and_nothing_is_lost(place: Place) -> None:
    browser: Client = place.browser
    address = f"o/{place.name}/sso/setup/{place['setup']}/metadata"
    wrong = {"way": "manual", "entity_id": "https://idp.tests.test/kept", "sso": "http://idp.tests.test/sso"}
    answer = browser.post(address, wrong)
    assert answer.status_code == 422
    assert "https://idp.tests.test/kept" in answer.text
    assert "must begin with https" in answer.text
    key = {**wrong, "sso": "https://idp.tests.test/sso", "certificate": "-----BEGIN PRIVATE KEY-----\nMIIB\n"}
    answer = browser.post(address, key)
    assert answer.status_code == 422
    assert "private key" in answer.text
    assert "MIIB" not in answer.text, "nothing but this is forgotten at once"
    assert "https://idp.tests.test/kept" in answer.text
