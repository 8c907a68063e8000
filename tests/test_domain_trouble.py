"""Domains while name servers, Keycloak or other people do what they should not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import dns_doubles
import pytest
from dns_doubles import Server, fails, silent
from domain_steps import (
    add,
    age,
    background,
    check,
    forget,
    fresh,
    in_keycloak,
    prove,
    row,
    shown,
    upkept,
    verified,
)  # fmt: skip
from organization_holdings import Place
from recorder import Recorder
from stack import Stack

from portal.clients.dns import Dns
from portal.domains.records import record_name, record_value
from portal.services import Services
from portal.store import now
from portal.store.domains import FAILING, PENDING, PROVED, VERIFIED

running_server, server = dns_doubles.running_server, dns_doubles.server
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


@pytest.mark.case("D8")
@pytest.mark.parametrize("behaviour", [silent, fails("SERVFAIL"), fails("REFUSED"), lambda *_: b"\0" * 40])
def test_hostile_servers_end_a_look_in_time_and_verify_nothing(
    stack: Stack,
    place: Place,
    server: Server,
    behaviour: object,
) -> None:
    """A verified domain outlasts two days of trouble that says nothing about its record."""
    domain, old = fresh(), fresh()
    verified(place, old)
    add(place, domain)
    server.zone.always(behaviour)  # type: ignore[arg-type]
    trouble = background(stack, Dns(server.where))
    began = time.monotonic()
    assert upkept(trouble, place, domain).state == PENDING
    assert time.monotonic() - began < 15
    assert upkept(trouble, place, old).state == VERIFIED
    assert in_keycloak(place) == {old: True}
    found = row(place, old)
    assert found is not None
    missed = (now() - 3 * DAYS).isoformat()
    age(place, old, finding={**found.finding, "missed": missed})
    assert upkept(trouble, place, old).state == FAILING
    assert "answer" in shown(place.browser, place, f"/{old}")
    trouble.store.engine.dispose()


@pytest.mark.case("D8")
def test_what_a_hostile_record_holds_is_shown_as_text_and_cut(stack: Stack, place: Place, server: Server) -> None:
    domain = fresh()
    add(place, domain)
    server.zone.text(record_name(domain), *[f"<script>alert({each})</script>" + "x" * 900 for each in range(60)])
    hostile = background(stack, Dns(server.where))
    found = upkept(hostile, place, domain)
    assert found.state == PENDING
    assert len(str(found.finding)) < 20_000
    answer = place.browser.get(f"o/{place.name}/domains/{domain}")
    assert "&lt;script&gt;alert(" in answer.text
    assert "<script>alert(" not in answer.text
    assert "The record is there, with another value" in answer.text
    hostile.store.engine.dispose()


def test_while_keycloak_does_not_see_the_record_it_is_asked_again(
    stack: Stack,
    place: Place,
    server: Server,
    worker: Services,
) -> None:
    """Its resolver may remember the answer from before; the portal asks the domain's own servers."""
    domain = fresh()
    add(place, domain)
    found = row(place, domain)
    assert found is not None
    server.zone.text(record_name(domain), record_value(domain, place.id))
    ahead = background(stack, Dns(server.where))
    found = upkept(ahead, place, domain)
    assert found.state == PROVED
    assert in_keycloak(place) == {domain: False}
    assert f"{domain} Almost done" in shown(place.browser, place)
    assert "Keycloak does not see it yet" in shown(place.browser, place, f"/{domain}")
    prove(place, domain)
    assert upkept(worker, place, domain).state == VERIFIED
    assert in_keycloak(place) == {domain: True}
    ahead.store.engine.dispose()


def test_a_domain_taken_out_in_keycloak_is_not_put_back_by_itself(place: Place, worker: Services) -> None:
    domain = fresh()
    verified(place, domain)
    place.write(domains=[])
    assert upkept(worker, place, domain).state == VERIFIED
    assert in_keycloak(place) == {}
    assert f"{domain} Taken out in Keycloak" in shown(place.browser, place)
    assert f"{domain} is verified." in check(place, domain)
    assert in_keycloak(place) == {domain: True}


def test_a_domain_whose_listing_was_cut_off_is_taken_out_when_its_record_goes(
    place: Place, worker: Services, recorder: Recorder
) -> None:
    """Keycloak would trust what it lists: what was listed and never verified may not stay without a record."""
    domain = fresh()
    add(place, domain)
    prove(place, domain)
    with recorder.rule("cut", method="POST", path=f"/realms/demo/orgs/{place.id}/domains/{domain}/verify"):
        answer = place.browser.post(f"o/{place.name}/domains/{domain}/check")
    assert answer.status_code == 503
    assert in_keycloak(place) == {domain: False}
    forget(place, domain)
    assert upkept(worker, place, domain).state == PENDING
    assert in_keycloak(place) == {}
