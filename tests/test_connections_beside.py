"""Connections beside each other: a second one, those made elsewhere, and what was changed behind the portal."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from cast import make_person
from connection_steps import (
    active,
    actor_of,
    come,
    draft,
    elsewhere,
    passed,
    prove_domain,
    provider,
    saml_config,
)
from organization_holdings import Place
from recorder import Recorder
from stack import Stack
from test_connections import deed, page

from portal.access import grant
from portal.clients.connections_allowed import POST_FLOW
from portal.errors import Conflict
from portal.sso import saving
from portal.store.models_sso import SsoPolicy

SEVERAL = {"_providerConfig.orgs.config.multipleIdps": "true"}


@pytest.fixture(scope="module")
def realm(make_realm: Any) -> str:
    """A realm of this file's own."""
    return str(make_realm())


@pytest.fixture
def place(stack: Stack, realm: str) -> Place:
    return Place(stack, realm=realm)


def test_a_second_connection_needs_the_operators_leave(place: Place) -> None:
    actor = actor_of(place)
    active(place, actor)
    second = draft(place, actor)
    assert provider(place, second.alias), "the first is not unlinked"
    assert len(actor.services.connections.all(grant(actor, "sso.view", place.id), place.id)) == 2
    passed(place, second)
    answer = deed(place, second.alias, "activate")
    assert answer.status_code == 409 and "Another connection is active" in answer.text


def test_with_leave_each_domain_leads_to_one(stack: Stack, make_realm: Any) -> None:
    place = Place(stack, realm=make_realm(**SEVERAL))
    actor = actor_of(place)
    _allow_several(place)
    one, two = prove_domain(place), prove_domain(place)
    first, second = draft(place, actor, domains=[one]), draft(place, actor, domains=[one])
    for row in (first, second):
        passed(place, row)
    saving.activate(actor, first.alias)
    with pytest.raises(Conflict, match="lead to another connection already"):
        saving.activate(actor, second.alias)
    saving.change(actor, second.alias, domains=[two])
    saving.activate(actor, second.alias)
    found = provider(place, second.alias)
    assert found is not None and found["config"]["home.idp.discovery.domains"] == two


def _allow_several(place: Place) -> None:
    store = place.stack.store()
    with store.write() as transaction:
        transaction.add(SsoPolicy(realm=place.realm, organization=place.id, several=True))
    store.engine.dispose()


@pytest.mark.feature("P2-45")
def test_what_was_made_elsewhere_is_shown_and_can_only_be_deleted(place: Place) -> None:
    admin = place.stack.admin()
    config = {**saml_config(place.stack, place.realm), "metadataDescriptorUrl": "https://x.test"}
    alias = f"Vendor-{uuid.uuid4().hex[:6]}"
    body = {"alias": alias, "providerId": "saml", "enabled": True, "config": config}
    admin.post(f"/realms/{place.realm}/orgs/{place.id}/idps", body)
    assert "Made outside the portal" in page(place)
    assert "was made outside the portal" in page(place, f"/{alias}")
    assert place.browser.get(f"o/{place.name}/sso/{alias}/edit").status_code == 404
    assert place.browser.get(f"o/{place.name}/sso/{alias}/disable").status_code == 404
    assert deed(place, alias, "delete").status_code == 303
    assert provider(place, alias) is None


@pytest.mark.feature("WO-65")
@pytest.mark.case("P7")
def test_what_was_made_elsewhere_moves_to_the_portals_flows_once_it_is_seen_whom_that_keeps_out(place: Place) -> None:
    alias, domain = elsewhere(place), prove_domain(place)
    inside, outside = (
        make_person(place.stack, "idp", email=f"{uuid.uuid4().hex[:8]}@{at}") for at in (domain, "x.test")
    )
    for someone in (inside, outside):
        assert place.stack.sample_url in come(place, alias, someone.username)
    asked = page(place, f"/{alias}/adopt")
    assert outside.email in asked and inside.email not in asked and "1 of 2 accounts" in asked
    before = provider(place, alias)
    assert deed(place, alias, "adopt", confirm="").status_code == 422
    assert provider(place, alias) == before is not None
    assert deed(place, alias, "adopt").status_code == 303
    after = provider(place, alias)
    assert after is not None and before is not None
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {"firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"}, changed
    assert after["config"] == before["config"]
    assert "Active" in page(place) and "Made outside the portal" not in page(place)
    assert place.stack.sample_url in come(place, alias, inside.username)
    assert place.stack.sample_url not in come(place, alias, outside.username)
    assert place.browser.get(f"o/{place.name}/sso/{alias}/adopt").status_code == 404


def test_what_gives_more_than_an_organization_may_does_not_move(place: Place) -> None:
    prove_domain(place)
    given = {"syncMode": "FORCE", "role": "offline_access"}
    mapper = {"name": "all of them", "identityProviderMapper": "oidc-hardcoded-role-idp-mapper", "config": given}
    alias = elsewhere(place, mapper)
    answer = deed(place, alias, "adopt")
    assert answer.status_code == 409 and "all of them" in answer.text
    before = provider(place, alias)
    assert before is not None and before["postBrokerLoginFlowAlias"] != POST_FLOW


def test_what_somebody_changed_behind_the_portals_back_is_seen(place: Place) -> None:
    row = active(place)
    admin = place.stack.admin()
    path = f"/admin/realms/{place.realm}/identity-provider/instances/{row.alias}"
    admin.put(path, {**admin.get(path), "postBrokerLoginFlowAlias": None})
    assert "Needs attention" in page(place) and "changed outside the portal" in page(place, f"/{row.alias}")
    admin.delete(path)
    assert "Gone from Keycloak" in page(place)
    assert deed(place, row.alias, "delete").status_code == 303
    assert "No connection yet" in page(place)


@pytest.mark.case("P14")
@pytest.mark.parametrize("changed", [{"linkOnly": True}, {"config": {"validateSignature": "false"}}], ids=str)
def test_what_opens_a_way_around_is_seen(place: Place, changed: dict[str, Any]) -> None:
    row = active(place)
    assert "Needs attention" not in page(place)
    admin, path = place.stack.admin(), f"/admin/realms/{place.realm}/identity-provider/instances/{row.alias}"
    found = admin.get(path)
    config = {**found["config"], **changed.get("config", {})}
    admin.put(path, {**found, **changed, "config": config})
    assert "Needs attention" in page(place) and "changed outside the portal" in page(place, f"/{row.alias}")


@pytest.mark.case("S4")
def test_what_a_service_account_may_not_do_is_said_and_nobody_else_does_it(place: Place, recorder: Recorder) -> None:
    row = draft(place)
    with recorder.rule("403", method="GET", path=f"/idps/{row.alias}$", client="portal-setup"):
        answer = place.browser.get(f"o/{place.name}/sso/{row.alias}")
    assert answer.status_code == 503, answer.text
    asked = [call for call in recorder.of(answer) if call.path.endswith(f"/idps/{row.alias}")]
    assert {call.client for call in asked} == {"portal-setup"}
