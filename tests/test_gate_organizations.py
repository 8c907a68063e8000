"""The gate in front of each route about an organization: one thing missing and nothing happens, everything there and it
works. The roles of the entitled are exactly those of the right's line in rights.csv.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cast import Client, make_person
from crew import Crew
from door import Door, check_age, check_forms, check_strangers, check_success
from organization_holdings import Place
from recorder import Recorder
from stack import Stack
from test_access_organizations import LINES
from test_gate import right_of
from twins_organizations import ORGANIZATIONS

from portal.access import Right, Scope
from portal.demo.people import give_client_roles

SWITCH = "_providerConfig.portal.{}.enabled"
# One connection at a time is active in an organization.
ALONE = {"active"}
PARTS = ("org.details", "org.members", "org.invitations", "org.domains", "org.sso", "org.events")
MALFORMED = ("..%2f..%2fusers", "%2e%2e", "%00", "x" * 300, "Umbrella", "a_b", "{id}.")


@pytest.fixture(scope="session")
def section_off(stack: Stack, make_realm: Callable[..., str]) -> Client:
    """Somebody with every role where the whole section is off."""
    return Place(stack, realm=make_realm(**{SWITCH.format("org"): "false"})).browser


@pytest.fixture(scope="session")
def parts_off(stack: Stack, make_realm: Callable[..., str]) -> Place:
    """Somebody with every role where each part of the section is off."""
    return Place(stack, realm=make_realm(**{SWITCH.format(part): "false" for part in PARTS}))


@pytest.fixture(scope="session")
def elsewhere(stack: Stack) -> Place:
    """Another organization with its administrator. Nothing of it may be reached from here, so nothing of it changes."""
    return Place(stack)


@pytest.fixture(scope="session")
def crew(stack: Stack) -> Crew:
    """Members who lack something."""
    return Crew(stack)


def entitled(stack: Stack, right: Right) -> Place:
    """Somebody who holds exactly what the line asks for."""
    line = LINES[right.name]
    place = Place(stack, roles=sorted(line.roles[0]) if line.roles else ())
    if line.realm:
        admin = stack.admin()
        give_client_roles(admin, place.realm, place.someone.id, "realm-management", *sorted(line.realm[0]))
        admin.close()
    return place


@pytest.mark.feature("P2-60")
@pytest.mark.feature("P2-61")
@pytest.mark.feature("P2-62")
@pytest.mark.feature("P2-64")
@pytest.mark.case("O1")
@pytest.mark.case("O2")
@pytest.mark.case("O3")
@pytest.mark.case("O4")
@pytest.mark.case("O9")
@pytest.mark.case("O10")
@pytest.mark.case("O11")
@pytest.mark.case("O15")
@pytest.mark.case("S1")
@pytest.mark.case("S2")
@pytest.mark.parametrize("endpoint", sorted(ORGANIZATIONS))
def test_a_page(
    endpoint: str, stack: Stack, recorder: Recorder, section_off: Client, parts_off: Place, elsewhere: Place, crew: Crew
) -> None:
    right, twin, stranger = right_of(endpoint), ORGANIZATIONS[endpoint], elsewhere.browser
    place = entitled(stack, right)
    at = Door(stack, recorder, twin, place)  # type: ignore[arg-type]
    check_strangers(at)
    if right.scope is Scope.ORG:
        check_outside(at, place, stranger)
    if right.organization or right.realm:
        check_lacking(at, right, place, crew)
    if right.sections:
        at.refused(at.send(section_off, token="x"), 404)
        if len(right.sections) > 1:
            at.refused(at.send(parts_off.browser, at.path.replace(place.name, parts_off.name), token="x"), 404)
    if not at.get:
        check_forms(at, stranger)
    if twin.path.count("{") > 1:
        check_objects(at, place, elsewhere)
    if right.fresh:
        check_age(at)
    if "confirm" in at.form:
        at.form.pop("confirm")
        at.refused(at.send(place.browser), 422)
        at.form["confirm"] = "yes"
    check_success(at, right)


def check_outside(at: Door, place: Place, stranger: Client) -> None:
    """Whoever does not belong learns nothing: another's, unknown and impossible addresses are answered alike."""
    strange = at.send(stranger, token="x")
    at.refused(strange, 404, "stranger")
    for other in (place.id, str(uuid.uuid4()), "no-such-organization"):
        answer = at.send(stranger, at.path.replace(place.name, other), token="x")
        at.refused(answer, 404)
        assert told(answer.text) == told(strange.text)
    for other in MALFORMED:
        at.refused(at.send(place.browser, at.path.replace(place.name, other), token="x"), 404)


def told(page: str) -> str:
    """A page without what is new in each answer."""
    return page.partition("<main")[2].partition("Reference")[0]


def check_lacking(at: Door, right: Right, place: Place, crew: Crew) -> None:
    """A member who lacks one role of the set is refused; the reason is in the log."""
    wanted = LINES[right.name].roles[0] if right.organization else frozenset()
    for rest in {frozenset(), *(wanted - {role} for role in wanted)}:
        with crew.at(place, rest) as lacking:
            at.refused(at.send(lacking), 403, "role missing")


def check_objects(at: Door, place: Place, elsewhere: Place) -> None:
    """What belongs to another organization, is unknown, or is no id at all is not there."""
    name = at.twin.path.rpartition("{")[2].partition("}")[0]
    mine = place[name]
    foreign = (Place(at.stack) if name in ALONE else elsewhere)[name]
    for other in (foreign, uuid.uuid4().hex, str(uuid.uuid4()), "..%2f..%2fusers", "%00", "x" * 300):
        at.refused(at.send(place.browser, at.path.replace(mine, other)), 404)


@pytest.mark.case("O16")
def test_an_organization_of_another_realm_is_not_there(stack: Stack, make_realm: Callable[..., str]) -> None:
    elsewhere = Place(stack, realm=make_realm())
    someone = make_person(stack)
    answer = Client(stack).sign_in(someone).get(f"o/{elsewhere.id}/members")
    assert answer.status_code == 404


@pytest.mark.feature("P2-52")
@pytest.mark.feature("SV-09")
@pytest.mark.case("O7")
def test_a_role_in_one_organization_is_none_in_another(stack: Stack, client: Any) -> None:
    managed, seen = Place(stack), Place(stack, roles=("view-organization",))
    seen.put(managed.someone)
    browser = client(managed.someone)
    assert browser.get(f"o/{managed.name}/members").status_code == 200
    assert browser.get(f"o/{seen.name}/members").status_code == 403
    assert browser.get(f"o/{seen.name}/membership").status_code == 200
