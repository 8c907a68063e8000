"""Test sign-ins: a real sign-in by a draft that changes nothing, and what its report says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import Client, make_person
from connection_steps import prove_domain
from inside import background
from organization_holdings import Place
from playwright.sync_api import Page, expect
from recorder import Recorder
from stack import Stack
from trial_steps import Draft, address, begin, enter_secret, go, press, sign_in_at
from waiting import eventually

from portal.sso import trial_clean
from portal.store import now
from portal.store import trials as stored


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization with somebody who may do everything in it."""
    return Place(stack)


def is_tested(draft: Draft) -> bool:
    store = draft.place.stack.store()
    found = stored.connection(store, draft.place.realm, draft.alias)
    store.engine.dispose()
    return found is not None and found.tested is not None


@pytest.mark.case("P10")
@pytest.mark.parametrize("protocol", ["saml", "oidc"])
def test_a_passed_test_leaves_nothing_behind(place: Place, open_page: Callable[..., Page], protocol: str) -> None:
    draft, someone = Draft(place, protocol), make_person(place.stack, "idp")
    test = begin(draft)
    page = go(open_page, address(draft, test), someone)
    expect(page.get_by_text("Passed")).to_be_visible(timeout=30_000)
    shown = place.browser.get(test).text
    assert "The sign-in works." in shown and someone.email in shown
    assert "Passed" in place.browser.get(draft.trials).text
    assert is_tested(draft)
    check_nothing_left(draft, someone.email)
    part = place.browser.get(f"{test}?part=outcome&seen=waiting-0", headers={"HX-Request": "true"})
    assert "The sign-in works." in part.text and "<html" not in part.text and part.status_code == 200
    assert place.browser.get(f"{test}?part=outcome&seen=passed-0").status_code == 204
    assert place.someone.email in place.browser.get("permissions").text
    cookies = {cookie["name"] for cookie in page.context.cookies(place.stack.portal_url)}
    assert not [name for name in cookies if name.startswith(f"portal-{place.realm}")]


def check_nothing_left(draft: Draft, email: str) -> None:
    # Keycloak may write down only later that the account was made; then the worker's next turn takes it away.
    eventually(lambda: draft.people() == [], 60, "the account of a test goes")
    users = f"/admin/realms/{draft.place.realm}/users"
    assert draft.admin.get(users, email=email, exact="true") == []
    client = draft.admin.client_uuid(draft.place.realm, "portal-test")
    assert draft.admin.get(f"/admin/realms/{draft.place.realm}/clients/{client}/user-sessions") == []


def test_an_account_that_was_there_is_not_linked(place: Place, open_page: Callable[..., Any]) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    older = make_person(place.stack, place.realm, email=someone.email)
    test = begin(draft)
    go(open_page, address(draft, test), someone)
    shown = place.browser.get(test).text
    assert "An account with this address exists" in shown and "The sign-in works." in shown
    assert older.read("/federated-identity") == []
    assert is_tested(draft)


def test_a_foreign_address_is_let_in_by_keycloak_and_still_no_passed_test(
    stack: Stack, open_page: Callable[..., Page]
) -> None:
    place = Place(stack)
    prove_domain(place)
    draft, someone = Draft(place, "saml"), make_person(stack, "idp")
    test = begin(draft)
    page = go(open_page, address(draft, test), someone)
    expect(page.get_by_text("Failed")).to_be_visible(timeout=30_000)
    assert "An address outside your domains" in place.browser.get(test).text
    assert not is_tested(draft)
    check_nothing_left(draft, someone.email)


@pytest.mark.case("P10")
def test_in_a_window_where_somebody_is_signed_in_he_stays_himself(place: Place, open_page: Callable[..., Page]) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    test = begin(draft)
    at = address(draft, test)
    page = open_page("/demo/permissions", place.someone)
    page.goto(at)
    press(page)
    sign_in_at(page, someone)
    expect(page.get_by_text("different user")).to_be_visible(timeout=30_000)
    assert "Somebody else was signed in in that window" in place.browser.get(test).text
    page.goto("/demo/permissions")
    expect(page.get_by_text(place.someone.email).first).to_be_attached()
    assert not is_tested(draft)
    check_nothing_left(draft, someone.email)


def test_what_could_not_be_cleaned_is_cleaned_later(
    place: Place, open_page: Callable[..., Page], recorder: Recorder
) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    test = begin(draft)
    page = open_page(address(draft, test))
    with recorder.rule("500", method="DELETE", path="/(sessions|users)/"):
        press(page)
        sign_in_at(page, someone)
        expect(page.get_by_text("Passed")).to_be_visible(timeout=30_000)
        assert len(draft.people()) == 1
    trial_clean.sweep(background(place.stack))
    check_nothing_left(draft, someone.email)


