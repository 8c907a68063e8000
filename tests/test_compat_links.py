"""WorkOS's own Python client makes and revokes setup links of the running portal."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests
from compat_steps import Make, a_client, a_key, a_realm, clients, name, stored  # noqa: F401
from key_steps import call
from realm_holdings import Realm
from stack import Stack
from workos import WorkOSClient
from workos._errors import ConflictError, NotFoundError

from portal.compat import ids

ALL_INTENTS = "sso, domain_verification, certificate_renewal, audit_logs, dsync, log_streams"


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


def test_it_contacts_are_those_an_operator_has_invited(stack: Stack, realm: Realm, workos: WorkOSClient) -> None:
    made = workos.organizations.create_organization(name=name())
    assert workos.organizations.list_it_contacts(made.id).data == []
    form = {"intents": "sso", "way": "mail", "locale": "en", "days": "7"}
    address = f"it-{uuid.uuid4().hex[:8]}@tests.test"
    path = f"o/{ids.keycloak_id(made.id)}/setup-link/new"
    assert realm.browser.post(path, {**form, "contacts": address}).status_code == 303
    [contact] = workos.organizations.list_it_contacts(made.id).data
    assert (contact.object, contact.email) == ("it_contact", address)
    assert contact.id.startswith("it_contact_")
    with pytest.raises(NotFoundError):
        workos.organizations.revoke_it_contact(made.id, "it_contact_" + "0" * 26)
    workos.organizations.revoke_it_contact(made.id, contact.id)
    assert workos.organizations.list_it_contacts(made.id).data == []
