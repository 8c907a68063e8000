"""The gate on the running portal, route by route: with one thing missing nothing happens, with everything it works."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import requests
from cast import Client
from door import Door, check_age, check_forms, check_ids, check_strangers, check_success, check_tokens
from flask import Flask
from holdings import EVERY_ROLE, Holdings, api_token, enter, make_holder
from recorder import Recorder
from stack import Stack
from twins import HTML, JSON, PUBLIC, Twin
from twins_api import API, SETTINGS
from twins_compat import COMPAT
from twins_organizations import ORGANIZATIONS
from twins_realm import REALM

from portal import create_app
from portal.access import Right, Scope
from portal.settings import from_mapping

SUBSECTIONS = ("password", "twofactor", "passwordless", "activity", "linked")
SWITCH = "_providerConfig.portal.profile{}.enabled"


@cache
def app() -> Flask:
    realm = {"name": "demo", "keycloak_url": "http://localhost:9", "client_secret": "s"}
    return create_app(
        from_mapping(
            {"public_url": "http://localhost:8000", "demo": True, "database_url": "sqlite://", "realms": [realm]}
        )
    )


def right_of(endpoint: str) -> Right:
    return app().view_functions[endpoint].portal_right


def own_routes() -> set[str]:
    """Those of people; those of guests are in test_setup_gate."""
    known = {name for name in app().view_functions if not name.startswith("setup.")}
    return {name for name in known if right_of(name).scope is not Scope.PUBLIC}


def test_every_route_has_a_twin() -> None:
    own = HTML | JSON | API | SETTINGS | ORGANIZATIONS | REALM | COMPAT
    assert set(own) == own_routes()
    guests = {name for name in app().view_functions if name.startswith("setup.")}
    assert set(PUBLIC) == set(app().view_functions) - own_routes() - guests
    for rule in app().url_map.iter_rules():
        if rule.endpoint in guests:
            continue
        twin = own.get(rule.endpoint)
        method = twin.method if twin else PUBLIC[rule.endpoint][0]
        assert rule.methods - {"HEAD", "OPTIONS"} == {method}, rule


@pytest.fixture(scope="session")
def bare(stack: Stack) -> Client:
    """Somebody signed in with one role that opens nothing (with none, Keycloak leaves out the API's scope)."""
    someone = make_holder(stack, roles=("view-groups",))
    return enter(Client(stack), someone)


@pytest.fixture(scope="session")
def profile_off(stack: Stack, make_realm: Callable[..., str]) -> Client:
    """Somebody with every role where the whole section is off."""
    return _holder_in(stack, make_realm(**{SWITCH.format(""): "false"}))


@pytest.fixture(scope="session")
def parts_off(stack: Stack, make_realm: Callable[..., str]) -> Client:
    """Somebody with every role where each part of the section is off, and so are the realm's actions."""
    realm = make_realm(**{SWITCH.format(f".{part}"): "false" for part in SUBSECTIONS})
    admin = stack.admin()
    for alias in ("UPDATE_EMAIL", "delete_account"):
        path = f"/admin/realms/{realm}/authentication/required-actions/{alias}"
        admin.put(path, {**admin.get(path), "enabled": False})
    admin.close()
    return _holder_in(stack, realm)


def _holder_in(stack: Stack, realm: str) -> Client:
    return enter(Client(stack, realm), make_holder(stack, realm, EVERY_ROLE))


@pytest.fixture
def door(stack: Stack, recorder: Recorder) -> Callable[[Twin], Door]:
    return lambda twin: Door(stack, recorder, twin, Holdings(make_holder(stack)))


@pytest.mark.case("C1")
@pytest.mark.case("C3")
@pytest.mark.case("C4")
@pytest.mark.case("S1")
@pytest.mark.case("T15")
@pytest.mark.case("S2")
@pytest.mark.case("U7")
@pytest.mark.parametrize("endpoint", sorted(HTML))
def test_a_page(endpoint: str, door: Any, stack: Stack, bare: Client, profile_off: Client, parts_off: Client) -> None:
    right, at = right_of(endpoint), door(HTML[endpoint])
    check_strangers(at)
    if right.account:
        at.refused(at.send(bare), 403, "role missing")
    if right.sections:
        at.refused(at.send(profile_off, token="x"), 404, "switched off")
    if len(right.sections) > 1 or right.action in {"UPDATE_EMAIL", "delete_account"}:
        at.refused(at.send(parts_off, token="x"), 404, "switched off")
    if not at.get:
        check_forms(at, bare)
    if at.twin.holds:
        check_ids(at, stack)
    if right.fresh:
        check_age(at)
    if "confirm" in at.form and "username" not in at.form:
        at.form.pop("confirm")
        at.refused(at.send(at.holdings.browser), 422)
        at.form["confirm"] = "yes"
    check_success(at, right)


def call_api(holder: Client, twin: Twin, path: str, token: str) -> requests.Response:
    head = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{holder.stack.portal_url}/{holder.realm}/api/v1/{path}"
    body = dict(twin.json) or None
    return requests.request(twin.method, address, json=body, headers=head, timeout=30, cookies=holder.http.cookies)


@pytest.mark.case("S2")
@pytest.mark.case("U7")
@pytest.mark.parametrize("endpoint", sorted(JSON))
def test_an_operation(
    endpoint: str, door: Any, recorder: Recorder, bare: Client, profile_off: Client, parts_off: Client
) -> None:
    right, twin = right_of(endpoint), JSON[endpoint]
    at = door(twin)
    own = at.holdings.browser
    at.refused(call_api(own, twin, at.path, ""), 401, "no bearer token")
    at.refused(call_api(own, twin, at.path, "eyJhbGciOiJub25lIn0.e30."), 401, "lives no more")
    if right.account:
        at.refused(call_api(bare, twin, at.path, api_token(bare)), 403, "role missing")
    if right.sections:
        at.refused(call_api(profile_off, twin, at.path, api_token(profile_off)), 404, "switched off")
    if len(right.sections) > 1:
        at.refused(call_api(parts_off, twin, at.path, api_token(parts_off)), 404, "switched off")
    token = api_token(own)
    if twin.holds:
        for other in (str(uuid.uuid4()), "%2e%2e", "x" * 300):
            at.refused(call_api(own, twin, at.path.replace(at.holdings[twin.holds], other), token), 404)
    answer = call_api(own, twin, at.path, token)
    assert answer.status_code == twin.status, answer.text
    check_tokens(right, recorder.of(answer), "sample-app")


@pytest.mark.parametrize("endpoint", sorted(PUBLIC))
def test_a_route_for_everybody_writes_nothing(endpoint: str, stack: Stack, recorder: Recorder) -> None:
    method, path, status = PUBLIC[endpoint]
    answer = requests.request(method, f"{stack.portal_url}{path}", allow_redirects=False, timeout=30)
    assert answer.status_code == status, answer.text
    assert [call for call in recorder.of(answer) if call.writes] == []
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - {method}:
        assert requests.request(other, f"{stack.portal_url}{path}", timeout=30).status_code == 405
