"""The files in `keycloak/` import by hand into a plain server and into one with the extension."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.connect import wanted
from portal.demo import organizations
from portal.demo.admin import Admin
from portal.demo.artifacts import pinned
from portal.demo.keycloak import KeycloakServer
from portal.demo.people import Person, ensure_person
from portal.demo.ports import any_free
from portal.demo.realms import IDP_REALM, OTHER_REALM, REALM_EXPORT, give_service_roles, template

FILES = (REALM_EXPORT, IDP_REALM, OTHER_REALM)
EXTENSION_ROLES = ("view-organizations", "manage-organizations", "create-organization")
# As the files have them: roles of the extension would be made too early by an import.
SERVICE_ACCOUNTS = {
    "portal-read": {"view-realm", "view-users", "view-events"},
    "portal-setup": set(),
    "portal-accounts": set(),
}
CREDENTIAL_STEPS = {"auth-otp-form", "webauthn-authenticator", "auth-recovery-authn-code-form"}
ACTIONS = {
    "UPDATE_PASSWORD",
    "CONFIGURE_TOTP",
    "webauthn-register",
    "webauthn-register-passwordless",
    "CONFIGURE_RECOVERY_AUTHN_CODES",
    "UPDATE_EMAIL",
    "UPDATE_PROFILE",
    "VERIFY_EMAIL",
    "delete_credential",
    "delete_account",
    "idp_link",
}


@pytest.fixture(scope="module", params=["plain", "extension"])
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    """A server of its own that found the files in its import folder, as an operator would do it."""
    distribution = pinned() if request.param == "extension" else pinned().plain()
    server = KeycloakServer(
        tmp_path_factory.mktemp(request.param),
        port=any_free(),
        management_port=any_free(),
        distribution=distribution,
        realms=FILES,
        theme=None,
    )
    try:
        server.start()
        admin = Admin(server.internal_url, server.admin_username, server.admin_password)
        yield admin
        admin.close()
        log = server.log_path.read_text(encoding="utf-8")
        assert " ERROR " not in log, server.last_words()
    finally:
        server.stop()


def test_every_realm_is_there(imported: Admin) -> None:
    assert {realm["realm"] for realm in imported.get("/admin/realms")} == {"master", "demo", "idp", "other"}


@pytest.mark.parametrize("realm", ["demo", "other"])
def test_the_clients_of_the_portal_are_as_connect_would_make_them(imported: Admin, realm: str) -> None:
    target = wanted.Target(realm, "http://localhost:8000", "http://localhost:8000", accounts=True)
    for client in wanted.clients(target, organizations=False):
        found = imported.get(f"/admin/realms/{realm}/clients", clientId=client.id)[0]
        attributes = client.rep["attributes"]
        assert {key: found["attributes"].get(key) for key in attributes} == attributes
        assert found["redirectUris"] == client.rep["redirectUris"]
        assert found["fullScopeAllowed"] is False
        assert scope_mappings(imported, realm, found["id"]) == {k: set(v) for k, v in client.scope_mappings.items()}
        if client.scopes:
            assert set(found["defaultClientScopes"]) == client.scopes


@pytest.mark.parametrize("realm", ["demo", "other"])
@pytest.mark.parametrize("client", SERVICE_ACCOUNTS)
def test_the_service_accounts_hold_their_roles_only(imported: Admin, realm: str, client: str) -> None:
    assert roles_held(imported, realm, client) == SERVICE_ACCOUNTS[client]


@pytest.mark.parametrize("realm", ["demo", "other"])
def test_what_the_extension_adds_is_given_after_the_import(imported: Admin, realm: str) -> None:
    if organizations.available(imported, realm):
        give_service_roles(imported, realm)
        assert roles_held(imported, realm, "portal-accounts") == {"manage-users"}
        setup = {"view-organizations", "manage-organizations", "manage-identity-providers"}
        assert roles_held(imported, realm, "portal-setup") == setup
        assert roles_held(imported, realm, "portal-read") == SERVICE_ACCOUNTS["portal-read"] | {"view-organizations"}


def test_sign_in_asks_for_every_second_factor_and_actions_are_on(imported: Admin) -> None:
    steps = imported.get("/admin/realms/demo/authentication/flows/browser/executions")
    on = {step.get("providerId") for step in steps if step["requirement"] != "DISABLED"}
    assert on >= CREDENTIAL_STEPS
    actions = imported.get("/admin/realms/demo/authentication/required-actions")
    assert {action["alias"] for action in actions if action["enabled"]} >= ACTIONS
    realm = imported.get("/admin/realms/demo")
    assert realm["webAuthnPolicyPasswordlessPasskeysEnabled"]
    assert realm["revokeRefreshToken"] and realm["refreshTokenMaxReuse"] == 0
    assert realm["accessTokenLifespan"] == 300


def test_events_are_kept_errors_included(imported: Admin) -> None:
    events = imported.get("/admin/realms/demo/events/config")
    assert events["eventsEnabled"] and events["adminEventsEnabled"] and events["adminEventsDetailsEnabled"]
    assert {"LOGIN_ERROR", "IDENTITY_PROVIDER_LOGIN_ERROR", "IDENTITY_PROVIDER_RESPONSE_ERROR"} <= set(
        events["enabledEventTypes"]
    )


def test_the_profile_has_every_kind_of_field_in_both_languages(imported: Admin) -> None:
    profile = imported.get("/admin/realms/demo/users/profile")
    fields = {field["name"]: field for field in profile["attributes"]}
    assert fields["languages"]["multivalued"]
    assert fields["country"]["annotations"]["inputType"] == "select"
    assert fields["bio"]["annotations"]["inputType"] == "textarea"
    assert fields["employeeNumber"]["permissions"]["edit"] == ["admin"]
    assert fields["riskScore"]["permissions"]["view"] == ["admin"]
    used = set(re.findall(r"\$\{(profile\.[^}]+)\}", json.dumps(profile)))
    for language in ("en", "de"):
        assert used <= set(imported.get(f"/admin/realms/demo/localization/{language}"))


def test_a_new_person_may_keep_his_account_and_delete_it(imported: Admin) -> None:
    user = ensure_person(imported, "demo", Person("tess", "tess@demo.test"))
    account = imported.client_uuid("demo", "account")
    roles = imported.get(f"/admin/realms/demo/users/{user}/role-mappings/clients/{account}/composite")
    assert {role["name"] for role in roles} >= {"view-profile", "manage-account", "delete-account"}


def test_realm_admins_get_the_extensions_roles(imported: Admin) -> None:
    client = imported.client_uuid("demo", "realm-management")
    held = imported.get(f"/admin/realms/demo/clients/{client}/roles/realm-admin/composites")
    expected = set(EXTENSION_ROLES[:2]) if organizations.available(imported, "demo") else set()
    assert {role["name"] for role in held} & set(EXTENSION_ROLES) == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_person_no_secret_and_no_role_of_the_extension(path: Path) -> None:
    content = template(path)
    accounts = {f"service-account-{client}" for client in SERVICE_ACCOUNTS}
    assert {user["username"] for user in content.get("users", [])} <= accounts
    assert not [user for user in content.get("users", []) if user.get("credentials")]
    assert not secrets_in(content)
    assert not any(role in json.dumps(content) for role in EXTENSION_ROLES)


def test_a_template_takes_another_name() -> None:
    text = json.dumps(template(name="acme"))
    assert '"realm": "acme"' in text and "default-roles-acme" in text
    assert "http://localhost:8000/acme/signin/callback" in text
    assert "default-roles-demo" not in text and "/realms/demo/" not in text


def scope_mappings(admin: Admin, realm: str, client: str) -> dict[str, set[str]]:
    found = admin.get(f"/admin/realms/{realm}/clients/{client}/scope-mappings").get("clientMappings") or {}
    return {name: {role["name"] for role in entry["mappings"]} for name, entry in found.items()}


def roles_held(admin: Admin, realm: str, client: str) -> set[str]:
    """Roles of realm-management that a client's service account holds; it holds no others."""
    path = f"/admin/realms/{realm}/clients/{admin.client_uuid(realm, client)}/service-account-user"
    held = admin.get(f"/admin/realms/{realm}/users/{admin.get(path)['id']}/role-mappings")
    mapped = held.get("clientMappings") or {}
    assert set(mapped) <= {"realm-management"} and not held.get("realmMappings")
    return {role["name"] for entry in mapped.values() for role in entry["mappings"]}


def secrets_in(node: Any) -> list[str]:
    """Keys that hold a secret, anywhere in a realm's representation."""
    if isinstance(node, dict):
        own = [key for key, value in node.items() if key in {"secret", "clientSecret", "privateKey"} and value]
        return own + [key for value in node.values() for key in secrets_in(value)]
    return [key for item in node for key in secrets_in(item)] if isinstance(node, list) else []
