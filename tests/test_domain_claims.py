"""Who may claim a domain, and how often its record is looked up on demand."""

from __future__ import annotations

import pytest
from domain_steps import add, check, forget, fresh, in_keycloak, prove, recorded, shown, verified, words
from organization_holdings import Place
from stack import Stack

MANAGING = ("view-organization", "manage-organization")


@pytest.fixture
def place(stack: Stack) -> Place:
    """An organization of the test's own, with somebody who manages its details."""
    return Place(stack, MANAGING)


@pytest.mark.case("D9")
def test_an_organization_looks_a_record_up_six_times_a_minute(stack: Stack, place: Place) -> None:
    domain = fresh()
    add(place, domain)
    path = f"o/{place.name}/domains/{domain}/check"
    colleague = place.join(*MANAGING)
    answers = [place.browser.post(path) for _ in range(6)]
    assert [each.status_code for each in answers].count(303) == 5
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    other = Place(stack, MANAGING)
    assert other.browser.http is not place.browser.http
    again = type(place.browser)(stack).sign_in(colleague).post(path)
    assert again.status_code == 429
    assert add(place, fresh()).status_code == 303
    mine = fresh()
    add(other, mine)
    assert "No record yet" in check(other, mine)


@pytest.mark.case("D3")
def test_a_domain_that_another_organization_proved_is_refused_and_told(stack: Stack, place: Place) -> None:
    domain, holder = fresh(), Place(stack, MANAGING)
    verified(holder, domain)
    prove(place, domain)
    answer = add(place, domain)
    page = words(answer.text)
    assert answer.status_code == 422
    assert "is verified by another organization" in page
    assert holder.name not in answer.text
    assert holder.id not in answer.text
    assert in_keycloak(place) == {}
    assert in_keycloak(holder) == {domain: True}
    told = [line for line in stack.log() if line.get("domain") == domain and line["level"] == "warning"]
    assert [(line["organization"], line["holder"]) for line in told] == [(place.id, holder.id)]
    record = recorded(place, domain)
    assert (record.state, record.sub, record.after["refused"]) == ("failed", place.someone.id, "held")
    assert holder.id not in str(vars(record))


@pytest.mark.case("D3")
def test_who_is_second_to_publish_the_record_is_not_verified(stack: Stack, place: Place) -> None:
    domain, holder = fresh(), Place(stack, MANAGING)
    add(place, domain)
    verified(holder, domain)
    prove(place, domain)
    page = check(place, domain)
    assert "This domain cannot be verified here" in page
    assert holder.name not in page
    assert in_keycloak(place) == {}


@pytest.mark.case("D3")
def test_a_domain_that_was_verified_by_another_way_counts_as_well(stack: Stack, place: Place) -> None:
    domain, holder = fresh(), Place(stack, MANAGING)
    prove(holder, domain)
    holder.write(domains=[domain])
    admin = stack.admin()
    admin.post(f"/realms/demo/orgs/{holder.id}/domains/{domain}/verify")
    admin.close()
    assert in_keycloak(holder) == {domain: True}
    assert "is verified by another organization" in words(add(place, domain).text)
    assert f"{domain} Verified" in shown(holder.browser, holder)


@pytest.mark.case("D6")
def test_a_part_of_a_domain_that_another_organization_proved_is_refused(stack: Stack, place: Place) -> None:
    domain, holder = fresh(), Place(stack, MANAGING)
    verified(holder, domain)
    part = f"sales.emea.{domain}"
    prove(place, part)
    answer = add(place, part)
    assert (answer.status_code, in_keycloak(place)) == (422, {})
    assert "the one above it, is verified by another organization" in words(answer.text)
    verified(holder, part)


def test_what_stands_in_keycloak_without_proof_is_reported(place: Place) -> None:
    domain = fresh()
    place.write(domains=[domain])
    assert f"{domain} Not verified Entered in Keycloak by another way than this portal." in shown(place.browser, place)
    page = shown(place.browser, place, f"/{domain}")
    assert "Publish the record and check, or remove it" in page
    forget(place, domain)
    check(place, domain)
    prove(place, domain)
    assert f"{domain} is verified." in check(place, domain)
