"""Connections to identity providers: saved as drafts, going live, resting, ending, and what each does to people."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from cast import Client
from connection_steps import (
    OPERATOR,
    account,
    active,
    actor_of,
    arrive,
    come,
    draft,
    mappers,
    passed,
    prove_domain,
    provider,
)
from domain_steps import words
from organization_holdings import Place
from stack import Stack

from portal.errors import Conflict
from portal.sso import saving
from portal.store import connections


@pytest.fixture(scope="module")
def realm(make_realm: Any) -> str:
    """A realm of this file's own."""
    return str(make_realm())


@pytest.fixture
def place(stack: Stack, realm: str) -> Place:
    return Place(stack, realm=realm)


def page(place: Place, path: str = "") -> str:
    """A page of the room, as words."""
    answer = place.browser.get(f"o/{place.name}/sso{path}")
    assert answer.status_code == 200, answer.text
    return words(answer.text)


def deed(place: Place, alias: str, what: str, **fields: str) -> Any:
    return place.browser.post(f"o/{place.name}/sso/{alias}/{what}", {"confirm": "yes", **fields})


@pytest.mark.feature("P2-45")
def test_without_a_connection_the_page_says_what_to_do(place: Place) -> None:
    assert "No connection yet" in page(place)


@pytest.mark.feature("P2-45")
def test_a_draft_is_shown_and_open_to_nobody(place: Place) -> None:
    row = draft(place)
    found = provider(place, row.alias)
    assert found is not None
    assert (found["enabled"], found["hideOnLogin"], found["storeToken"]) == (True, True, True)
    assert found["firstBrokerLoginFlowAlias"] == "portal draft first broker login"
    assert found["config"]["home.idp.discovery.validationPending"] == "true"
    assert set(mappers(place, row.alias)) == {"portal: email", "portal: firstName", "portal: lastName"}
    listed = page(place)
    assert "Draft" in listed and "OIDC" in listed and "Set up by Tess Tester" in listed
    shown = page(place, f"/{row.alias}")
    assert "Nobody can sign in by this draft yet" in shown and "Tess Tester" in shown and "Not yet" in shown
    email = f"{uuid.uuid4().hex[:10]}@tests.test"
    assert "/first-broker-login" in arrive(place, row.alias, email), "refused before an account exists"
    assert account(place, email) is None


@pytest.mark.case("P7")
def test_a_live_connection_lets_in_people_of_verified_domains_alone(place: Place) -> None:
    row = active(place)
    domain = place.read()["domains"][0]
    here, elsewhere = f"{uuid.uuid4().hex[:10]}@{domain}", f"{uuid.uuid4().hex[:10]}@foreign.test"
    assert place.stack.sample_url in arrive(place, row.alias, here)
    found = account(place, here)
    assert found is not None and found["emailVerified"]
    members = place.stack.admin().get(f"/realms/{place.realm}/orgs/{place.id}/members", search=here)
    assert [each["id"] for each in members] == [found["id"]]
    assert "Valid identity email domain not found" in arrive(place, row.alias, elsewhere)
    assert "Active" in page(place)


def test_a_domain_that_is_listed_without_proof_lets_nobody_in(place: Place) -> None:
    row = active(place)
    place.write(domains=[*place.read()["domains"], "listed.test"])
    assert "Valid identity email domain not found" in arrive(place, row.alias, f"{uuid.uuid4().hex[:10]}@listed.test")


@pytest.mark.case("P6")
def test_the_address_of_somebody_else_is_never_taken_over(place: Place) -> None:
    """An account that exists is linked only by its owner; at later sign-ins no address is taken over at all."""
    row = active(place)
    domain = place.read()["domains"][0]
    victim = place.join(email=f"{uuid.uuid4().hex[:10]}@{domain}")
    assert "first-broker-login" in arrive(place, row.alias, victim.email), "Keycloak asks first"
    assert victim.read("/federated-identity") == []
    mine = f"{uuid.uuid4().hex[:10]}@{domain}"
    arrive(place, row.alias, mine)
    admin = place.stack.admin()
    [there] = admin.get("/admin/realms/idp/users", email=mine, exact="true")
    admin.put(f"/admin/realms/idp/users/{there['id']}", {**there, "email": f"{uuid.uuid4().hex[:10]}@{domain}"})
    come(place, row.alias, there["username"])
    assert account(place, mine) is not None, "the account keeps its address"


def test_nothing_goes_live_untested_or_without_a_verified_domain(place: Place) -> None:
    row = draft(place)
    answer = deed(place, row.alias, "activate")
    assert answer.status_code == 409 and "Test this connection first" in answer.text
    passed(place, row)
    answer = deed(place, row.alias, "activate")
    assert answer.status_code == 409 and "no verified domain" in answer.text
    found = provider(place, row.alias)
    assert found is not None and found["storeToken"], "still a draft"
    prove_domain(place)
    assert deed(place, row.alias, "activate").status_code == 303
    found = provider(place, row.alias)
    assert found is not None
    assert found["postBrokerLoginFlowAlias"] == "portal post broker login"
    assert found["firstBrokerLoginFlowAlias"] == "first broker login"
    assert not found["storeToken"] and "home.idp.discovery.validationPending" not in found["config"]
    assert place.records("sso.manage")[-1].after["state"] == "active"


def test_a_change_asks_for_another_test(place: Place) -> None:
    actor = actor_of(place)
    row = draft(place, actor)
    passed(place, row)
    saving.change(actor, row.alias, config={"defaultScope": "openid email"})
    with pytest.raises(Conflict, match="Test this connection first"):
        saving.activate(actor, row.alias)


