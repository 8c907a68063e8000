"""WorkOS's own Python client, unchanged but for base address and key, against the running portal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from inside import publish
from key_steps import OPERATOR, call, new_key
from realm_holdings import Realm
from stack import Stack
from workos import WorkOSClient
from workos._errors import (
    APIError,
    AuthenticationError,
    AuthorizationError,
    ConflictError,
    NotFoundError,
    UnprocessableEntityError,
)
from workos.common.models.organization_domain_data_state import OrganizationDomainDataState
from workos.organizations.models import OrganizationDomainData

from portal.compat import ids
from portal.keys.scopes import SCOPES

Make = Callable[[str], WorkOSClient]
RETURN = {"portal.returnOrigins": "https://app.example.test Shop", "portal.returnUrl": "https://app.example.test/"}
ALL_INTENTS = "sso, domain_verification, certificate_renewal, audit_logs, dsync, log_streams"
UNKNOWN = "org_01H455VB4PEX5VSKNK084SN02Q"


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """A realm whose people return to an application, with an operator."""
    return Realm(stack, lambda: make_realm(**RETURN), roles=OPERATOR)


@pytest.fixture(scope="module")
def key(realm: Realm) -> str:
    """A key for everything."""
    return new_key(realm, *SCOPES)


@pytest.fixture(scope="module")
def client_of(stack: Stack) -> Iterator[Make]:
    """The official client with any key."""
    with ExitStack() as opened:

        def make(key: str) -> WorkOSClient:
            made = WorkOSClient(api_key=key, base_url=f"{stack.portal_url}/compat/workos", max_retries=0)
            opened.callback(made.close)
            return made

        yield make


@pytest.fixture(scope="module")
def workos(client_of: Make, key: str) -> WorkOSClient:
    """The official client with the key for everything."""
    return client_of(key)


def name() -> str:
    return f"Customer {uuid.uuid4().hex[:8]}"


def stored(stack: Stack, realm: Realm, organization: str) -> Any:
    """The organization as Keycloak has it."""
    admin = stack.admin()
    try:
        return admin.get(f"/realms/{realm.name}/orgs/{ids.keycloak_id(organization)}")
    finally:
        admin.close()


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


@pytest.mark.feature("WO-45")
def test_a_link_is_made_opened_and_revoked(stack: Stack, realm: Realm, workos: WorkOSClient) -> None:
    made = workos.organizations.create_organization(name=name())
    links = [
        workos.admin_portal.generate_link(
            organization=made.id, intent="sso", return_url="https://app.example.test/back", external_user_id="u-1"
        ).link
        for _each in range(2)
    ]
    assert links[0] != links[1]
    for link in links:
        assert link.startswith(f"{stack.portal_url}/portal/launch?token=")
        assert requests.get(link, timeout=30).status_code == 200
    workos.admin_portal.revoke_link(organization=made.id, external_user_id="u-1")
    for link in links:
        assert requests.get(link, timeout=30).status_code == 410


@pytest.mark.case("E4")
def test_a_repeated_request_shows_no_link_again(stack: Stack, workos: WorkOSClient) -> None:
    made = workos.organizations.create_organization(name=name())
    options = {"idempotency_key": uuid.uuid4().hex}
    link = workos.admin_portal.generate_link(organization=made.id, intent="sso", request_options=options).link
    with pytest.raises(ConflictError) as caught:
        workos.admin_portal.generate_link(organization=made.id, intent="sso", request_options=options)
    assert link not in str(caught.value.raw_body)
    assert "shown once" in str(caught.value)


@pytest.mark.feature("WO-37")
@pytest.mark.feature("WO-38")
@pytest.mark.feature("WO-61")
@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"intent": "sso"}, "organization", "required"),
        ({"organization": "{id}"}, "intent", ALL_INTENTS),
        ({"organization": "{id}", "intent": "everything"}, "intent", "log_streams"),
        ({"organization": "{id}", "intent": "dsync"}, "intent", "cannot be set up by a link yet"),
        ({"organization": "umbrella", "intent": "sso"}, "organization", "org_"),
        ({"organization": "{id}", "intent": "sso", "return_url": "http://app.example.test/"}, "return_url", "https"),
        ({"organization": "{id}", "intent": "sso", "success_url": "http://app.example.test/"}, "success_url", "https"),
        ({"organization": "{id}", "intent": "sso", "return_url": "https://evil.test/"}, "return_url", "list"),
        ({"organization": "{id}", "intent": "sso", "it_contact_emails": ["x"]}, "it_contact_emails", "address"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_link_is_told_by_field(
    stack: Stack, key: str, workos: WorkOSClient, sent: dict[str, Any], field: str, said: str
) -> None:
    made = workos.organizations.list_organizations(limit=1).data[0].id
    body = {name: made if value == "{id}" else value for name, value in sent.items()}
    answer = call(stack, key, "POST", "/compat/workos/portal/generate_link", json=body)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert said in error["message"]
    assert said in answer.json()["message"]


@pytest.mark.case("A12")
@pytest.mark.feature("WO-59")
@pytest.mark.parametrize(
    "url",
    [
        "//evil.test", "/\\evil.test", "https:evil.test", "https://app.example.test%2f%2f@evil.test", "javascript:1",
        "https://app.example.test\t.evil.test/", "https://app.example.test@evil.test/", "http://app.example.test/",
        "https://app.example.test/" + "x" * 8192, "%2f%2fevil.test", "https://app.example.test.evil.test/",
    ],
)  # fmt: skip
def test_no_link_leads_anywhere_else(stack: Stack, key: str, workos: WorkOSClient, url: str) -> None:
    made = workos.organizations.list_organizations(limit=1).data[0].id
    for field in ("return_url", "success_url"):
        body = {"organization": made, "intent": "sso", field: url}
        answer = call(stack, key, "POST", "/compat/workos/portal/generate_link", json=body)
        assert answer.status_code == 422, url
        assert answer.json()["errors"][0]["field"] == field


@pytest.mark.feature("WO-49")
@pytest.mark.feature("WO-52")
@pytest.mark.feature("WO-53")
def test_an_unknown_organization_is_told_apart_from_what_is_no_id(stack: Stack, key: str, workos: WorkOSClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        workos.admin_portal.generate_link(organization=UNKNOWN, intent="sso")
    assert UNKNOWN in str(caught.value)
    with pytest.raises(UnprocessableEntityError):
        workos.admin_portal.generate_link(organization="org_nonsense", intent="sso")
    for path in ("organizations/nonsense", "organizations/org_x"):
        assert call(stack, key, "GET", f"/compat/workos/{path}").status_code == 422
    for path in (f"organizations/{UNKNOWN}", "organizations/external_id/nobody", "connections/conn_x"):
        answer = call(stack, key, "GET", f"/compat/workos/{path}")
        assert answer.status_code == 404
        assert path.rpartition("/")[2] in answer.json()["message"]


@pytest.mark.feature("WO-29")
@pytest.mark.feature("WO-39")
@pytest.mark.feature("WO-56")
def test_scopes_and_keys_decide(stack: Stack, realm: Realm, workos: WorkOSClient, client_of: Make) -> None:
    made = workos.organizations.create_organization(name=name())
    reader = client_of(new_key(realm, "organizations:read", "links:audit_logs"))
    assert reader.organizations.get_organization(made.id).id == made.id
    assert reader.admin_portal.generate_link(organization=made.id, intent="audit_logs").link
    for attempt in (
        lambda: reader.organizations.create_organization(name="x"),
        lambda: reader.organizations.update_organization(made.id, name="x"),
        lambda: reader.organizations.delete_organization(made.id),
        lambda: reader.organization_domains.create_organization_domain(domain="x.test", organization_id=made.id),
        lambda: reader.admin_portal.generate_link(organization=made.id, intent="sso"),
        lambda: reader.sso.list_connections(organization_id=made.id),
    ):
        with pytest.raises(AuthorizationError) as refused:
            attempt()
        assert "scope" in str(refused.value)
    with pytest.raises(AuthenticationError):
        client_of("sk_" + "x" * 43).organizations.list_organizations()
    with pytest.raises(ValueError, match="API key"):
        WorkOSClient(base_url=stack.portal_url)


@pytest.mark.feature("WO-18")
@pytest.mark.case("O1")
def test_a_key_for_one_organization_knows_no_other(
    stack: Stack, realm: Realm, workos: WorkOSClient, client_of: Make
) -> None:
    mine, other = (workos.organizations.create_organization(name=name()) for _each in range(2))
    domain = workos.organization_domains.create_organization_domain(
        domain=f"{uuid.uuid4().hex[:8]}.test", organization_id=other.id
    )
    bound = client_of(new_key(realm, *SCOPES, organizations=ids.keycloak_id(mine.id)))
    assert [one.id for one in bound.organizations.list_organizations().data] == [mine.id]
    for attempt in (
        lambda: bound.organizations.get_organization(other.id),
        lambda: bound.organizations.update_organization(other.id, name="x"),
        lambda: bound.organizations.delete_organization(other.id),
        lambda: bound.organization_domains.get_organization_domain(domain.id),
        lambda: bound.organization_domains.delete_organization_domain(domain.id),
        lambda: bound.admin_portal.generate_link(organization=other.id, intent="sso"),
        lambda: bound.sso.list_connections(organization_id=other.id),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    with pytest.raises(AuthorizationError):
        bound.organizations.create_organization(name=name())
    assert stored(stack, realm, other.id)["displayName"] == other.name


@pytest.mark.feature("WO-43")
def test_connections_are_shown_with_their_state(stack: Stack, realm: Realm, workos: WorkOSClient) -> None:
    made = workos.organizations.create_organization(name=name())
    assert workos.sso.list_connections(organization_id=made.id).data == []
    admin, alias = stack.admin(), f"c{uuid.uuid4().hex[:8]}"
    admin.post(
        f"/realms/{realm.name}/orgs/{ids.keycloak_id(made.id)}/idps",
        {"alias": alias, "providerId": "oidc", "displayName": "Their sign-in", "enabled": True, "config": {}},
    )
    admin.close()
    [found] = workos.sso.list_connections(organization_id=made.id).data
    assert (found.name, found.state.value, found.organization_id) == ("Their sign-in", "active", made.id)
    assert found.connection_type.value == "GenericOIDC"
    assert workos.sso.get_connection(found.id).to_dict() == found.to_dict()


def test_what_is_not_offered_is_said(stack: Stack, key: str) -> None:
    for path in ("directories", "user_management/users", "nonsense"):
        answer = call(stack, key, "GET", f"/compat/workos/{path}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_offered"
    assert call(stack, key, "POST", "/compat/workos/connections", json={}).status_code == 405
    refused = call(stack, key, "POST", "/compat/workos/organizations", data="[]")
    assert refused.status_code == 422
