"""A failure at each step of saving leaves nothing behind, and its cause is named."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from connection_steps import active, actor_of, draft, mappers, new_alias, provider
from organization_holdings import Place
from recorder import Recorder
from stack import Stack

from portal.errors import PortalError, Upstream
from portal.sso import saving
from portal.store import connections

# What saving a draft with three mappers writes at Keycloak: the provider, each mapper, and the opening.
WRITES = (("POST", "/idps$"), ("POST", "/mappers$"), ("POST", "/mappers$"), ("POST", "/mappers$"), ("PUT", "/idps/"))
STEPS = ("the identity provider", "the mapper for email", "the mapper for firstName", "the mapper for lastName")


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    return Place(stack)


def skipped(number: int) -> int:
    """How many calls alike come before this one."""
    return WRITES[:number].count(WRITES[number])


@pytest.mark.parametrize("number", range(len(WRITES)))
@pytest.mark.parametrize("failure", ["500", "409", "400", "cut"])
def test_a_draft_is_saved_whole_or_not_at_all(place: Place, recorder: Recorder, number: int, failure: str) -> None:
    alias, (method, path) = new_alias(), WRITES[number]
    failing = recorder.rule(failure, method=method, path=f"{place.id}.*{path}", skip=skipped(number), most=1)
    with failing, pytest.raises(PortalError) as raised:
        draft(place, alias=alias)
    step = (*STEPS, "opening it to test sign-ins")[number]
    assert "Nothing was saved" in said(raised.value) and step in said(raised.value)
    assert provider(place, alias) is None
    assert connections.find(actor_of(place).services.store, place.realm, place.id, alias) is None
    assert place.records("sso.setup")[-1].state == "failed"
    assert draft(place, alias=alias).state == "draft", "and the same again succeeds"


def said(error: PortalError) -> str:
    return " ".join([str(error), *getattr(error, "form", [])])


def test_an_answer_that_got_lost_leaves_nothing_either(place: Place, recorder: Recorder) -> None:
    alias = new_alias()
    with recorder.rule("lose", method="POST", path=f"{place.id}/idps$"), pytest.raises(PortalError):
        draft(place, alias=alias)
    assert provider(place, alias) is None


def test_what_could_not_be_undone_is_taken_away_later(place: Place, recorder: Recorder) -> None:
    alias = new_alias()
    adding = recorder.rule("500", method="POST", path=f"/{alias}/mappers$")
    undoing = recorder.rule("500", method="DELETE", path=f"/idps/{alias}$")
    with adding, undoing, pytest.raises(Upstream) as raised:
        draft(place, alias=alias)
    assert raised.value.unknown and provider(place, alias) is not None
    assert place.records("sso.setup")[-1].state == "unknown"
    found = provider(place, alias)
    assert found is not None and not found["enabled"], "nobody can use it meanwhile"
    services = actor_of(place).services
    row = connections.get(services.store, place.realm, place.id, alias)
    assert row.state == "saving"


CHANGES = (("POST", "/mappers$"), ("PUT", "/mappers/"), ("DELETE", "/mappers/"), ("PUT", "$"))


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_change_is_made_whole_or_not_at_all(place: Place, recorder: Recorder, method: str, path: str) -> None:
    row = draft(place)
    before, kept = provider(place, row.alias), mappers(place, row.alias)
    wanted: dict[str, Any] = {
        "config": {"defaultScope": "openid"}, "domains": [f"{uuid.uuid4().hex[:6]}.test"],
        "attributes": {"email": "mail", "firstName": "given_name", "username": "sub"},
    }  # fmt: skip
    failing = recorder.rule("500", method=method, path=f"/idps/{row.alias}{path}", most=1)
    with failing as caught:
        with pytest.raises(PortalError, match="Nothing was saved"):
            saving.change(actor_of(place), row.alias, **wanted)
        assert caught.count == 1
    assert provider(place, row.alias) == before
    assert without_ids(mappers(place, row.alias)) == without_ids(kept)
    assert connections.get(actor_of(place).services.store, place.realm, place.id, row.alias).domains == []


def without_ids(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: each["config"] for name, each in found.items()}


def test_a_refused_change_of_state_leaves_it_as_it_was(place: Place, recorder: Recorder) -> None:
    row = active(place)
    with recorder.rule("500", method="PUT", path=f"/idps/{row.alias}$"):
        answer = place.browser.post(f"o/{place.name}/sso/{row.alias}/disable", {"confirm": "yes"})
    assert answer.status_code == 503
    found = provider(place, row.alias)
    assert found is not None and found["enabled"]
    assert connections.get(actor_of(place).services.store, place.realm, place.id, row.alias).state == "active"
