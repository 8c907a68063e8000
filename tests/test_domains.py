"""Domains of an organization: adding, proving, checking and removing them in the running portal."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from conftest import violations
from domain_steps import add, check, fresh, in_keycloak, prove, publish, row, shown, verified, words
from organization_holdings import Place
from playwright.sync_api import Page
from stack import Stack

from portal.domains.records import record_name, record_value

MANAGING = ("view-organization", "manage-organization")


@pytest.fixture
def place(stack: Stack) -> Place:
    """An organization of the test's own, with somebody who manages its details."""
    return Place(stack, MANAGING)


@pytest.mark.feature("P2-40")
@pytest.mark.case("D10")
def test_a_new_domain_waits_for_its_record_and_keycloak_hears_nothing_of_it(place: Place) -> None:
    domain = fresh()
    assert "No domain yet" in shown(place.browser, place)
    answer = add(place, f" https://WWW.{domain.upper()}/contact ")
    assert answer.headers["Location"].endswith(f"/{place.name}/domains/{domain}")
    page = shown(place.browser, place)
    assert f"{domain} Waiting for the record Added by Tess Tester" in page
    assert in_keycloak(place) == {}


@pytest.mark.feature("P2-40")
@pytest.mark.case("D1")
@pytest.mark.case("D2")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("olivia@gmail.com", "public mail provider"), ("co.uk", "everybody can register"), ("github.io", "everybody"),
        ("localhost", "reserved"), ("10.0.0.1", "IP address"), ("umbrella", "ending is missing"), ("", "Enter"),
        ("_dmarc.umbrella.com", "no underscore"), ("100%.com", "letters, digits, hyphens"),
        ("umbrella labs.com", "letters, digits, hyphens"), ("umbrella..com", "between two dots"),
        (f"{'a.' * 126}de", "too long"), ("xn--zz-.com", "xn--"), ("p\u0430ypal.com", "different scripts"),
    ],
)  # fmt: skip
def test_what_nobody_can_own_is_refused_beside_the_field(place: Place, text: str, reason: str) -> None:
    answer = add(place, text)
    assert answer.status_code == 422
    assert reason in words(answer.text)
    assert text in words(answer.text)
    assert "No domain yet" in shown(place.browser, place)


@pytest.mark.feature("P2-40")
def test_a_domain_is_added_once(place: Place) -> None:
    domain = fresh()
    assert add(place, domain).status_code == 303
    answer = add(place, domain.upper())
    assert answer.status_code == 422
    assert f"{domain} is among your domains already." in words(answer.text)


@pytest.mark.case("D2")
def test_a_foreign_name_is_shown_both_ways(place: Place) -> None:
    label = f"bücher-{uuid.uuid4().hex[:8]}"
    ascii_ = f"xn--{label.encode('punycode').decode()}.de"
    assert add(place, f"{label}.de").status_code == 303
    assert f"{label}.de ({ascii_})" in shown(place.browser, place)
    assert f"_org-domain-ownership.{ascii_}" in shown(place.browser, place, f"/{ascii_}")


@pytest.mark.feature("P2-41")
@pytest.mark.feature("WO-32")
def test_a_domain_is_verified_once_its_record_is_there(place: Place) -> None:
    domain = fresh()
    add(place, domain)
    page = shown(place.browser, place, f"/{domain}")
    assert f"Type TXT TTL 300 seconds, or what is offered Name {record_name(domain)}" in page
    assert record_value(domain, place.id) in page
    assert f"No record yet There is no TXT record at {record_name(domain)}." in check(place, domain)
    prove(place, domain)
    page = check(place, domain)
    assert f"{domain} is verified." in page
    assert "The record is there" in page
    assert in_keycloak(place) == {domain: True}
    assert f"{domain} Verified Verified since" in shown(place.browser, place)


@pytest.mark.feature("P2-41")
def test_other_domains_of_the_organization_stay_when_one_is_verified(place: Place) -> None:
    first, second = fresh(), fresh()
    verified(place, first)
    place.write(attributes={"kept": ["yes"]})
    verified(place, second)
    assert in_keycloak(place) == {first: True, second: True}
    assert place.read()["attributes"]["kept"] == ["yes"]


