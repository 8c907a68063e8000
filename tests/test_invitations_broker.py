"""An identity provider that asserts an invited address: it makes a member at most, and only the page gives roles."""

from __future__ import annotations

from typing import Any

import pytest
from cast import make_person
from invited import address, at_keycloak, expire, invite, link, members, row
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from test_linked import sign_in_there

ROLES = ("view-members", "view-organization", "manage-members")


@pytest.fixture(scope="module")
def place(stack: Stack, make_realm: Any) -> Place:
    """An organization whose people sign in through realm idp, in a realm of its own."""
    found = Place(stack, realm=make_realm())
    admin = stack.admin()
    body = {"alias": "idp-oidc", "post_broker_flow": "post org broker login", "sync_mode": "FORCE", "domains": []}
    admin.post(f"/realms/{found.realm}/orgs/{found.id}/idps/link", body)
    path = "/admin/realms/{}/identity-provider/instances/idp-oidc"
    own, there = admin.get(path.format(found.realm)), admin.get(path.format("demo"))["config"]
    secret = admin.client_secret("idp", there["clientId"])
    addresses = {key: value for key, value in there.items() if key.endswith("Url") or key == "issuer"}
    config = {**own["config"], **addresses, "clientId": there["clientId"], "clientSecret": secret}
    admin.put(path.format(found.realm), {**own, "trustEmail": True, "config": config})
    admin.close()
    return found


def arrive(place: Place, open_page: Any, email: str) -> Page:
    """Sign in through the provider, where the address is the invited one."""
    page = open_page(f"/{place.realm}/permissions")
    # Providers of organizations have no button on the login page: people are led to them by their address.
    page.goto(f"{page.url}&kc_idp_hint=idp-oidc")
    sign_in_there(page, make_person(place.stack, "idp", email=email))
    page.wait_for_load_state()
    if "first-broker-login" in page.url:
        page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{place.stack.portal_url}/**")
    return page  # type: ignore[no-any-return]


def user_id(place: Place, email: str) -> str:
    admin = place.stack.admin()
    [found] = admin.get(f"/admin/realms/{place.realm}/users", email=email, exact="true")
    admin.close()
    return str(found["id"])


def roles_of(place: Place, someone: str) -> set[str]:
    admin = place.stack.admin()
    found = admin.get(f"/realms/{place.realm}/users/{someone}/orgs/{place.id}/roles")
    admin.close()
    return {role["name"] for role in found or ()}


def control(place: Place, email: str) -> None:
    """The same invitation as the vendor's console makes it: with roles in Keycloak."""
    admin = place.stack.admin()
    admin.post(f"/realms/{place.realm}/orgs/{place.id}/invitations", {"email": email, "send": False, "roles": ROLES})
    admin.close()


@pytest.mark.feature("P2-38")
def test_signing_in_gives_no_roles_and_the_page_does(place: Place, stack: Stack, open_page: Any) -> None:
    email = address()
    assert invite(place, email, *ROLES).status_code == 303
    page = arrive(place, open_page, email)
    someone = user_id(place, email)
    assert someone in members(place), "the provider belongs to the organization"
    assert at_keycloak(place, email) == [], "Keycloak used the invitation up"
    assert roles_of(place, someone) == set()
    assert "Used at sign-in" in place.browser.get(f"o/{place.name}/invitations?size=100").text
    page.goto(f"{stack.portal_url}{link(stack, email)}")
    page.get_by_role("link", name="Decide").click()
    expect(page.get_by_text("Accepting gives you the roles below.")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".toast")).to_contain_text("You belong to")
    assert roles_of(place, someone) == set(ROLES)


@pytest.mark.case("I4")
def test_an_expired_invitation_gives_nothing_either_way(place: Place, stack: Stack, open_page: Any) -> None:
    email = address()
    invite(place, email, *ROLES)
    expire(stack, email)
    page = arrive(place, open_page, email)
    assert roles_of(place, user_id(place, email)) == set()
    page.goto(f"{stack.portal_url}{link(stack, email)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation has expired")
    assert row(stack, email).state == "pending"


def test_the_attack_still_works_where_the_roles_are_keycloaks(place: Place, open_page: Any) -> None:
    """Were this to fail, the tests above would show nothing."""
    email = address()
    control(place, email)
    arrive(place, open_page, email)
    assert roles_of(place, user_id(place, email)) == set(ROLES)
