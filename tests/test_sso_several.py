"""An organization with two identity providers: each verified domain leads its people to its own, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cast import Person, make_person
from connection_steps import account, passed, prove_domain
from domain_steps import WITH_DISCOVERY, add_discovery, use
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from trial_steps import Draft, sign_in_at

from portal.store import connections
from portal.store.models_sso import SsoPolicy

SEVERAL = {"_providerConfig.orgs.config.multipleIdps": "true"}


@pytest.fixture
def place(stack: Stack, make_realm: Callable[..., str]) -> Place:
    """An organization that may have several connections, in a realm that leads people by their domain."""
    realm = make_realm(**SEVERAL)
    add_discovery(stack, realm)
    made, store = Place(stack, realm=realm), stack.store()
    use(stack, realm, WITH_DISCOVERY)
    with store.write() as transaction:
        transaction.add(SsoPolicy(realm=realm, organization=made.id, several=True))
    store.engine.dispose()
    return made


def draft(place: Place, house: str) -> Draft:
    """A draft towards this provider that was tested."""
    made, store = Draft(place, "oidc", house=house), place.stack.store()
    passed(place, connections.get(store, place.realm, place.id, made.alias))
    store.engine.dispose()
    return made


def activate(place: Place, alias: str) -> Any:
    return place.browser.post(f"o/{place.name}/sso/{alias}/activate", {"confirm": "yes"})


def routed(place: Place, alias: str, domain: str) -> int:
    """Let a domain lead to it, as on the page; the status."""
    form = {"name": f"By {alias}", "domains": domain}
    return int(place.browser.post(f"o/{place.name}/sso/{alias}/edit", form).status_code)


def come(page: Page, there: str, someone: Person) -> None:
    """Type the address on the realm's own page, be led to the provider, sign in there."""
    page.fill("#username", someone.email)
    page.click("#kc-login")
    page.wait_for_url(f"{there}/**")
    sign_in_at(page, someone)
    expect(page.get_by_role("heading", name="Your membership")).to_be_visible()


@pytest.mark.feature("P2-42")
def test_of_two_connections_each_domain_leads_to_its_own(
    place: Place, make_realm: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    houses = ("idp", make_realm())
    domains = (prove_domain(place), prove_domain(place))
    first, second = (draft(place, house) for house in houses)
    assert routed(place, first.alias, domains[0]) == 303
    assert activate(place, first.alias).status_code == 303
    refused = activate(place, second.alias)
    assert refused.status_code == 409 and "Choose which domains lead" in refused.text
    assert routed(place, second.alias, domains[0]) == 303
    refused = activate(place, second.alias)
    assert refused.status_code == 409 and domains[0] in refused.text
    assert routed(place, second.alias, domains[1]) == 303
    assert activate(place, second.alias).status_code == 303
    for house, domain, connection in zip(houses, domains, (first, second), strict=True):
        someone = make_person(place.stack, house, email=f"someone@{domain}")
        page = open_page(f"/{place.realm}/o/{place.name}/membership")
        come(page, f"{place.stack.keycloak_url}/realms/{house}", someone)
        found = account(place, someone.email)
        assert found is not None
        linked = place.stack.admin().get(f"/admin/realms/{place.realm}/users/{found['id']}/federated-identity")
        assert [each["identityProvider"] for each in linked] == [connection.alias]
