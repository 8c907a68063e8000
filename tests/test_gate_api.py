"""The gate in front of each operation about organizations: one thing missing and nothing happens, everything there and
it works. The same lines of rights.csv hold as for the pages.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests
from api_steps import Api, api_of
from cast import Client
from door import check_tokens
from organization_holdings import Place
from realm_holdings import Realm
from recorder import Recorder
from stack import Stack
from test_access_organizations import LINES
from test_gate import right_of
from test_gate_organizations import PARTS, SWITCH, entitled
from twins import Twin
from twins_api import API, SETTINGS

from portal.access import Right, Scope

ENDS = {"organization.delete", "organizations.leave", "organization.rename"}
# One connection and one setup link at a time is active, and what can be undone is the last save.
CHANGES = {"sso.manage", "organization.edit", "links.create"}
# A token has no session that remembers whether its person belongs to many organizations.
HOW_MANY = re.compile(r"^/realms/[^/]+/orgs$")


@pytest.fixture(scope="module")
def outside(stack: Stack) -> Api:
    """An administrator of another organization."""
    return api_of(Place(stack))


@pytest.fixture(scope="module")
def all_off(stack: Stack, make_realm: Callable[..., str]) -> Api:
    """Somebody with every role where each part of the section is off."""
    return api_of(Place(stack, realm=make_realm(**{SWITCH.format(part): "false" for part in PARTS})))


class Gate:
    """One operation, and the requests that are sent to it."""

    def __init__(self, recorder: Recorder, stack: Stack, twin: Twin, place: Any) -> None:
        self.recorder, self.stack, self.twin, self.place = recorder, stack, twin, place
        self.path = twin.path.format_map(place)
        self.body = filled(twin.json, place)

    def send(self, api: Api, path: str = "") -> requests.Response:
        return api(self.twin.method, f"/{path or self.path}", json=self.body or None)

    def refused(self, answer: requests.Response, status: int, reason: str = "") -> None:
        assert answer.status_code == status, (reason, answer.text[:500])
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert told["code"]
        assert told["message"]
        assert told["hint"]
        assert [call for call in self.recorder.of(answer) if call.writes] == []
        assert reason in self.stack.refusal(answer.headers["X-Request-ID"])


def filled(value: Any, held: Mapping[str, str]) -> Any:
    """The body of a twin with what the holder has."""
    if isinstance(value, str):
        return value.format_map(held)
    if isinstance(value, Mapping):
        return {name: filled(each, held) for name, each in value.items()}
    return [filled(each, held) for each in value] if isinstance(value, list) else value


class House:
    """The people around one right, kept for all of its operations: the entitled, and members who lack something."""

    def __init__(self, stack: Stack, right: Right) -> None:
        self.place = entitled(stack, right)
        self.own = api_of(self.place)
        roles = LINES[right.name].roles[0] if right.organization else frozenset()
        lacking = (
            [frozenset(), *(roles - {role} for role in sorted(roles)[:1])] if right.organization or right.realm else []
        )
        self.lacking = [self._enter(*sorted(held)) for held in lacking]

    def _enter(self, *roles: str) -> Api:
        return Api(Client(self.place.stack, self.place.realm).sign_in(self.place.join(*roles)), self.place)


@pytest.fixture(scope="module")
def houses(stack: Stack) -> Callable[[str], House]:
    """By endpoint; what ends or changes what the others of its right need has people of its own."""
    kept: dict[str, House] = {}

    def find(endpoint: str) -> House:
        right = right_of(endpoint)
        name = endpoint if right.name in ENDS | CHANGES else right.name
        kept[name] = kept.get(name) or House(stack, right)
        return kept[name]

    return find


@pytest.fixture(scope="module")
def foreign(stack: Stack) -> Place:
    """Another organization with one of everything."""
    return Place(stack)


@pytest.mark.feature("SV-03")
@pytest.mark.case("O1")
@pytest.mark.case("O10")
@pytest.mark.case("S2")
@pytest.mark.parametrize("endpoint", sorted(API))
def test_an_operation(
    endpoint: str, stack: Stack, recorder: Recorder, outside: Api, all_off: Api, houses: Any, foreign: Place
) -> None:
    right, twin, house = right_of(endpoint), API[endpoint], houses(endpoint)
    for name in names_in(twin):
        house.place.made.pop(name, None)
    at, own, place = Gate(recorder, stack, twin, house.place), house.own, house.place
    at.refused(at.send(Api(place.browser, place, token="")), 401, "no bearer token")
    at.refused(at.send(Api(place.browser, place, token="eyJhbGciOiJub25lIn0.e30.")), 401, "lives no more")
    if right.scope is Scope.ORG:
        at.refused(at.send(outside), 404, "stranger")
        for other in (str(uuid.uuid4()), "no-such-organization"):
            at.refused(at.send(own, at.path.replace(place.name, other)), 404)
    for lacking in house.lacking:
        at.refused(at.send(lacking), 403, "role missing")
    if len(right.sections) > 1 and all_off.place is not None:
        at.refused(at.send(all_off, at.path.replace(place.name, all_off.place.name)), 404, "switched off")
    check_objects(at, own, foreign)
    answer = at.send(own)
    assert answer.status_code == twin.status, (stack.refusal(answer.headers["X-Request-ID"]), answer.text)
    check_tokens(right, [call for call in recorder.of(answer) if not HOW_MANY.match(call.path)], "sample-app")


def names_in(twin: Twin) -> set[str]:
    """What the twin names, but the organization itself."""
    return set(re.findall(r"{(\w+)}", f"{twin.path} {twin.json}")) - {"org"}


@pytest.fixture(scope="module")
def home(stack: Stack, make_realm: Callable[..., str]) -> str:
    """A realm whose application may ask for the roles of operators."""
    name, admin = make_realm(), stack.admin()
    clients = admin.get(f"/admin/realms/{name}/clients?clientId=sample-app")
    admin.put(f"/admin/realms/{name}/clients/{clients[0]['id']}", {**clients[0], "fullScopeAllowed": True})
    admin.close()
    return name


@pytest.mark.case("S6")
@pytest.mark.case("S7")
@pytest.mark.parametrize("endpoint", sorted(SETTINGS))
def test_an_operation_on_settings(endpoint: str, stack: Stack, recorder: Recorder, home: str) -> None:
    right, twin = right_of(endpoint), SETTINGS[endpoint]
    wanted = sorted(LINES[right.name].realm[0])
    held = Realm(stack, lambda: home, roles=wanted)
    at = Gate(recorder, stack, twin, held)
    at.refused(at.send(Api(held.browser, token="")), 401, "no bearer token")
    for roles in ([], *([role for role in wanted if role != lacking] for lacking in wanted)):
        at.refused(at.send(Api(Client(stack, home).sign_in(held.join(*roles)))), 403, "role missing")
    answer = at.send(Api(held.browser))
    assert answer.status_code == twin.status, (stack.refusal(answer.headers["X-Request-ID"]), answer.text)
    writers = {call.client for call in recorder.of(answer) if call.writes}
    assert writers <= {"sample-app"}


def check_objects(at: Gate, own: Api, foreign: Place) -> None:
    """What belongs to another organization, is unknown, or is no id at all is not there."""
    if at.twin.path.replace("{org}", "").count("{") == 0:
        return
    name: Any = at.twin.path.rpartition("{")[2].partition("}")[0]
    for other in (foreign[name], str(uuid.uuid4()), "%00", "x" * 300):
        at.refused(at.send(own, at.path.replace(at.place[name], other)), 404)
