"""What WorkOS's own Python client is refused, and what of its API the running portal has not."""

from __future__ import annotations

import uuid

import pytest
import requests
from compat_steps import Make, a_client, a_key, a_realm, clients, name, stored  # noqa: F401
from key_steps import call, new_key
from realm_holdings import Realm
from stack import Stack
from workos import WorkOSClient
from workos._errors import (
    AuthenticationError,
    AuthorizationError,
    NotFoundError,
    UnprocessableEntityError,
)

from portal.compat import ids
from portal.keys.scopes import SCOPES

UNKNOWN = "org_01H455VB4PEX5VSKNK084SN02Q"


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


def test_a_key_ends_no_links_for_what_it_is_not_for(realm: Realm, workos: WorkOSClient, client_of: Make) -> None:
    made = workos.organizations.create_organization(name=name())
    link = workos.admin_portal.generate_link(organization=made.id, intent="sso", external_user_id="u-9").link
    events = client_of(new_key(realm, "links:audit_logs"))
    with pytest.raises(AuthorizationError) as refused:
        events.admin_portal.revoke_link(organization=made.id, external_user_id="u-9")
    assert "links:sso" in str(refused.value)
    assert requests.get(link, timeout=30).status_code == 200
    client_of(new_key(realm, "links:sso")).admin_portal.revoke_link(organization=made.id, external_user_id="u-9")
    assert requests.get(link, timeout=30).status_code == 410


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
