"""Where people return to: https only, listed origins only; how long links live; which languages there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cast import Client
from realm_holdings import Realm
from stack import Stack

from portal.return_addresses import (
    API_MINUTES,
    LANGUAGES,
    LINK_DAYS,
    ORIGINS,
    RETURN_DEFAULT,
    api_link_minutes,
    link_days,
    origin_of,
    return_default,
    success_address,
    success_key,
)

APP = "https://orders.tests.test"
EVIL = (
    "//evil.test", "/\\evil.test", "https:evil.test", "https:/\\evil.test", "%2f%2fevil.test", "https://ev\til.test",
    "https://orders.tests.test@evil.test/", "https://u:p@orders.tests.test/", "javascript:alert(1)", "data:text/html,x",
    f"{APP}/{'x' * 8192}", "http://orders.tests.test/", "https://evil.test/",
)  # fmt: skip


@pytest.fixture(scope="session")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file."""
    return Realm(stack, make_realm)


def form(realm: Realm, **fields: Any) -> dict[str, Any]:
    """What an operator sends who has just opened the page, with one application listed."""
    return {"shown": realm.shown(), "origins": f"{APP} Orders", "days": "30", "minutes": "5", **fields}


@pytest.mark.parametrize("number", ["0", "366", "1.5", "٣", "9" * 5000, ""])
def test_a_number_that_is_none_is_told(realm: Realm, number: str) -> None:
    answer = realm.browser.post("settings/return", form(realm, days=number))
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 365." in answer.text
    assert link_days({LINK_DAYS: number}) == 30


@pytest.mark.feature("P2-68")
@pytest.mark.feature("WO-22")
@pytest.mark.feature("WO-25")
def test_the_address_for_everybody_is_offered_on_every_page(realm: Realm) -> None:
    wanted = form(realm, default=f"{APP}/home", **{"success.sso": f"{APP}/connected"})
    answer = realm.browser.post("settings/return", wanted)
    assert answer.status_code == 303, answer.text
    page = Client(realm.stack, realm.name).sign_in(realm.join()).get("profile").text
    assert f'href="{APP}/home"' in page and "Return to Orders" in page
    found = realm.attributes()
    assert success_address(found, "sso", loopback=True) == f"{APP}/connected"
    assert success_address(found, "dsync", loopback=True) == ""
    came = Client(realm.stack, realm.name).sign_in(realm.join()).get(f"profile?return_to={APP}/cart").text
    assert f'href="{APP}/cart"' in came, "an address of one's own comes first"
    assert realm.browser.post("settings/return", form(realm)).status_code == 303


@pytest.mark.feature("WO-24")
def test_each_environment_has_addresses_of_its_own(stack: Stack, realm: Realm, make_realm: Callable[..., str]) -> None:
    staging = Realm(stack, make_realm)
    for each, home in ((realm, f"{APP}/home"), (staging, f"{APP}/staging")):
        assert each.browser.post("settings/return", form(each, default=home)).status_code == 303
    for each, mine, other in ((realm, "home", "staging"), (staging, "staging", "home")):
        page = each.browser.get("profile").text
        assert f'href="{APP}/{mine}"' in page and f"{APP}/{other}" not in page
    assert realm.browser.post("settings/return", form(realm)).status_code == 303


@pytest.mark.feature("WO-23")
@pytest.mark.feature("WO-59")
@pytest.mark.case("A12")
@pytest.mark.case("A13")
@pytest.mark.parametrize("address", EVIL)
def test_an_address_that_leads_elsewhere_is_neither_saved_nor_followed(realm: Realm, address: str) -> None:
    for field in ("default", "success.sso"):
        answer = realm.browser.post("settings/return", form(realm, **{field: address}))
        assert answer.status_code == 422, field
        assert not address.startswith("http://") or "must use https" in answer.text
    # Written past the portal, it is left out when it is read.
    written = {ORIGINS: f"{APP} Orders", RETURN_DEFAULT: address, success_key("sso"): address}
    assert return_default(written, loopback=False) is None
    assert success_address(written, "sso", loopback=False) == ""


@pytest.mark.feature("WO-60")
def test_plain_http_is_for_a_portal_on_this_machine_alone(realm: Realm) -> None:
    local = "http://localhost:3000"
    assert origin_of(f"{local}/x", loopback=True) == local
    assert origin_of(f"{local}/x", loopback=False) == ""
    assert origin_of("http://example.com/x", loopback=True) == ""
    wanted = form(realm, origins=f"{local} Mine", default=f"{local}/x")
    assert realm.browser.post("settings/return", wanted).status_code == 303
    assert realm.browser.post("settings/return", form(realm)).status_code == 303


@pytest.mark.parametrize(
    "line", ["http://app.tests.test App", "https://app.tests.test/path App", "app.tests.test", "https://*.test X"]
)
def test_only_exact_https_origins_are_listed(realm: Realm, line: str) -> None:
    before = realm.attributes()
    answer = realm.browser.post("settings/return", form(realm, origins=line))
    assert (answer.status_code, realm.attributes()) == (422, before), line


def test_life_times_have_bounds_when_saved_and_when_read(realm: Realm) -> None:
    assert realm.browser.post("settings/return", form(realm, days="0")).status_code == 422
    assert realm.browser.post("settings/return", form(realm, minutes="61")).status_code == 422
    assert realm.browser.post("settings/return", form(realm, days="14", minutes="10")).status_code == 303
    found = realm.attributes()
    assert (link_days(found), api_link_minutes(found)) == (14, 10)
    assert (link_days({LINK_DAYS: "9999"}), api_link_minutes({API_MINUTES: "-1"})) == (30, 5)


def test_only_the_languages_that_are_offered_can_be_chosen(realm: Realm) -> None:
    browser = Client(realm.stack, realm.name).sign_in(realm.join())
    assert 'value="de"' in browser.get("profile").text
    assert realm.browser.post("settings/return", form(realm, languages=["en"])).status_code == 303
    assert realm.attributes()[LANGUAGES] == "en"
    assert 'value="de"' not in browser.get("profile").text
    assert realm.browser.post("settings/return", form(realm, languages=[])).status_code == 303