@pytest.mark.case("P10")
def test_what_changed_meanwhile_was_not_tested(place: Place, open_page: Callable[..., Page]) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    test = begin(draft)
    page = open_page(address(draft, test))
    press(page)
    draft.change(defaultScope="openid email")
    sign_in_at(page, someone)
    expect(page.get_by_text("Passed")).to_be_visible(timeout=30_000)
    assert not is_tested(draft)


def test_the_token_is_in_no_log_and_leaves_the_address(place: Place, open_page: Callable[..., Page]) -> None:
    draft = Draft(place, "oidc")
    at = address(draft, begin(draft))
    token = at.rpartition("/")[2]
    page = open_page(at)
    page.get_by_role("button", name="Start the test").click()
    page.wait_for_url(f"{place.stack.portal_url}/{place.realm}/sso/test")
    assert token not in page.content()
    assert not [line for line in place.stack.log() if token in str(line)]
    store = place.stack.store()
    [row] = stored.of_connection(store, place.realm, draft.alias, 5)
    store.engine.dispose()
    assert token.encode() not in (row.secrets or b"") and row.token != token


def test_a_test_address_ends(place: Place, client: Callable[..., Client]) -> None:
    draft = Draft(place, "oidc")
    test = begin(draft)
    at = address(draft, test)
    stranger = client()
    assert stranger.get(at).status_code == 200
    assert stranger.post(f"{at}/begin", token=False, headers={"Origin": "https://evil.test"}).status_code == 403
    store = place.stack.store()
    [row] = stored.of_connection(store, place.realm, draft.alias, 5)
    stored.change(store, row, expires=now() - timedelta(minutes=1))
    store.engine.dispose()
    assert stranger.get(at).status_code == 410
    shown = place.browser.get(test).text
    assert "Nothing came back" in shown and at not in shown


def test_nobody_starts_more_than_twenty_tests_an_hour(place: Place) -> None:
    draft = Draft(place, "oidc")
    for _number in range(20):
        begin(draft)
    assert place.browser.post(draft.trials).status_code == 429


def test_a_missing_address_is_told_while_keycloak_asks_for_it(place: Place, open_page: Callable[..., Page]) -> None:
    draft, someone = Draft(place, "saml", mapped=()), make_person(place.stack, "idp")
    for mapper in draft.admin.get(draft.there)["protocolMappers"]:
        draft.admin.delete(f"{draft.there}/protocol-mappers/models/{mapper['id']}")
    test = begin(draft)
    page = go(open_page, address(draft, test), someone)
    expect(page.get_by_text("Failed").or_(page.locator("#email"))).to_be_visible(timeout=30_000)
    assert "There is no e-mail address" in place.browser.get(test).text
    assert not is_tested(draft)


@pytest.mark.case("P10")
def test_two_tests_at_the_same_time_keep_apart(place: Place, open_page: Callable[..., Page]) -> None:
    draft = Draft(place, "saml", mapped=("email", "firstName"))  # Keycloak asks for the last name
    slow, quick = make_person(place.stack, "idp"), make_person(place.stack, "idp")
    first, second = begin(draft), begin(draft)
    halted = go(open_page, address(draft, first), slow)
    expect(halted.locator("#lastName")).to_be_visible()
    (waiting,) = draft.people()
    page = complete(go(open_page, address(draft, second), quick))
    expect(page.get_by_text("already authenticated")).to_have_count(0)
    assert [each["id"] for each in draft.people()] == [waiting["id"]], "the other one's account is still needed"
    shown = place.browser.get(first).text
    assert "Under way" in shown and quick.email not in shown
    complete(halted)
    for test, mine, other in ((first, slow, quick), (second, quick, slow)):
        report = place.browser.get(test).text
        assert mine.email in report and other.email not in report
    check_nothing_left(draft, slow.email)
    check_nothing_left(draft, quick.email)


def complete(page: Page) -> Page:
    """Enter what Keycloak asks for."""
    page.fill("#lastName", "Late")
    page.locator("[type=submit]").click()
    expect(page.get_by_text("Passed")).to_be_visible(timeout=30_000)
    return page


def test_the_second_way_is_open_after_a_passed_test_to_who_tells_the_secret_again(
    place: Place, open_page: Callable[..., Page]
) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    enter_secret(draft)
    test = begin(draft)
    expect(go(open_page, address(draft, test), someone).get_by_text("Passed")).to_be_visible(timeout=30_000)
    test = begin(draft)
    at, secret = address(draft, test), draft.admin.client_secret("idp", draft.alias)
    assert place.browser.post(f"{test}/secret", {"secret": "two words"}).status_code == 422
    assert place.browser.post(f"{test}/secret", {"secret": secret}).status_code == 303
    assert secret not in place.browser.get(test).text
    page = open_page(at)
    press(page)
    page.goto(f"/{place.realm}/sso/test/own")
    sign_in_at(page, someone)
    expect(page.get_by_text("Passed")).to_be_visible(timeout=30_000)
    assert someone.email in place.browser.get(test).text
