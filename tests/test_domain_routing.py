"""Whom a domain leads to an organization's own sign-in: typing an address on Keycloak's login page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cast import Client
from domain_steps import AS_IT_WAS, WITH_DISCOVERY, add, add_discovery, check, fresh, in_keycloak, prove, shown, use
from organization_holdings import Place
from requests import Response
from stack import Stack

from portal.demo.realms import connect_identity_provider

MANAGING = ("view-organization", "manage-organization")


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> str:
    """A realm that has a second browser flow, with the extension's discovery before the forms; not in use yet."""
    name = make_realm()
    add_discovery(stack, name)
    connect_identity_provider(stack.admin(), name)
    return name


@pytest.fixture
def place(stack: Stack, realm: str) -> Place:
    """An organization with an active identity provider of its own, and somebody who manages its details."""
    use(stack, realm, AS_IT_WAS)
    made = Place(stack, MANAGING, realm)
    admin = stack.admin()
    provider = admin.get(f"/admin/realms/{realm}/identity-provider/instances/idp-oidc")
    config = {**provider["config"], "clientSecret": admin.client_secret("idp", "demo-oidc")}
    own = {"alias": made.name, "providerId": "oidc", "enabled": True, "config": config}
    admin.post(f"/realms/{realm}/orgs/{made.id}/idps", own)
    return made


def typed(place: Place, domain: str) -> Response:
    """Where somebody is who typed an address of this domain on the login page."""
    client = Client(place.stack, place.realm)
    page = client.get("permissions")
    assert f"/realms/{place.realm}/" in page.url and "kc-form-login" in page.text
    return client.send_keycloak_form(page, username=f"olivia@{domain}", password="")


def led(place: Place, domain: str) -> bool:
    """Whether that is the login page of the identity provider, and not the realm's own."""
    answer = typed(place, domain)
    assert answer.status_code == 200 and 'name="password"' in answer.text, answer.text
    here, there = (f"{place.stack.keycloak_url}/realms/{each}/" for each in (place.realm, "idp"))
    assert answer.url.startswith((here, there))
    return answer.url.startswith(there)


@pytest.mark.feature("P2-42")
def test_an_address_of_a_proved_domain_leads_to_the_organizations_identity_provider(place: Place) -> None:
    domain = fresh()
    add(place, domain)
    prove(place, domain)
    assert f"{domain} is verified." in check(place, domain)
    assert not led(place, domain)
    use(place.stack, place.realm, WITH_DISCOVERY)
    assert led(place, domain)
    assert not led(place, fresh())
    assert not led(place, f"www.{domain}")
    assert place.browser.post(f"o/{place.name}/domains/{domain}/remove", {"confirm": "yes"}).status_code == 303
    assert not led(place, domain)


@pytest.mark.feature("P2-42")
@pytest.mark.case("D10")
def test_an_address_of_a_domain_that_waits_for_its_record_leads_nowhere(place: Place) -> None:
    domain = fresh()
    add(place, domain)
    assert f"{domain} Waiting for the record" in shown(place.browser, place)
    use(place.stack, place.realm, WITH_DISCOVERY)
    assert not led(place, domain)
    assert "No record yet" in check(place, domain)
    assert (led(place, domain), in_keycloak(place)) == (False, {})
    prove(place, domain)
    check(place, domain)
    assert led(place, domain)
