"""What the worker takes away by itself: accounts of the refused, and savings that were broken off."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from connection_steps import account, active, actor_of, arrive, come, draft, new_alias, provider
from inside import background
from organization_holdings import Place
from recorder import Recorder
from stack import Stack

from portal.errors import Upstream
from portal.sso import upkeep
from portal.store import connections, now


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    made = Place(stack)
    made.row = active(made)  # type: ignore[attr-defined]
    return made


def alias_of(place: Place) -> str:
    return str(place.row.alias)  # type: ignore[attr-defined]


def address() -> str:
    return f"{uuid.uuid4().hex[:10]}@foreign.test"


@pytest.mark.case("P7")
def test_the_account_of_somebody_refused_does_not_stay(place: Place, eventually: Callable[..., object]) -> None:
    email = address()
    assert "Valid identity email domain not found" in arrive(place, alias_of(place), email)
    eventually(lambda: account(place, email) is None, 60, "the account stayed")
    eventually(lambda: any(row.after.get("deed") == "refused" for row in place.records("sso.manage")))


def test_accounts_that_were_there_before_stay(place: Place) -> None:
    """Of a member whose address was changed at the provider or at Keycloak, and of somebody given a password."""
    domain = place.read()["domains"][0]
    email, other = f"{uuid.uuid4().hex[:10]}@{domain}", address()
    arrive(place, alias_of(place), email)
    admin = place.stack.admin()
    found = account(place, email)
    assert found is not None
    [there] = admin.get("/admin/realms/idp/users", email=email, exact="true")
    admin.put(f"/admin/realms/idp/users/{there['id']}", {**there, "email": other})
    admin.put(f"/admin/realms/{place.realm}/users/{found['id']}", {**found, "email": other})
    assert "Valid identity email domain not found" in come(place, alias_of(place), str(there["username"]))
    upkeep.sweep_refused(background(place.stack))
    assert account(place, other) is not None, "a member"


def test_what_was_broken_off_is_taken_away(place: Place, recorder: Recorder) -> None:
    alias, services = new_alias(), background(place.stack)
    adding = recorder.rule("500", method="POST", path=f"/{alias}/mappers$")
    undoing = recorder.rule("500", method="DELETE", path=f"/idps/{alias}$")
    with adding, undoing, pytest.raises(Upstream):
        draft(place, alias=alias)
    row = connections.get(services.store, place.realm, place.id, alias)
    upkeep.sweep_broken_off(services)
    assert provider(place, alias) is not None, "it may be at work still"
    connections.change(services.store, row, created=now() - timedelta(minutes=6))
    upkeep.sweep_broken_off(services)
    assert provider(place, alias) is None
    assert connections.find(services.store, place.realm, place.id, alias) is None
    assert draft(place, actor_of(place), alias).state == "draft"
