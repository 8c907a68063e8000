"""What somebody who may manage connections still cannot do: reach others', hand out roles, turn checks off."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from connection_steps import account, active, actor_of, arrive, draft, mappers, new_alias, oidc_config, provider
from organization_holdings import Place
from recorder import Recorder
from stack import Stack

from portal.access import grant
from portal.clients.connections_types import Mapper
from portal.errors import Conflict, Denied, NotFound
from portal.sso import saving

EXTRA = {
    "trustEmail": "true", "storeToken": "true", "firstBrokerLoginFlowAlias": "first broker login", "linkOnly": "true",
    "postBrokerLoginFlowAlias": "", "hideOnLogin": "", "config.home.idp.discovery.org": "x", "enabled": "true",
    "providerId": "saml", "alias": "other",
}  # fmt: skip
FORBIDDEN: tuple[dict[str, Any], ...] = (
    {"linkOnly": True}, {"firstBrokerLoginFlowAlias": "browser"}, {"postBrokerLoginFlowAlias": None},
    {"postBrokerLoginFlowAlias": "post org broker login"}, {"alias": "other"}, {"organizationId": "x"},
    {"config": {"home.idp.discovery.org": "x"}}, {"config": {"home.idp.discovery.shared": "true"}},
    {"config": {"metadataDescriptorUrl": "http://127.0.0.1/"}}, {"config": {"syncMode": "FORCE"}},
    {"config": {"validateSignature": "false"}}, {"config": {"artifactBindingResponse": "true"}},
    {"config": {"disableNonce": "true"}},
)  # fmt: skip
ROLE = {"syncMode": "FORCE", "role": "realm-management.realm-admin"}
MAPPERS = (
    Mapper("", "x", "oidc-hardcoded-role-idp-mapper", ROLE),
    Mapper("", "x", "oidc-hardcoded-group-idp-mapper", {"group": "/a"}),
    Mapper("", "x", "hardcoded-attribute-idp-mapper", {"attribute": "a", "attribute.value": "b"}),
    Mapper("", "x", "oidc-username-idp-mapper", {"template": "admin"}),
    Mapper("", "x", "oidc-advanced-role-idp-mapper", ROLE),
    Mapper("", "x", "oidc-user-attribute-idp-mapper", {"claim": "c", "user.attribute": "portal.level"}),
    Mapper("", "x", "oidc-user-attribute-idp-mapper", {"claim": "c", "user.attribute": "email", "syncMode": "FORCE"}),
    Mapper("", "x", "oidc-hardcoded-org-role-idp-mapper", {"org": "umbrella", "org_role": "manage-roles"}),
    Mapper("", "x", "saml-user-attribute-idp-mapper", {"attribute.name": "c", "user.attribute": "nick"}),
)


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture(scope="module")
def alias(place: Place) -> str:
    return str(draft(place).alias)


@pytest.fixture(scope="module")
def theirs(stack: Stack) -> Place:
    return Place(stack)


def writes(recorder: Recorder, *places: Place) -> list[str]:
    """What the service client wrote about these organizations."""
    mine = [each.id for each in places]
    made = [call.path for call in recorder.calls(client="portal-setup") if call.writes]
    return [path for path in made if any(each in path for each in mine)]


@pytest.mark.case("P1")
def test_fields_that_no_form_has_are_dropped(place: Place, alias: str) -> None:
    before = provider(place, alias)
    answer = place.browser.post(f"o/{place.name}/sso/{alias}/edit", {"name": "Renamed", **EXTRA})
    assert answer.status_code == 303
    after = provider(place, alias)
    assert before is not None and after is not None
    assert {**after, "displayName": before["displayName"]} == before and after["displayName"] == "Renamed"


@pytest.mark.case("P1")
@pytest.mark.parametrize("changes", FORBIDDEN, ids=str)
def test_the_client_writes_no_more_than_its_list(
    place: Place, alias: str, recorder: Recorder, changes: dict[str, Any]
) -> None:
    actor = actor_of(place)
    granted = grant(actor, "sso.manage", place.id, alias)
    with pytest.raises(Denied):
        actor.services.connections.update(granted, place.id, alias, changes)
    with pytest.raises(Denied):
        actor.services.connections.create(
            grant(actor, "sso.setup", place.id, new := new_alias()), place.id, new, "oidc", {"config": {}, **changes}
        )
    assert writes(recorder, place) == []


@pytest.mark.case("P2")
@pytest.mark.parametrize("mapper", MAPPERS, ids=lambda each: f"{each.kind} {sorted(each.config)}")
def test_no_mapper_hands_out_what_is_not_the_organizations(
    place: Place, alias: str, recorder: Recorder, mapper: Mapper
) -> None:
    actor = actor_of(place)
    with pytest.raises(Denied):
        actor.services.connections.add_mapper(grant(actor, "sso.manage", place.id, alias), place.id, alias, mapper)
    assert writes(recorder, place) == []
    assert "x" not in mappers(place, alias)


def test_a_mapper_of_the_organizations_own_role_is_made_and_sent_directly_others_still_work(place: Place) -> None:
    """Were the second to fail, the refusals above would show nothing."""
    actor, row = actor_of(place), active(place)
    own = Mapper(
        "",
        "own",
        "oidc-hardcoded-org-role-idp-mapper",
        {"org": place.name, "org_role": "view-members", "org_add": "true"},
    )
    granted = grant(actor, "sso.manage", place.id, row.alias)
    made = actor.services.connections.add_mapper(granted, place.id, row.alias, own)
    assert made == mappers(place, row.alias)["own"]["id"]
    path = f"/realms/{place.realm}/orgs/{place.id}/idps/{row.alias}/mappers"
    attack = {"name": "attack", "identityProviderAlias": row.alias, "identityProviderMapper": MAPPERS[0].kind}
    place.stack.admin().post(path, {**attack, "config": ROLE})
    email = f"{uuid.uuid4().hex[:10]}@{place.read()['domains'][0]}"
    arrive(place, row.alias, email)
    found = account(place, email)
    assert found is not None
    held = place.stack.admin().get(f"/admin/realms/{place.realm}/users/{found['id']}/role-mappings")
    assert held["clientMappings"]["realm-management"]["mappings"][0]["name"] == "realm-admin"
    roles = place.stack.admin().get(f"/realms/{place.realm}/users/{found['id']}/orgs/{place.id}/roles")
    assert {role["name"] for role in roles} == {"view-members"}


@pytest.mark.case("O5")
@pytest.mark.case("P4")
def test_connections_of_others_and_of_the_realm_are_not_there(
    place: Place, theirs: Place, recorder: Recorder, alias: str
) -> None:
    foreign = draft(theirs).alias
    before = {each: provider(place, each) for each in (foreign, "idp-oidc")}
    begun = len(writes(recorder, place, theirs))
    actor = actor_of(place)
    for other in before:
        for page in ("", "/edit", "/activate", "/disable", "/delete"):
            assert place.browser.get(f"o/{place.name}/sso/{other}{page}").status_code == 404
        for deed in ("edit", "activate", "disable", "delete"):
            answer = place.browser.post(f"o/{place.name}/sso/{other}/{deed}", {"confirm": "yes", "name": "Mine"})
            assert answer.status_code == 404, deed
        for do in (saving.activate, saving.disable, saving.delete, saving.reopen, saving.change):
            with pytest.raises(NotFound):
                do(actor, other)
        granted = grant(actor, "sso.manage", place.id, other)
        known = actor.services.connections
        with pytest.raises(NotFound):
            known.update(granted, place.id, other, {"enabled": False})
        with pytest.raises(NotFound):
            known.delete(granted, place.id, other)
        with pytest.raises(NotFound):
            known.mappers(granted, place.id, other)
    assert len(writes(recorder, place, theirs)) == begun
    assert {each: provider(place, each) for each in before} == before


@pytest.mark.case("P4")
def test_an_alias_that_is_taken_or_none_makes_nothing(place: Place, theirs: Place) -> None:
    foreign = draft(theirs).alias
    before = provider(place, foreign)
    with pytest.raises(Conflict):
        draft(place, alias=foreign)
    with pytest.raises(Conflict):
        draft(place, alias="idp-oidc")
    for bad in ("a/b", "..", "x" * 1024, "Up", "a b"):
        with pytest.raises(Denied):
            draft(place, alias=bad)
        assert place.browser.get(f"o/{place.name}/sso/{bad}").status_code in {404, 308}
    assert provider(place, foreign) == before and provider(place, "idp-oidc") is not None


@pytest.mark.case("O5")
def test_mappers_are_looked_for_by_their_own_alias(place: Place, theirs: Place, alias: str) -> None:
    """Keycloak takes the id of any mapper under any alias."""
    foreign = draft(theirs).alias
    mine = mappers(theirs, foreign)["portal: email"]
    actor = actor_of(place)
    granted = grant(actor, "sso.manage", place.id, alias)
    with pytest.raises(NotFound):
        actor.services.connections.remove_mapper(granted, place.id, alias, mine["id"])
    with pytest.raises(NotFound):
        actor.services.connections.update_mapper(granted, place.id, alias, mine["id"], {"claim": "x"})
    assert mappers(theirs, foreign)["portal: email"] == mine


def test_a_grant_covers_one_connection(place: Place, alias: str) -> None:
    actor = actor_of(place)
    other = draft(place).alias
    granted = grant(actor, "sso.manage", place.id, alias)
    with pytest.raises(Denied):
        actor.services.connections.get(granted, place.id, other)
    with pytest.raises(Denied):
        actor.services.connections.used_by(granted, other)


def test_a_connection_is_never_made_without_checking_signatures(place: Place) -> None:
    alias = new_alias()
    with pytest.raises(Denied):
        saving.save_draft(
            actor_of(place), alias, "generic-oidc", "oidc", attributes={}, domains=(), secret="x",
            config={**oidc_config(place.stack), "validateSignature": "false"},
        )  # fmt: skip
    assert provider(place, alias) is None
