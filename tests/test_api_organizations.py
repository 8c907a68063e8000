"""The JSON face of organizations: what their pages can do, a program can do, and is refused in the same way."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from api_steps import Api, api_of
from organization_holdings import Place
from stack import Stack

from portal.demo.people import give_client_roles


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization with its administrator, for tests that leave it as it was."""
    return Place(stack)


@pytest.fixture(scope="module")
def send(place: Place) -> Api:
    return api_of(place)


def operator(stack: Stack) -> Api:
    """Somebody who runs organizations."""
    house = Place(stack, roles=())
    admin = stack.admin()
    give_client_roles(
        admin, house.realm, house.someone.id, "realm-management", "view-organizations", "manage-organizations"
    )
    admin.close()
    return api_of(house)


@pytest.mark.feature("WO-14")
@pytest.mark.feature("WO-21")
def test_organizations_are_listed_with_id_and_name(place: Place, send: Api) -> None:
    [found] = send.every("/organizations")
    assert (found["id"], found["name"], found["label"]) == (place.id, place.name, place.name.capitalize())
    assert "manage-members" in found["roles"]
    assert send("GET", "/organizations", params={"q": "no such"}).json() == {"data": [], "next_cursor": None}


@pytest.mark.feature("WO-47")
def test_whoever_has_no_organization_is_told_how_one_is_made(client: Any, person: Any) -> None:
    answer = Api(client(person()))("GET", "/organizations").json()
    assert answer["data"] == []
    assert "POST /organizations" in answer["hint"]


def test_a_cursor_stays_where_it_was_although_members_before_it_leave(stack: Stack) -> None:
    place = Place(stack)
    people = [place.join() for _ in range(5)]
    send = api_of(place)
    first = send("GET", "~/members", params={"limit": 3}).json()
    place.drop(people[0])
    place.drop(people[1])
    second = send("GET", "~/members", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    seen = [each["id"] for each in [*first["data"], *second["data"]]]
    assert set(seen) == {place.someone.id, *(each.id for each in people)}
    assert len(seen) == len(set(seen))
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": 0}, {"limit": "many"}, {"sort": "name"}])
def test_a_page_that_cannot_be_is_refused_by_its_parameter(send: Api, query: dict[str, Any]) -> None:
    answer = send("GET", "~/members", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(query)))


def test_a_cursor_fits_its_own_list_alone(stack: Stack) -> None:
    place = Place(stack)
    place.join()
    send = api_of(place)
    cursor = send("GET", "~/members", params={"limit": 1}).json()["next_cursor"]
    for path, query in (("~/invitations", {}), ("~/members", {"q": "x"})):
        assert send("GET", path, params={**query, "cursor": cursor}).status_code == 422


