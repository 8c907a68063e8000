"""Making, naming, placing, leaving and deleting organizations on the running portal."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from cast import Client, age
from invited import invite, row
from organization_holdings import Place
from sqlalchemy import select
from stack import Stack

from portal.demo import organizations
from portal.standing import FEW
from portal.store.models import AuditRow
from portal.store.models_organizations import Domain
from portal.store.models_organizations import Place as Position

OPERATOR = ("view-organizations", "manage-organizations")


@pytest.fixture
def operator(person: Any, client: Any) -> Client:
    """A browser of somebody who runs the realm's organizations."""
    someone = person()
    someone.give("realm-management", *OPERATOR)
    return client(someone)  # type: ignore[no-any-return]


def free() -> str:
    return f"org-{uuid.uuid4().hex[:10]}"


def kept(stack: Stack, name: str) -> dict[str, Any]:
    """The organization of this name as Keycloak has it, empty if there is none."""
    admin = stack.admin()
    try:
        found = organizations.find_organization(admin, "demo", name)
        return admin.get(f"/realms/demo/orgs/{found}") if found else {}
    finally:
        admin.close()


def stored(stack: Stack, query: Any) -> list[Any]:
    store = stack.store()
    with store.read() as transaction:
        found = list(transaction.scalars(query))
    store.engine.dispose()
    return found


@pytest.mark.feature("WO-03")
def test_an_operator_makes_an_organization_with_domains(stack: Stack, operator: Client) -> None:
    name = free()
    assert "New organization" in operator.get("organizations").text
    sent = {
        "name": name, "display_name": "Brand New", "url": "https://new.tests.test/",
        "domains": f"https://www.{name}.test/x\r\n{name}.example.de",
    }  # fmt: skip
    answer = operator.post("organizations/new", sent)
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/o/{name}/details")
    made = kept(stack, name)
    assert (made["displayName"], made["url"], made["domains"]) == ("Brand New", "https://new.tests.test/", [])
    rows = stored(stack, select(Domain).where(Domain.organization == made["id"]))
    assert {(row.name, row.state) for row in rows} == {(f"{name}.test", "pending"), (f"{name}.example.de", "pending")}
    page = operator.get(f"o/{name}/details").text
    assert "Brand New is there. It has no members yet." in page and made["id"] in page
    [record] = stored(stack, select(AuditRow).where(AuditRow.organization == made["id"]))
    assert (record.tag, record.state) == ("organization.create", "done")


@pytest.mark.feature("WO-03")
def test_a_refused_organization_leaves_the_form_as_it_was(stack: Stack, operator: Client, recorder: Any) -> None:
    taken = Place(stack).name
    wrong = [
        ({"name": ""}, "small letters"), ({"name": "Umbrella"}, "small letters"), ({"name": ".."}, "small letters"),
        ({"name": "a" * 64}, "Use small letters"), ({"name": str(uuid.uuid4())}, "This looks like an ID."),
        ({"name": taken}, "Another organization has this name."), ({"url": "ftp://x.test"}, "Enter a web address"),
        ({"display_name": "x" * 256}, "at most 255"), ({"domains": "gmail.com"}, "public mail provider"),
        ({"domains": "co.uk\nok.tests.test"}, "everybody can register"),
    ]  # fmt: skip
    for change, said in wrong:
        name = free()
        sent = {"name": name, "display_name": "Kept", "url": "", "domains": "", **change}
        answer = operator.post("organizations/new", sent)
        assert answer.status_code == 422 and said in answer.text, change
        assert 'value="Kept"' in answer.text or "display_name" in change
        assert not kept(stack, name)


