"""What a test sign-in takes back, and whose account it leaves alone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from cast import make_person
from connection_steps import account, active, arrive, draft, trial
from inside import background
from organization_holdings import Place
from stack import Stack

from portal.sso import trial_clean, trial_rows
from portal.store import now, trials
from portal.store.models_sso import Trial


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    return Place(stack)


def opened(place: Place, alias: str, **values: Any) -> Trial:
    """A test of which somebody has pressed the button just now."""
    store = background(place.stack).store
    row = trials.by_id(store, place.realm, trial(place, alias))
    assert row is not None
    trials.change(store, row, state=trial_rows.OPENED, opened=now(), **values)
    return row


def link(place: Place, alias: str, user: str) -> None:
    path = f"/admin/realms/{place.realm}/users/{user}/federated-identity/{alias}"
    body = {"identityProvider": alias, "userId": uuid.uuid4().hex, "userName": user}
    place.stack.admin().post(path, body)


@pytest.mark.case("P10")
def test_who_came_for_good_while_a_connection_was_tested_stays(place: Place) -> None:
    """He is new, he tries the test address too, and his account was not made by that."""
    services, alias = background(place.stack), active(place).alias
    row = opened(place, alias)
    email = f"{uuid.uuid4().hex[:10]}@{place.read()['domains'][0]}"
    arrive(place, alias, email)
    found = account(place, email)
    assert found is not None
    trial_rows.keep(services, row, sub=found["id"])
    trial_clean.clean(services, row)
    assert account(place, email) is not None


def test_of_a_draft_only_accounts_go_that_serve_nothing_else(place: Place) -> None:
    services, alias = background(place.stack), draft(place).alias
    row, elsewhere = opened(place, alias), Place(place.stack)
    with_password, member = make_person(place.stack), make_person(place.stack)
    bare = [make_person(place.stack) for _number in range(2)]
    admin = place.stack.admin()
    for someone in (member, *bare):
        for each in admin.get(f"/admin/realms/demo/users/{someone.id}/credentials"):
            admin.delete(f"/admin/realms/demo/users/{someone.id}/credentials/{each['id']}")
    elsewhere.put(member)
    place.put(bare[1])
    for someone in (with_password, member, *bare):
        link(place, alias, someone.id)
    trial_clean.clean(services, row)
    kept = {each.id for each in (with_password, member, *bare) if account(place, each.email)}
    assert kept == {with_password.id, member.id}


@pytest.mark.parametrize(("source", "clean"), [(trial_rows.KEYCLOAK, True), (trial_rows.PASTED, False)])
def test_a_sign_in_that_may_be_under_way_is_waited_for(place: Place, source: str, clean: bool) -> None:
    """An answer that somebody brought ends the test, not what a browser has begun at Keycloak."""
    row = opened(place, draft(place).alias)
    services = background(place.stack)
    trials.change(services.store, row, state=trial_rows.PASSED, source=source, finished=now())
    trial_clean.clean(services, row)
    assert (row.cleaned is not None) is clean
    assert bool(trial_rows.secrets_of(services, row)) is not clean