@pytest.mark.feature("WO-52")
@pytest.mark.feature("WO-53")
@pytest.mark.feature("WO-49")
def test_a_malformed_id_is_told_apart_from_an_unknown_one(send: Api) -> None:
    unknown, malformed = str(uuid.uuid4()), "org_1 2"
    gone, wrong = send("GET", f"/organizations/{unknown}"), send("GET", f"/organizations/{malformed}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert unknown in gone.json()["message"]
    assert (wrong.status_code, wrong.json()["field"]) == (422, "organization")


@pytest.mark.feature("WO-48")
@pytest.mark.feature("WO-54")
def test_a_refusal_says_what_is_wrong_and_what_to_do(place: Place, send: Api) -> None:
    answer = Api(place.browser, place, token="nonsense")("GET", "/organizations")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    told = answer.json()
    assert told["code"] == "unauthenticated"
    assert "Authorization: Bearer" in told["hint"]
    assert told["message"]
    other = send("PUT", "~/members")
    assert (other.status_code, other.json()["code"]) == (405, "method_not_allowed")
    assert set(other.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.feature("SV-03")
def test_the_same_rules_hold_as_on_the_pages(stack: Stack, client: Any) -> None:
    place = Place(stack)
    viewer = place.join("view-organization", "view-members")
    send = Api(client(viewer), place)
    assert send("GET", "~/members").status_code == 200
    refused = send("DELETE", f"~/members/{place.someone.id}")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_roles")
    assert "manage-members" in refused.json()["message"]
    stranger = api_of(Place(stack))
    assert stranger("GET", f"/organizations/{place.id}/members").status_code == 404


@pytest.mark.feature("WO-19")
@pytest.mark.feature("WO-20")
def test_an_operator_makes_changes_and_deletes_an_organization(stack: Stack) -> None:
    send, name = operator(stack), f"api-{uuid.uuid4().hex[:10]}"
    body = {"name": name, "display_name": "Made by a program", "domains": [f"{name}.test"]}
    made = send("POST", "/organizations", json=body)
    assert made.status_code == 201, made.text
    here = f"/organizations/{made.json()['id']}"
    assert [each["id"] for each in send.every("/organizations", q=name)] == [made.json()["id"]]
    assert send("POST", "/organizations", json=body).json()["field"] == "name"
    renamed = send("PUT", f"{here}/name", json={"name": f"{name}-2"})
    assert renamed.json()["name"] == f"{name}-2"
    assert send("GET", here).json() == renamed.json()
    assert send("DELETE", here).status_code == 204
    assert send("GET", here).status_code == 404


def test_a_change_of_what_was_changed_since_is_refused(send: Api) -> None:
    before = send("GET", "~")
    tag = before.headers["ETag"]
    assert send("GET", "~", headers={"If-None-Match": tag}).status_code == 304
    changed = send(
        "PATCH", "~", json={"url": "https://one.test/", "attributes": {"tier": ["gold"]}}, headers={"If-Match": tag}
    )
    assert (changed.status_code, changed.json()["attributes"]) == (200, {"tier": ["gold"]}), changed.text
    late = send("PATCH", "~", json={"url": "https://two.test/"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert send("GET", "~").headers["ETag"] == changed.headers["ETag"]
    back = send(
        "PATCH", "~", json={"url": "", "attributes": {"tier": None}}, headers={"If-Match": changed.headers["ETag"]}
    )
    assert back.headers["ETag"] == tag


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": 3}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"name": "other"}, "name"),
        ({"attributes": {"portal.x": ["1"]}}, "attributes.portal.x"),
        ({"attributes": {"x": "1"}}, "attributes.x"),
    ],
)
def test_a_mistake_is_told_by_field(send: Api, body: dict[str, Any], field: str) -> None:
    answer = send("PATCH", "~", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


def test_members_leave_come_back_and_get_roles(stack: Stack) -> None:
    place = Place(stack)
    someone, send = place.join("view-organization"), api_of(place)
    one = f"~/members/{someone.id}"
    assert send("GET", one).json()["roles"] == ["view-organization"]
    answer = send(
        "PATCH", f"{one}/roles", json={"grant": ["view-members"], "revoke": ["view-organization", "view-roles"]}
    )
    assert answer.status_code == 207, answer.text
    outcomes = {each["role"]: each["outcome"] for each in answer.json()["results"]}
    assert outcomes == {"view-members": "granted", "view-organization": "revoked", "view-roles": "kept"}
    assert place.roles_of(someone) == {"view-members"}
    assert send("PATCH", f"{one}/roles", json={"grant": ["realm-admin"]}).json()["field"] == "roles"
    back = send("POST", f"~/role-changes/{answer.json()['record']}/undo")
    assert place.roles_of(someone) == {"view-organization"}, back.text
    removed = send("DELETE", one).json()
    assert send("GET", one).status_code == 404
    assert send("POST", f"~/removals/{removed['record']}/undo").status_code == 204
    assert place.roles_of(someone) == {"view-organization"}


def test_an_organization_gets_and_loses_a_role_of_its_own(send: Api) -> None:
    made = send("POST", "~/roles", json={"name": "billing", "description": "Sees bills"})
    assert (made.status_code, made.json()["standard"]) == (201, False)
    assert send("PATCH", "~/roles/billing", json={"description": "Pays bills"}).json()["description"] == "Pays bills"
    assert "billing" in {each["name"] for each in send("GET", "~/roles").json()["data"]}
    assert send("DELETE", "~/roles/billing").status_code == 204
    assert send("DELETE", "~/roles/view-members").status_code == 404


def test_an_invitation_is_sent_and_accepted_by_programs(stack: Stack, client: Any, person: Any) -> None:
    place, invited = Place(stack), person()
    send = api_of(place)
    body = {"email": invited.email, "first_name": "Nora", "last_name": "New", "roles": ["view-members"]}
    made = send("POST", "~/invitations", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "pending"), made.text
    assert "token" not in made.text
    twice = send("POST", "~/invitations", json=body)
    assert (twice.status_code, twice.json()["message"]) == (409, "This address is invited already.")
    theirs = Api(client(invited))
    [waiting] = theirs("GET", "/invitations").json()["data"]
    answer = theirs("POST", f"/invitations/{waiting['id']}/answer", json={"answer": "accept"})
    assert (answer.status_code, answer.json()["roles"]) == (200, ["view-members"]), answer.text
    assert place.roles_of(invited) == {"view-members"}
    assert send("GET", f"~/invitations/{made.json()['id']}").json()["state"] == "accepted"
    assert theirs("DELETE", f"/organizations/{place.id}/membership").status_code == 204


def test_an_invitation_is_sent_again_and_taken_back(send: Api) -> None:
    address = f"{uuid.uuid4().hex[:10]}@tests.test"
    made = send("POST", "~/invitations", json={"email": address, "first_name": "Nora", "last_name": "New"}).json()
    one = f"~/invitations/{made['id']}"
    assert send("POST", f"{one}/resend").json()["sent_count"] == 2
    assert [each["id"] for each in send.every("~/invitations", state="pending", q=address)] == [made["id"]]
    assert send("DELETE", one).status_code == 204
    assert send("DELETE", one).status_code == 409
    assert send("GET", "~/invitations", params={"state": "lost"}).json()["field"] == "state"
    wrong = send("POST", "~/invitations", json={"email": "nobody", "first_name": "N"})
    assert set(wrong.json()["errors"]) == {"last_name"}
    wrong = send("POST", "~/invitations", json={"email": "nobody", "first_name": "N", "last_name": "N", "days": 90})
    assert set(wrong.json()["errors"]) == {"email", "days"}


def test_a_member_sees_what_he_is(stack: Stack, client: Any) -> None:
    place = Place(stack)
    send = Api(client(place.join()), place)
    found = send("GET", "~/membership").json()
    assert (found["organization"], found["member"], found["roles"]) == (place.id, True, [])
    assert send("GET", "~").status_code == 403
