"""What the portal does about domains by itself: against the real Keycloak, with the demonstration's name server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from domain_steps import (
    add,
    age,
    background,
    check,
    forget,
    fresh,
    in_keycloak,
    mailed,
    prove,
    row,
    shown,
    upkept,
    verified,
)  # fmt: skip
from organization_holdings import Place
from stack import Stack

from portal.domains import upkeep
from portal.domains.records import record_name
from portal.services import Services
from portal.store import now
from portal.store.domains import FAILING, LAPSED, PENDING, VERIFIED
from portal.store.models_organizations import Domain

MANAGING = ("view-organization", "manage-organization")
DAYS = timedelta(days=1)


@pytest.fixture
def place(stack: Stack) -> Place:
    """An organization of the test's own, with somebody who manages its details."""
    return Place(stack, MANAGING)


@pytest.fixture
def worker(stack: Stack) -> Iterator[Services]:
    """The parts of a worker."""
    made = background(stack)
    yield made
    made.store.engine.dispose()


def standing(place: Place, domain: str, state: str) -> Domain | None:
    """What the portal keeps, once the domain is in this state."""
    found = row(place, domain)
    return found if found and found.state == state else None


@pytest.mark.feature("P2-41")
def test_a_record_is_found_by_the_portal_itself(
    stack: Stack, place: Place, worker: Services, eventually: Callable[..., Any]
) -> None:
    """By the worker of the installation, when the record is due."""
    domain = fresh()
    add(place, domain)
    looked = row(place, domain)
    assert looked is not None
    assert looked.checked is not None
    assert looked.due - looked.checked == timedelta(minutes=10)
    prove(place, domain)
    age(place, domain, due=now() - DAYS)
    eventually(lambda: in_keycloak(place) == {domain: True}, 60, "no worker looked the record up")
    found = eventually(lambda: standing(place, domain, VERIFIED))
    assert found.due - found.checked == DAYS
    mail = mailed(worker, stack, place.someone.email, f"{domain} is verified")
    assert f"{stack.portal_url}/demo/o/{place.name}/domains/{domain}" in mail["text"]


@pytest.mark.feature("P2-41")
def test_after_two_weeks_a_record_is_looked_up_once_a_day(place: Place, worker: Services) -> None:
    domain = fresh()
    add(place, domain)
    age(place, domain, by=15 * DAYS)
    found = upkept(worker, place, domain)
    assert found.state == PENDING
    assert found.checked is not None
    assert found.due - found.checked == DAYS


@pytest.mark.case("D5")
def test_a_domain_whose_record_is_gone_fails_lapses_and_comes_back(
    stack: Stack, place: Place, worker: Services
) -> None:
    domain = fresh()
    verified(place, domain)
    forget(place, domain)
    found = upkept(worker, place, domain)
    assert found.state == FAILING
    assert in_keycloak(place) == {domain: True}
    last = f"{(found.failing_since or now()) + 7 * DAYS:%B %-d, %Y}"
    mail = mailed(worker, stack, place.someone.email, f"The record of {domain} is gone")
    assert f"Publish the record again by {last}" in " ".join(mail["text"].split())
    page = shown(place.browser, place, f"/{domain}")
    assert "The record is gone The domain still works." in page
    age(place, domain, by=7 * DAYS)
    assert upkept(worker, place, domain).state == LAPSED
    assert in_keycloak(place) == {}
    mailed(worker, stack, place.someone.email, f"{domain} is no longer verified")
    assert f"{domain} No longer verified" in shown(place.browser, place)
    prove(place, domain)
    assert upkept(worker, place, domain).state == VERIFIED
    assert in_keycloak(place) == {domain: True}


@pytest.mark.case("D5")
def test_a_record_that_comes_back_in_time_leaves_the_domain_in_place(place: Place, worker: Services) -> None:
    domain = fresh()
    verified(place, domain)
    forget(place, domain)
    assert f"No record There is no TXT record at {record_name(domain)}." in check(place, domain)
    assert f"{domain} Record is gone" in shown(place.browser, place)
    prove(place, domain)
    age(place, domain, by=2 * DAYS)
    found = upkept(worker, place, domain)
    assert found.state == VERIFIED
    assert found.failing_since is None
    assert in_keycloak(place) == {domain: True}


def test_mails_about_domains_are_in_the_language_of_who_reads_them(
    stack: Stack, place: Place, worker: Services
) -> None:
    reader = place.join(*MANAGING, attributes={"locale": ["de"]})
    other = place.join("view-organization")
    domain = fresh()
    verified(place, domain)
    forget(place, domain)
    found = upkept(worker, place, domain)
    assert found.state == FAILING
    last = (found.failing_since or now()) + 7 * DAYS
    mail = mailed(worker, stack, reader.email, domain)
    assert f"{last.day}. " in mail["text"]
    assert stack.mails(other.email) == []


def test_domains_verified_by_another_way_become_the_portals_too(stack: Stack, place: Place, worker: Services) -> None:
    domain, unproved = fresh(), fresh()
    prove(place, domain)
    place.write(domains=[domain, unproved])
    admin = stack.admin()
    admin.post(f"/realms/demo/orgs/{place.id}/domains/{domain}/verify")
    upkeep.sweep(worker)
    found = row(place, domain)
    assert found is not None
    assert found.state == VERIFIED
    assert row(place, unproved) is None
    admin.delete(f"/realms/demo/orgs/{place.id}")
    upkeep.sweep(worker)
    assert row(place, domain) is None
    admin.close()


@pytest.mark.case("D3")
def test_the_holder_of_a_domain_gets_one_mail_about_a_claim(stack: Stack, place: Place, worker: Services) -> None:
    domain, holder = fresh(), Place(stack, MANAGING)
    verified(holder, domain)
    for _attempt in range(2):
        assert add(place, domain).status_code == 422
    mail = mailed(worker, stack, holder.someone.email, f"Somebody else claimed {domain}")
    assert place.name not in mail["text"]
    assert len([each for each in stack.mails(holder.someone.email) if domain in each["subject"]]) == 1
