"""The gate in front of each route about the settings of a realm, each in a realm of the test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cast import Client
from door import Door, check_age, check_forms, check_strangers, check_success
from realm_holdings import Realm
from recorder import Recorder
from stack import Stack
from test_access_organizations import LINES
from test_gate import right_of
from twins_realm import REALM

from portal.access import Via


@pytest.fixture(scope="session")
def home(stack: Stack, make_realm: Callable[..., str]) -> str:
    """The realm of this file."""
    return make_realm()


@pytest.mark.case("S6")
@pytest.mark.case("S7")
@pytest.mark.parametrize("endpoint", sorted(REALM))
def test_a_page(endpoint: str, stack: Stack, recorder: Recorder, home: str) -> None:
    right, twin = right_of(endpoint), REALM[endpoint]
    wanted = sorted(LINES[right.name].realm[0])
    held = Realm(stack, lambda: home, roles=wanted)
    at = Door(stack, recorder, twin, held)  # type: ignore[arg-type]
    check_strangers(at)
    for roles in ([], *([role for role in wanted if role != lacking] for lacking in wanted)):
        at.refused(at.send(Client(stack, home).sign_in(held.join(*roles))), 403, "role missing")
    if not at.get:
        check_forms(at, Client(stack, home).sign_in(held.join()))
    if right.via is Via.OPERATOR:
        unconfirmed = Client(stack, home).sign_in(held.someone)
        at.refused(at.send(unconfirmed), 302 if at.get else 403)
    if right.fresh:
        check_age(at)
    if "confirm" in at.form:
        at.form.pop("confirm")
        at.refused(at.send(held.browser), 422)
        at.form["confirm"] = "yes"
    check_success(at, right)
