"""Every guide is walked in a browser: each step shows its text, its values and its fields, on a phone as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from conftest import sign_in, violations
from organization_holdings import Place
from playwright.sync_api import Browser, Page
from stack import Stack

from portal.sso.guide_types import Copy, Step
from portal.sso.guides import every, guide

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 800}, "bypass_csp": True}


@pytest.fixture(scope="module")
def house(stack: Stack) -> Place:
    """An organization whose administrator may connect an identity provider."""
    return Place(stack)


@pytest.fixture(scope="module", params=["en-GB", "de-DE"])
def phone(house: Place, browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, str]]:
    """A page of the administrator's, with its language; signed in once for all guides."""
    context = browser.new_context(base_url=house.stack.portal_url, locale=request.param, **PHONE)
    page = context.new_page()
    page.goto(f"/demo/o/{house.name}/sso/setup")
    sign_in(page, house.someone)
    yield page, request.param[:2]
    context.close()


@contextmanager
def begun(house: Place, key: str) -> Iterator[str]:
    """Where a set-up by this guide stands; it is discarded afterwards."""
    answer = house.browser.post(f"o/{house.name}/sso/setup", {"guide": key})
    assert answer.status_code == 303, answer.text
    start = answer.headers["Location"]
    yield start
    answer = house.browser.post(f"{start.partition('/demo/')[2]}/discard", {"confirm": "yes"})
    assert answer.status_code == 303, answer.text


def values(page: Page) -> list[str]:
    """What can be copied on this page."""
    return [field.input_value() for field in page.locator("main .copy input").all()]


@pytest.mark.parametrize("key", [one.key for one in every()])
def test_each_step_of_each_guide_is_shown_whole(house: Place, phone: tuple[Page, str], key: str) -> None:
    page, language = phone
    chosen = guide(key, language)
    with begun(house, key) as start:
        for step in chosen.steps:
            page.goto(f"{start}/{step.id}")
            page.get_by_role("heading", name=step.title, exact=True, level=2).wait_for()
            compare(page, step)
        assert page.get_by_role("link", name=chosen.against).get_attribute("href") == chosen.source
        if language == "en":
            assert ("(as of" in page.locator("main").inner_text()) is bool(chosen.edition)
            assert violations(page) == []


def compare(page: Page, step: Step) -> None:
    """What the page shows with what the guide says."""
    wanted = [block for block in step.blocks if isinstance(block, Copy)]
    found = values(page)
    assert len(found) == len(wanted) and all(found)
    assert all(block.text in ("", value) for block, value in zip(wanted, found, strict=True))
    typed = page.locator("main input:not([type=hidden]):not([readonly]), main textarea").count()
    assert (typed > 0) is bool(step.fields())
    assert "::" not in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_person_goes_from_choosing_a_vendor_to_handing_over_metadata(
    house: Place, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"/demo/o/{house.name}/sso/setup", house.someone)
    page.get_by_role("radio", name="Keycloak SAML").check()
    page.get_by_role("button", name="Begin").click()
    for step in guide("keycloak-saml").steps[:-1]:
        page.get_by_role("heading", name=step.title, exact=True).wait_for()
        page.get_by_role("button", name="Done, continue").click()
    page.get_by_role("heading", name="Hand over the metadata").wait_for()
    assert page.get_by_label("Address of the metadata").is_visible()