def test_an_operator_may_go_without_and_is_recorded(place: Place) -> None:
    row = draft(place)
    operator = actor_of(place, realm_roles=OPERATOR)
    saving.activate(operator, row.alias, "Seen on the phone")
    assert place.records("sso.override")[-1].after["reason"] == "Seen on the phone"
    assert connections.get(operator.services.store, place.realm, place.id, row.alias).waived_by_name == "Tess Tester"


@pytest.mark.feature("P2-44")
def test_a_change_keeps_what_is_not_the_portals_and_wipes_no_secret(place: Place) -> None:
    row = active(place)
    admin = place.stack.admin()
    path = f"/admin/realms/{place.realm}/identity-provider/instances/{row.alias}"
    admin.put(path, {**admin.get(path), "config": {**admin.get(path)["config"], "guiOrder": "7", "x-own": "kept"}})
    other = {
        "name": "theirs",
        "identityProviderAlias": row.alias,
        "identityProviderMapper": "hardcoded-attribute-idp-mapper",
    }
    admin.post(
        f"{path}/mappers", {**other, "config": {"attribute": "x", "attribute.value": "y", "syncMode": "INHERIT"}}
    )
    answer = place.browser.post(f"o/{place.name}/sso/{row.alias}/edit", {"name": "Their sign-in"})
    assert answer.status_code == 303
    saving.change(
        actor_of(place), row.alias, config={"logoutUrl": "https://idp.test/out"}, attributes={"email": "mail"}
    )
    found = provider(place, row.alias)
    assert found is not None
    assert found["displayName"] == "Their sign-in" and found["config"]["logoutUrl"] == "https://idp.test/out"
    assert (found["config"]["guiOrder"], found["config"]["x-own"]) == ("7", "kept")
    assert found["postBrokerLoginFlowAlias"] == "portal post broker login"
    assert set(mappers(place, row.alias)) == {"portal: email", "theirs"}
    assert mappers(place, row.alias)["portal: email"]["config"]["claim"] == "mail"
    domain = place.read()["domains"][0]
    saving.change(actor_of(place), row.alias, attributes={"email": "email"})
    assert place.stack.sample_url in arrive(place, row.alias, f"{uuid.uuid4().hex[:10]}@{domain}"), "the secret works"


def test_a_new_secret_is_taken_over(place: Place) -> None:
    row = active(place)
    saving.change(actor_of(place), row.alias, secret="wrong")
    domain = place.read()["domains"][0]
    assert place.stack.sample_url not in arrive(place, row.alias, f"{uuid.uuid4().hex[:10]}@{domain}")


@pytest.mark.feature("P2-45")
@pytest.mark.case("P11")
def test_deleting_says_whom_it_touches_and_locks_no_administrator_out(place: Place) -> None:
    row = active(place)
    domain = place.read()["domains"][0]
    email = f"{uuid.uuid4().hex[:10]}@{domain}"
    arrive(place, row.alias, email)
    someone = account(place, email)
    assert someone is not None
    assert "1 person signs in by it" in page(place, f"/{row.alias}/delete")
    admin = place.stack.admin()
    for role in ("manage-organization", "manage-roles"):
        admin.put(f"/realms/{place.realm}/orgs/{place.id}/roles/{role}/users/{someone['id']}")
    assert "no other way in" in page(place, f"/{row.alias}/disable")
    for what in ("disable", "delete"):
        answer = deed(place, row.alias, what)
        assert answer.status_code == 409 and "would be locked out" in answer.text
    found = provider(place, row.alias)
    assert found is not None and found["enabled"]
    credential = {"type": "password", "value": "Correct-Horse-7-Battery", "temporary": False}
    admin.put(f"/admin/realms/{place.realm}/users/{someone['id']}/reset-password", credential)
    assert deed(place, row.alias, "disable").status_code == 303
    assert place.stack.sample_url not in come(place, row.alias, str(someone["username"]))
    assert "Disabled" in page(place)
    assert deed(place, row.alias, "activate").status_code == 303, "and enabled again"
    assert deed(place, row.alias, "delete").status_code == 303
    assert provider(place, row.alias) is None and account(place, email) is not None
    assert "No connection yet" in page(place)


@pytest.mark.case("R13")
def test_whoever_lost_the_right_in_between_is_refused(place: Place) -> None:
    prove_domain(place)
    row = draft(place)
    passed(place, row)
    assert place.browser.get(f"o/{place.name}/sso/{row.alias}/activate").status_code == 200
    place.take(place.someone, "manage-identity-providers")
    assert deed(place, row.alias, "activate").status_code == 403
    found = provider(place, row.alias)
    assert found is not None and found["storeToken"]
    place.drop(place.someone)
    assert deed(place, row.alias, "activate").status_code == 404


@pytest.mark.feature("P2-66")
def test_of_sixteen_sets_of_roles_one_opens_the_pages(place: Place) -> None:
    four = ("view-organization", "manage-organization", "view-identity-providers", "manage-identity-providers")
    row = draft(place)
    for number in range(16):
        held = [role for bit, role in enumerate(four) if number >> bit & 1]
        browser = Client(place.stack, place.realm).sign_in(place.join(*held))
        expected = 200 if len(held) == 4 else 403
        for path in ("", f"/{row.alias}", f"/{row.alias}/delete"):
            assert browser.get(f"o/{place.name}/sso{path}").status_code == expected, (held, path)
        assert ("/sso" in browser.get(f"o/{place.name}/membership").text) is (len(held) == 4)