@pytest.mark.feature("P2-41")
def test_a_check_says_what_is_wrong_with_the_record(place: Place) -> None:
    domain = fresh()
    add(place, domain)
    name, value = record_name(domain), record_value(domain, place.id)
    publish(place.stack, name, f'"{value}"')
    assert "quotation marks or spaces around it" in check(place, domain)
    publish(place.stack, name, value[:40])
    assert "The value was cut off" in check(place, domain)
    publish(place.stack, name, "v=spf1 -all")
    page = check(place, domain)
    assert "The record is there, with another value" in page
    assert "Another value v=spf1 -all" in page
    publish(place.stack, name)
    publish(place.stack, f"{name}.{domain}", value)
    page = check(place, domain)
    assert "The record is there, but under the wrong name" in page
    assert f"{name}.{domain}: your provider put the domain behind the name a second time" in page
    assert f"{name} No record {name}.{domain} Your value, wrong name" in page
    assert in_keycloak(place) == {}


def test_the_steps_of_a_dns_provider_are_chosen_from_a_list(place: Place) -> None:
    domain = fresh()
    add(place, domain)
    page = shown(place.browser, place, f"/{domain}?provider=cloudflare")
    assert "Choose your domain, then DNS, Records, Add record." in page
    assert "Name _org-domain-ownership Copy Name The name field takes the part before your domain" in page
    assert f"The whole name is {record_name(domain)}" in page
    assert "Open the DNS settings" in shown(place.browser, place, f"/{domain}?provider=<b>")


@pytest.mark.feature("P2-40")
def test_removing_asks_says_what_stops_and_can_be_undone(place: Place) -> None:
    domain = fresh()
    verified(place, domain)
    question = shown(place.browser, place, f"/{domain}/remove")
    assert (
        f"People with addresses of {domain} are no longer led to the sign-in of {place.name.capitalize()}" in question
    )
    assert place.browser.post(f"o/{place.name}/domains/{domain}/remove").status_code == 422
    assert in_keycloak(place) == {domain: True}
    answer = place.browser.post(f"o/{place.name}/domains/{domain}/remove", {"confirm": "yes"}, follow=True)
    assert f"{domain} is removed. Undo" in words(answer.text)
    assert (in_keycloak(place), row(place, domain)) == ({}, None)
    undo = f"o/{place.name}/domains/undo/{place.record('domains.manage')}"
    back = place.browser.post(undo, follow=True)
    assert f"{domain} is verified." in words(back.text)
    assert in_keycloak(place) == {domain: True}
    assert place.browser.post(undo).status_code == 404


def test_a_viewer_sees_domains_and_changes_nothing(stack: Stack, place: Place) -> None:
    domain = fresh()
    add(place, domain)
    viewer = type(place.browser)(stack).sign_in(place.join("view-organization"))
    assert "Add a domain" not in shown(viewer, place)
    page = shown(viewer, place, f"/{domain}")
    assert "Check now" not in page
    assert "Remove" not in page
    assert viewer.post(f"o/{place.name}/domains", {"domain": fresh()}).status_code == 403


@pytest.mark.feature("P2-41")
def test_in_a_browser_a_domain_is_added_and_its_record_copied(
    place: Place, open_page: Callable[..., Page], stack: Stack
) -> None:
    domain = fresh()
    page = open_page(f"/demo/o/{place.name}/domains", place.someone)
    page.get_by_label("Domain", exact=True).fill(domain)
    page.get_by_role("button", name="Add domain").click()
    page.get_by_role("heading", name=domain).wait_for()
    assert page.get_by_label("Value", exact=True).input_value() == record_value(domain, place.id)
    prove(place, domain)
    page.get_by_role("button", name="Check now").click()
    page.get_by_label("Notices").get_by_text(f"{domain} is verified.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(place: Place, open_page: Callable[..., Page], scheme: str) -> None:
    domain = fresh()
    add(place, domain)
    options = {"color_scheme": scheme, "viewport": {"width": 360, "height": 800}, "bypass_csp": True}
    page = open_page(f"/demo/o/{place.name}/domains", place.someone, **options)
    for path in ("", f"/{domain}", f"/{domain}/remove"):
        page.goto(f"/demo/o/{place.name}/domains{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
