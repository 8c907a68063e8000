"""Test sign-ins: a real sign-in by a draft that changes nothing, and what its report says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cast import make_person
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from trial_steps import Draft, address, begin, go

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
    assert place.someone.email in place.browser.get("permissions").text
    cookies = {cookie["name"] for cookie in page.context.cookies(place.stack.portal_url)}
    assert not [name for name in cookies if name.startswith(f"portal-{place.realm}")]


def check_nothing_left(draft: Draft, email: str) -> None:
    assert draft.people() == []
    users = f"/admin/realms/{draft.place.realm}/users"
    assert draft.admin.get(users, email=email, exact="true") == []
    client = draft.admin.client_uuid(draft.place.realm, "portal-test")
    assert draft.admin.get(f"/admin/realms/{draft.place.realm}/clients/{client}/user-sessions") == []


@pytest.mark.case("P6")
def test_an_account_that_was_there_is_not_linked(place: Place, open_page: Callable[..., Any]) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    older = make_person(place.stack, place.realm, email=someone.email)
    test = begin(draft)
    go(open_page, address(draft, test), someone)
    shown = place.browser.get(test).text
    assert "An account with this address exists" in shown and "The sign-in works." in shown
    assert older.read("/federated-identity") == []
    assert is_tested(draft)
