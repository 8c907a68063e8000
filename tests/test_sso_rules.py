"""Roles from an identity provider: what a rule gives, who may write it, and what happens to everybody else."""

from __future__ import annotations

import dataclasses

import connection_steps
import pytest
from cast import Client, make_person, of_the_cast
from inside import background
from organization_holdings import Place
from stack import Stack

from portal.clients.orgs_types import Organization
from portal.rank import ADMINISTRATOR
from portal.services import Services
from portal.sso import authors, renaming
from portal.sso.drafting import OWN
from portal.store import rules
from portal.store.models_sso import RoleRule

CONNECT = ("view-organization", "manage-organization", "view-identity-providers", "manage-identity-providers")
GIVE = ("view-members", "view-roles", "manage-roles")


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


def role_mappers(place: Place, alias: str) -> list[dict[str, str]]:
    """What Keycloak has been told about roles."""
    found = connection_steps.mappers(place, alias)
    return [each["config"] for name, each in found.items() if name.startswith(f"{OWN}role")]


@pytest.mark.feature("UM-07", "P2-43")
def test_a_person_with_the_named_value_comes_in_with_the_role_and_another_without(place: Place) -> None:
    alias = connection_steps.active(place).alias
    domain = connection_steps.verified(place)[0]
    someone = make_person(place.stack, "idp", email=f"lead@{domain}")
    rule = {"claim": "preferred_username", "value": someone.username, "role": "view-members"}
    assert place.browser.post(f"o/{place.name}/sso/{alias}/roles", rule).status_code == 303
    connection_steps.come(place, alias, someone.username)
    connection_steps.arrive(place, alias, f"other@{domain}")
    held = connection_steps.roles_by_email(place)
    assert held[f"lead@{domain}"] == {"view-members"}
    assert held[f"other@{domain}"] == set()


@pytest.mark.case("R1")
def test_nobody_writes_a_rule_for_a_role_that_he_may_not_give(place: Place) -> None:
    some = Place(place.stack, (*CONNECT, *GIVE))
    alias = connection_steps.draft(some).alias
    shown = some.browser.get(f"o/{some.name}/sso/{alias}/roles")
    assert shown.status_code == 200
    assert 'value="view-members"' in shown.text
    assert 'value="delete-organization"' not in shown.text
    forged = {"claim": "groups", "value": "all", "role": "delete-organization"}
    assert some.browser.post(f"o/{some.name}/sso/{alias}/roles", forged).status_code == 403
    assert role_mappers(some, alias) == []


def test_a_rule_of_somebody_who_may_give_more_is_not_taken_away_by_one_who_may_less(place: Place) -> None:
    alias = place["connection"]
    rule = {"claim": "groups", "value": "bosses", "role": "delete-organization"}
    assert place.browser.post(f"o/{place.name}/sso/{alias}/roles", rule).status_code == 303
    less = place.join(*CONNECT, *GIVE)
    browser = Client(place.stack, place.realm).sign_in(less)
    page = browser.get(f"o/{place.name}/sso/{alias}/roles").text
    assert "bosses" in page
    assert "Tess Tester" in page or place.someone.username in page, "the author is named"
    store = place.stack.store()
    (row,) = rules.of_connection(store, place.realm, alias)
    store.engine.dispose()
    assert browser.post(f"o/{place.name}/sso/{alias}/roles/{row.id}/remove", {"confirm": "yes"}).status_code == 403
    assert len(role_mappers(place, alias)) == 1


def test_what_is_wrong_with_a_rule_is_said_beside_the_field_and_nothing_is_lost(place: Place) -> None:
    address = f"o/{place.name}/sso/{place['connection']}/roles"
    answer = place.browser.post(address, {"claim": "two words", "value": "kept value", "role": "view-members"})
    assert answer.status_code == 422
    assert "without blanks" in answer.text
    assert "kept value" in answer.text


def test_rules_follow_when_the_organization_is_renamed(place: Place) -> None:
    alias = place["connection"]
    rule = {"claim": "groups", "value": "all", "role": "view-members"}
    assert place.browser.post(f"o/{place.name}/sso/{alias}/roles", rule).status_code == 303
    name = place["free"]
    rita = connection_steps.actor_of(place, realm_roles=connection_steps.OPERATOR)
    place.write(name=name)
    renaming.renamed(rita, Organization(place.id, name, name))
    assert [each["org"] for each in role_mappers(place, alias)] == [name]


