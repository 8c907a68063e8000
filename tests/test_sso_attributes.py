"""Which attribute fills which field of a person: mapped on a page, tried on the last test, seen in the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cast import make_person
from connection_steps import account, actor_of, mappers, prove_domain
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from trial_steps import Draft, address, begin, come_in, go

from portal.access import grant
from portal.clients.connections_types import Mapper
from portal.errors import Denied
from portal.sso import saving

KINDS = {"saml": "saml", "oidc": "openid-connect"}
SENT = {"saml": "saml-hardcode-attribute-mapper", "oidc": "oidc-hardcoded-claim-mapper"}
NAMES = {
    "saml": {"attr.email": "email", "attr.firstName": "firstName", "attr.lastName": "lastName"},
    "oidc": {"attr.email": "email", "attr.firstName": "given_name", "attr.lastName": "family_name"},
}


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


def send(draft: Draft, name: str, value: str) -> None:
    """Let the provider send one more attribute or claim for everybody."""
    config = {
        "saml": {"attribute.name": name, "attribute.nameformat": "Basic", "attribute.value": value},
        "oidc": {"claim.name": name, "claim.value": value, "jsonType.label": "String", "id.token.claim": "true"},
    }[draft.protocol]
    body = {"name": name, "protocol": KINDS[draft.protocol], "protocolMapper": SENT[draft.protocol], "config": config}
    draft.admin.post(f"{draft.there}/protocol-mappers/models", body)


def fed(place: Place, alias: str) -> dict[str, str]:
    """The names that feed the fields, as Keycloak has them."""
    found = [each["config"] for each in mappers(place, alias).values()]
    return {each["user.attribute"]: each.get("attribute.name") or each["claim"] for each in found}


@pytest.mark.feature("P2-44")
@pytest.mark.parametrize("protocol", ["saml", "oidc"])
def test_a_field_of_the_profile_is_filled_at_a_sign_in(
    place: Place, open_page: Callable[..., Page], protocol: str
) -> None:
    draft, domain = Draft(place, protocol, mapped=()), prove_domain(place)
    send(draft, "dept", "finance")
    page = f"o/{place.name}/sso/{draft.alias}/attributes"
    wanted = {**NAMES[protocol], "attr.department": "dept", "attr.city": "dept", "attr.street": "nowhere"}
    assert place.browser.post(page, wanted).status_code == 303
    feeding = {name.removeprefix("attr."): value for name, value in wanted.items()}
    assert fed(place, draft.alias) == feeding
    test = begin(draft)
    someone = make_person(place.stack, "idp", email=f"tester@{domain}")
    expect(go(open_page, address(draft, test), someone).get_by_text("Passed")).to_be_visible(timeout=30_000)
    shown = place.browser.get(test).text
    assert "City, Department" in shown, "one attribute that feeds two fields shows both"
    assert "finance" in shown
    told = place.browser.get(page).text
    assert told.count("In the last test: finance") == 2 and "Not sent in the last test." in told
    tried = place.browser.post(page, {**wanted, "attr.country": "dept", "attr.city": "", "deed": "try"})
    assert "Nothing is saved yet" in tried.text and tried.text.count("In the last test: finance") == 2
    assert fed(place, draft.alias) == feeding, "trying saves nothing"
    saving.activate(actor_of(place), draft.alias)
    colleague = make_person(place.stack, "idp", email=f"first@{domain}")
    arrived = come_in(open_page, place, draft.alias, colleague)
    expect(arrived.get_by_role("heading", name="Your membership")).to_be_visible()
    found = account(place, f"first@{domain}")
    assert found is not None
    assert found["attributes"]["department"] == found["attributes"]["city"] == ["finance"]


@pytest.mark.case("P2")
def test_only_fields_that_people_fill_in_themselves_are_offered_and_taken(place: Place) -> None:
    alias = place["saml"]
    page = f"o/{place.name}/sso/{alias}/attributes"
    shown = place.browser.get(page).text
    assert 'name="attr.department"' in shown
    assert "employeeNumber" not in shown and "riskScore" not in shown
    before = fed(place, alias)
    sent = {"attr.email": "mail", "attr.riskScore": "level", "attr.employeeNumber": "number", "attr.org.ro.active": "x"}
    assert place.browser.post(page, sent).status_code == 303
    assert fed(place, alias) == {"email": "mail"} != before
    actor = actor_of(place)
    granted = grant(actor, "sso.setup", place.id, alias)
    config: dict[str, Any] = {"syncMode": "FORCE", "attribute.name": "level", "user.attribute": "riskScore"}
    with pytest.raises(Denied):
        kind = "saml-user-attribute-idp-mapper"
        actor.services.connections.add_mapper(granted, place.id, alias, Mapper("", "x", kind, config))


def test_a_name_that_cannot_be_one_is_told_beside_its_field(place: Place) -> None:
    alias = place["saml"]
    before, page = fed(place, alias), f"o/{place.name}/sso/{alias}/attributes"
    answer = place.browser.post(page, {"attr.email": "", "attr.city": "two words"})
    assert answer.status_code == 422
    assert "nobody can sign in" in answer.text and "two words" in answer.text and "has no blanks" in answer.text
    assert fed(place, alias) == before
