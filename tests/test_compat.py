"""WorkOS's own Python client makes, lists and changes organizations and domains of the running portal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from compat_steps import Make, a_client, a_key, a_realm, clients, name, stored  # noqa: F401
from inside import publish
from key_steps import OPERATOR, call, new_key
from realm_holdings import Realm
from stack import Stack
from workos import WorkOSClient
from workos._errors import (
    APIError,
    ConflictError,
    NotFoundError,
    UnprocessableEntityError,
)
from workos.common.models.organization_domain_data_state import OrganizationDomainDataState
from workos.organizations.models import OrganizationDomainData

from portal.compat import ids


@pytest.mark.feature("WO-14")
@pytest.mark.feature("WO-19")
@pytest.mark.feature("WO-20")
def test_an_organization_is_made_found_changed_and_deleted(stack: Stack, realm: Realm, workos: WorkOSClient) -> None:
    called, external = name(), uuid.uuid4().hex
    made = workos.organizations.create_organization(name=called, external_id=external, metadata={"plan": "gold"})
    assert (made.name, made.external_id, made.metadata) == (called, external, {"plan": "gold"})
    found = stored(stack, realm, made.id)
    assert found["displayName"] == called
    assert found["attributes"]["plan"] == ["gold"]
    assert workos.organizations.get_organization(made.id).to_dict() == made.to_dict()
    assert workos.organizations.get_organization(ids.keycloak_id(made.id)).id == made.id
    assert workos.organizations.get_organization_by_external_id(external).id == made.id
    other = name()
    changed = workos.organizations.update_organization(made.id, name=other, metadata={"plan": "", "tier": "1"})
    assert (changed.name, changed.metadata, changed.external_id) == (other, {"tier": "1"}, external)
    assert stored(stack, realm, made.id)["name"] == found["name"]
    assert workos.organizations.update_organization(made.id, external_id=None).external_id is None
    workos.organizations.delete_organization(made.id)
    for lost in (made.id, ids.keycloak_id(made.id)):
        with pytest.raises(NotFoundError) as caught:
            workos.organizations.get_organization(lost)
        assert lost in str(caught.value)
        assert caught.value.code == "entity_not_found"


def test_two_customers_may_have_one_name_but_not_one_external_id(workos: WorkOSClient) -> None:
    called, external = name(), uuid.uuid4().hex
    first = workos.organizations.create_organization(name=called, external_id=external)
    second = workos.organizations.create_organization(name=called)
    assert first.id != second.id
    with pytest.raises(ConflictError):
        workos.organizations.create_organization(name=name(), external_id=external)
    with pytest.raises(ConflictError):
        workos.organizations.update_organization(second.id, external_id=external)
    workos.organizations.delete_organization(first.id)
    assert workos.organizations.update_organization(second.id, external_id=external).external_id == external


@pytest.mark.parametrize(
    "sent",
    [
        {"metadata": {"portal.logo": "x"}}, {"metadata": {"org.ro.active": "true"}}, {"metadata": {"a b": "x"}},
        {"metadata": {"k": "x" * 300}}, {"metadata": []}, {"metadata": {"k": 1}}, {"domain_data": [{}]},
        {"domain_data": [{"domain": "gmail.com"}]}, {"domains": "x.test"}, {"external_id": 7}, {"name": ""},
        {"name": "a\nb"}, {"name": "x" * 300},
    ],
)  # fmt: skip
def test_what_is_refused_makes_nothing(stack: Stack, realm: Realm, key: str, sent: dict[str, Any]) -> None:
    def count() -> int:
        admin = stack.admin()
        try:
            return int(admin.get(f"/realms/{realm.name}/orgs/count"))
        finally:
            admin.close()

    before = count()
    answer = call(stack, key, "POST", "/compat/workos/organizations", json={"name": name(), **sent})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(next(iter(sent)))
    assert count() == before


@pytest.mark.feature("WO-21")
@pytest.mark.feature("WO-47")
def test_lists_go_by_cursors(stack: Stack, make_realm: Callable[..., str], client_of: Make) -> None:
    realm = Realm(stack, make_realm, roles=OPERATOR)
    workos = client_of(new_key(realm, "organizations:read", "organizations:write"))
    empty = call(stack, new_key(realm, "organizations:read"), "GET", "/compat/workos/organizations").json()
    assert (empty["object"], empty["data"]) == ("list", [])
    assert "POST" in empty["hint"]
    made = [workos.organizations.create_organization(name=f"Customer {n}").id for n in range(5)]
    newest = [one.id for one in workos.organizations.list_organizations(limit=2).auto_paging_iter()]
    assert newest == list(reversed(made))
    oldest = [one.id for one in workos.organizations.list_organizations(limit=2, order="asc").auto_paging_iter()]
    assert oldest == made
    page = workos.organizations.list_organizations(limit=2, after=made[3])
    assert [one.id for one in page.data] == [made[2], made[1]]
    assert (page.before, page.after) == (made[2], made[1])
    back = workos.organizations.list_organizations(limit=2, before=made[2])
    assert [one.id for one in back.data] == [made[4], made[3]]
    assert [one.name for one in workos.organizations.list_organizations(search="customer-3").data] == ["Customer 3"]
    with pytest.raises(UnprocessableEntityError):
        workos.organizations.list_organizations(limit=101)


@pytest.mark.case("Q1")
def test_an_idempotency_key_makes_the_repeat_harmless(key: str, workos: WorkOSClient, client_of: Make) -> None:
    once = {"idempotency_key": uuid.uuid4().hex}
    called = name()
    first = workos.organizations.create_organization(name=called, request_options=once)
    assert workos.organizations.create_organization(name=called, request_options=once).to_dict() == first.to_dict()
    with pytest.raises(UnprocessableEntityError):
        workos.organizations.create_organization(name=name(), request_options=once)
    crowd, both = uuid.uuid4().hex, name()

    def try_it(_number: int) -> str:
        try:
            options = {"idempotency_key": crowd}
            return str(client_of(key).organizations.create_organization(
                name=both, request_options=options).id)  # fmt: skip
        except APIError as error:
            return str(error.status_code)

    with ThreadPoolExecutor(5) as pool:
        answers = set(pool.map(try_it, range(5)))
    assert len(answers - {"409"}) == 1, answers
    found = [one for one in workos.organizations.list_organizations(limit=100).data if one.name == both]
    assert len(found) == 1


def test_a_domain_is_pending_until_its_record_was_seen_whatever_the_caller_says(
    stack: Stack, realm: Realm, workos: WorkOSClient
) -> None:
    domain = f"{uuid.uuid4().hex[:8]}.test"
    verified = OrganizationDomainData(domain=domain, state=OrganizationDomainDataState("verified"))
    made = workos.organizations.create_organization(name=name(), domain_data=[verified])
    [known] = made.domains
    assert (known.domain, str(known.state.value if known.state else "")) == (domain, "pending")
    assert stored(stack, realm, made.id).get("domains", []) == []
    got = workos.organization_domains.get_organization_domain(known.id)
    assert (got.id, got.organization_id, got.verification_strategy and got.verification_strategy.value) == (
        known.id, made.id, "dns",
    )  # fmt: skip
    again = workos.organization_domains.verify_organization_domain(known.id)
    assert again.state and again.state.value == "pending"
    publish(stack, f"{got.verification_prefix}.{domain}", str(got.verification_token))
    done = workos.organization_domains.verify_organization_domain(known.id)
    assert done.state and done.state.value == "verified"
    assert stored(stack, realm, made.id)["domains"] == [domain]
    [one] = workos.organizations.list_organizations(domains=[domain]).data
    assert (one.id, one.domains[0].id) == (made.id, known.id)
    workos.organization_domains.delete_organization_domain(known.id)
    assert stored(stack, realm, made.id).get("domains", []) == []
    with pytest.raises(NotFoundError):
        workos.organization_domains.get_organization_domain(known.id)


def test_domains_are_added_and_replaced(workos: WorkOSClient) -> None:
    made = workos.organizations.create_organization(name=name())
    first, second = (f"{uuid.uuid4().hex[:8]}.test" for _each in range(2))
    added = workos.organization_domains.create_organization_domain(domain=first, organization_id=made.id)
    assert added.domain == first
    changed = workos.organizations.update_organization(made.id, domains=[second])
    assert [one.domain for one in changed.domains] == [second]
    with pytest.raises(UnprocessableEntityError) as caught:
        workos.organization_domains.create_organization_domain(domain="gmail.com", organization_id=made.id)
    assert caught.value.errors[0]["field"] == "domain"