@pytest.mark.feature("UM-07")
def test_whoever_brings_no_role_finds_the_door_closed_where_it_is_to_be(place: Place) -> None:
    alias = connection_steps.active(place).alias
    place.browser.post(f"o/{place.name}/sso/{alias}/roles/others", {"unmapped": "closed"})
    domain = connection_steps.verified(place)[0]
    someone = make_person(place.stack, "idp", email=f"guest@{domain}")
    browser = connection_steps.enter(place, alias, someone.username)
    answer = browser.get(f"o/{place.name}/membership")
    assert answer.status_code == 403, answer.text
    assert "you have no role here" in answer.text
    assert "right group" in answer.text
    place.browser.post(f"o/{place.name}/sso/{alias}/roles/others", {"unmapped": "member"})
    assert browser.get(f"o/{place.name}/membership").status_code == 200


@pytest.mark.feature("UM-06", "UM-08")
def test_where_people_come_from_the_provider_nobody_is_invited_or_changed_here(place: Place) -> None:
    connection_steps.active(place)
    assert place.browser.post(f"o/{place.name}/sso/policy/manage", {"on": "yes"}).status_code == 303
    shown = place.browser.get(f"o/{place.name}/invitations").text
    assert "People come from the identity provider" in shown
    assert f"/o/{place.name}/sso" in shown
    assert "Invite a person" not in shown
    invite = {
        "email": place["address"], "first_name": "N", "last_name": "N", "roles": "view-members", "locale": "en",
        "days": "7",
    }  # fmt: skip
    assert place.browser.post(f"o/{place.name}/invitations/new", invite).status_code == 409
    changed = place.browser.post(f"o/{place.name}/members/{place['member']}/roles", {"roles": "view-members"})
    assert changed.status_code == 409


def test_a_rule_whose_author_lost_the_role_is_shown_for_review_until_somebody_stands_for_it(
    place: Place,
) -> None:
    alias, services = place["connection"], background(place.stack)
    address, author = f"o/{place.name}/sso/{alias}/roles", place.join(*connection_steps.ALL_ROLES)
    rule = {"claim": "groups", "value": f"team-{place.name}", "role": "manage-members"}
    browser = Client(place.stack, place.realm).sign_in(author)
    assert browser.post(address, rule).status_code == 303
    rita = Client(place.stack, place.realm).sign_in(of_the_cast(place.stack, "rita"))
    asked(services, place, alias)
    assert rule["value"] not in rita.get("settings/rules").text
    place.take(author, "manage-members")
    asked(services, place, alias)
    assert len(role_mappers(place, alias)) == 1, "it stays in force"
    listed = rita.get("settings/rules").text
    assert rule["value"] in listed and f"/o/{place.name}/sso/{alias}/roles" in listed
    assert "may no longer give this role" in place.browser.get(address).text
    row = asked(services, place, alias)
    refused = browser.post(f"{address}/{row.id}/adopt")
    assert refused.status_code == 403, "nobody stands for what he may not give"
    assert browser.post(f"{address}/{row.id}/remove", {"confirm": "yes"}).status_code == 403
    assert place.browser.post(f"{address}/{row.id}/adopt").status_code == 303
    assert rule["value"] not in rita.get("settings/rules").text
    assert "may no longer give this role" not in place.browser.get(address).text


def asked(services: Services, place: Place, alias: str) -> RoleRule:
    """Its turn comes to be looked at; the rule."""
    (row,) = rules.of_connection(services.store, place.realm, alias)
    if row.looked:
        rules.change(services.store, row, looked=None)
    authors.look(services)
    (row,) = rules.of_connection(services.store, place.realm, alias)
    return row


@pytest.mark.case("R10")
def test_no_sign_in_takes_the_last_administrators_roles(place: Place) -> None:
    row = connection_steps.active(place)
    domain, address = connection_steps.verified(place)[0], f"o/{place.name}/sso/{row.alias}/roles"
    for role in sorted(ADMINISTRATOR):
        given = {"claim": "groups", "value": "admins", "role": role}
        assert place.browser.post(address, given).status_code == 303
    given = {"claim": "groups", "value": "viewers", "role": "view-members"}
    assert place.browser.post(address, given).status_code == 303
    someone = make_person(place.stack, "idp", email=f"last@{domain}")
    connection_steps.come(place, row.alias, someone.username)
    found = connection_steps.account(place, f"last@{domain}")
    assert found is not None
    last = dataclasses.replace(someone, id=str(found["id"]))
    place.put(last, *ADMINISTRATOR, "view-members")
    place.take(place.someone, *ADMINISTRATOR)
    connection_steps.come(place, row.alias, someone.username)
    assert place.roles_of(last) == ADMINISTRATOR, "what others give and take by rules is taken, as it should be"
