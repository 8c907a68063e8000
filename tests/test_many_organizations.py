"""Somebody who belongs to more organizations than are read at once."""

from __future__ import annotations

from typing import Any

import pytest
from cast import Client
from organization_holdings import Place
from stack import Stack

from portal.demo import organizations
from portal.demo.people import give_client_roles
from portal.standing import FEW

MANAGER = ("view-organization", "view-members", "manage-members")


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """The one that is looked at; its person belongs to many others besides."""
    made = Place(stack, roles=MANAGER)
    admin = stack.admin()
    for number in range(FEW + 1):
        other = organizations.ensure_organization(admin, "demo", f"{made.name}-{number}", f"{made.name} {number}")
        organizations.ensure_member(admin, "demo", other, made.someone.id)
    admin.close()
    made.browser = Client(stack).sign_in(made.someone)
    return made


def test_pages_work_and_the_slow_question_is_not_asked(place: Place, recorder: Any) -> None:
    answer = place.browser.get(f"o/{place.name}/members")
    assert answer.status_code == 200 and place.someone.email in answer.text
    assert not [call for call in recorder.of(answer) if call.path.endswith("/orgs/me")]
    found = place.browser.get(f"organizations?q={place.name}-7").text
    assert f"{place.name} 7" in found and f"{place.name} 8" not in found


@pytest.mark.case("R12")
def test_a_role_that_was_taken_counts_at_once(place: Place) -> None:
    other = place.join()
    place.take(place.someone, "manage-members")
    path = f"o/{place.name}/members/{other.id}/remove"
    assert place.browser.post(path, {"confirm": "yes"}).status_code == 403
    place.put(place.someone, "manage-members")
    assert place.browser.post(path, {"confirm": "yes"}).status_code == 303


@pytest.mark.case("O1")
def test_others_stay_hidden_except_from_operators(stack: Stack, place: Place) -> None:
    foreign = Place(stack)
    for reference in (foreign.name, foreign.id):
        assert place.browser.get(f"o/{reference}/members").status_code == 404
    admin = stack.admin()
    roles = ("view-organizations", "manage-organizations")
    give_client_roles(admin, "demo", place.someone.id, "realm-management", *roles)
    admin.close()
    browser = Client(stack).sign_in(place.someone)
    assert browser.get(f"o/{foreign.name}/members").status_code == 200