@pytest.mark.feature("WO-03")
def test_who_may_only_create_sees_the_list_afterwards(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    someone.give("realm-management", "create-organization")
    browser, name = client(someone), free()
    answer = browser.post("organizations/new", {"name": name})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/demo/organizations")
    assert kept(stack, name)


@pytest.mark.feature("P2-34")
def test_an_operator_alone_renames(stack: Stack, operator: Client) -> None:
    place, taken, name = Place(stack), Place(stack).name, free()
    assert "Rename" not in place.browser.get(f"o/{place.name}/details").text
    assert "Rename" in operator.get(f"o/{place.name}/details").text
    for wrong, said in (
        (taken, "Another organization has this name."), ("../x", "small letters"), (str(uuid.uuid4()), "like an ID"),
    ):  # fmt: skip
        answer = operator.post(f"o/{place.name}/details/name", {"name": wrong})
        assert answer.status_code == 422 and said in answer.text and f'value="{wrong}"' in answer.text
    assert place.read()["name"] == place.name
    place.write(attributes={"plan": ["gold"]})
    answer = operator.post(f"o/{place.name}/details/name", {"name": name})
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/o/{name}/details")
    now = place.read()
    assert (now["name"], now["displayName"], now["attributes"]) == (name, place.name.capitalize(), {"plan": ["gold"]})
    assert operator.get(f"o/{place.name}/details").status_code == 404
    assert place.browser.get(f"o/{name}/details").status_code == 200, "a member who knew the old name goes on at once"


@pytest.mark.feature("SV-18")
def test_the_route_is_found_and_follows_moves_and_names(stack: Stack, operator: Client) -> None:
    top, middle, leaf = Place(stack), Place(stack), Place(stack)
    for place, above in ((leaf, middle), (middle, top)):
        assert operator.post(f"o/{place.name}/details/place", {"parent": above.name}).status_code == 303
    route = f"{top.name}/{middle.name}/{leaf.name}"
    assert route in operator.get(f"o/{leaf.name}/details").text
    assert "Move" not in leaf.browser.get(f"o/{leaf.name}/details").text
    for searched in (route, f"{middle.name}/{leaf.name}", f"{middle.name}/{leaf.name[:8]}".upper()):
        assert leaf.name.capitalize() in operator.get(f"organizations?q={searched}").text, searched
        own = leaf.browser.get(f"organizations?q={searched}").text
        assert leaf.name.capitalize() in own and middle.name.capitalize() not in own.partition("<main")[2]
    renamed = free()
    assert operator.post(f"o/{middle.name}/details/name", {"name": renamed}).status_code == 303
    assert f"{top.name}/{renamed}/{leaf.name}" in operator.get(f"o/{leaf.name}/details").text
    assert operator.post(f"o/{renamed}/details/place", {"parent": ""}).status_code == 303
    assert f"{renamed}/{leaf.name}" in operator.get(f"o/{leaf.name}/details").text
    assert top.name not in operator.get(f"o/{leaf.name}/details").text


@pytest.mark.feature("SV-18")
def test_no_organization_stands_below_itself(stack: Stack, operator: Client) -> None:
    top, leaf = Place(stack), Place(stack)
    assert operator.post(f"o/{leaf.name}/details/place", {"parent": top.name}).status_code == 303
    for place, parent, said in (
        (top, leaf.name, "stands below it"), (top, top.name, "stands below it"), (top, "no-such-one", "There is no"),
    ):  # fmt: skip
        answer = operator.post(f"o/{place.name}/details/place", {"parent": parent})
        assert answer.status_code == 422 and said in answer.text and f'value="{parent}"' in answer.text
    admin_of_it = top.browser.post(f"o/{top.name}/details/place", {"parent": ""})
    assert admin_of_it.status_code == 403


@pytest.mark.feature("SV-18")
def test_the_demonstration_has_a_hierarchy(stack: Stack, operator: Client) -> None:
    assert "Umbrella EMEA" in operator.get("organizations?q=umbrella/emea").text


def test_deleting_says_what_is_lost_and_wants_the_name(stack: Stack, client: Any, operator: Client) -> None:
    place, child = Place(stack), Place(stack)
    other = place.join()
    assert operator.post(f"o/{child.name}/details/place", {"parent": place.name}).status_code == 303
    give_belongings(stack, place)
    path = f"o/{place.name}/details/delete"
    page = place.browser.get(path).text
    assert "2 members lose their membership" in page and "1 invitation is void." in page
    assert "2 domains are given up." in page and "1 single sign-on connection loses its organization" in page
    for sent in ({"name": place.name}, {"name": "other", "confirm": "yes"}, {"confirm": "yes"}):
        assert place.browser.post(path, sent).status_code == 422
    assert place.read()
    answer = place.browser.post(path, {"name": place.name, "confirm": "yes"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/demo/organizations")
    assert place.read() is None
    page = place.browser.get("organizations").text
    assert f"{place.name.capitalize()} is deleted." in page and f"/o/{place.name}" not in page
    assert client(other).get(f"o/{place.name}").status_code == 404
    assert stored(stack, select(Domain).where(Domain.organization == place.id)) == []
    assert row(stack, f"{place.name}@tests.test").state == "revoked"
    assert stored(stack, select(Position).where(Position.parent == place.id)) == []
    assert child.name in operator.get(f"o/{child.name}/details").text
    [record] = place.records("organization.delete")
    assert (record.state, record.before["members"], record.before["name"]) == ("done", 2, place.name)


def give_belongings(stack: Stack, place: Place) -> None:
    """A connection, an invitation, a domain in Keycloak, and one that waits in the portal."""
    admin = stack.admin()
    orgs = f"/realms/demo/orgs/{place.id}"
    config = {
        "clientId": "a", "clientSecret": "b", "authorizationUrl": "https://x.test/", "tokenUrl": "https://x.test/",
    }  # fmt: skip
    admin.post(f"{orgs}/idps", {"alias": place.name, "providerId": "oidc", "enabled": True, "config": config})
    admin.close()
    assert invite(place, f"{place.name}@tests.test").status_code == 303
    place.write(domains=[f"{place.name}.test"])
    assert place.browser.post(f"o/{place.name}/domains", {"domain": f"two.{place.name}.test"}).status_code == 303


def test_deleting_wants_a_fresh_sign_in(stack: Stack) -> None:
    place = Place(stack)
    age(stack, place.someone, auth_time=int(time.time()) - 301)
    answer = place.browser.post(f"o/{place.name}/details/delete", {"name": place.name, "confirm": "yes"})
    assert answer.status_code == 403 and "confirm that it is you" in answer.text
    assert place.read()


@pytest.mark.feature("SV-09")
def test_an_operator_opens_any_organization_however_many_there_are(stack: Stack, client: Any, person: Any) -> None:
    admin = stack.admin()
    for _more in range(FEW + 1 - len(admin.get("/realms/demo/orgs", max=FEW + 1))):
        organizations.ensure_organization(admin, "demo", free(), "One of many")
    admin.close()
    outside, inside = Place(stack), Place(stack)
    someone = person()
    someone.give("realm-management", *OPERATOR)
    inside.put(someone)
    browser = client(someone)
    for place, belongs in ((outside, False), (inside, True)):
        for reference in (place.name, place.id):
            assert "Save details" in browser.get(f"o/{reference}/details").text
        assert ("Leave the organization" in browser.get(f"o/{place.name}/membership").text) is belongs


def test_an_operator_who_is_no_member_has_nothing_to_leave(stack: Stack, operator: Client) -> None:
    place = Place(stack)
    assert "Leave the organization" not in operator.get(f"o/{place.name}/membership").text
    assert operator.get(f"o/{place.name}/leave").status_code == 404
    assert operator.post(f"o/{place.name}/leave", {"confirm": "yes"}).status_code == 404
