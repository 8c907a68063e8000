"""Make realms from the files in `keycloak/` and give their clients the addresses in use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.connect import wanted
from portal.demo.admin import Admin
from portal.demo.artifacts import REPOSITORY
from portal.return_addresses import return_default

REALM_EXPORT = REPOSITORY / "keycloak" / "realm-export.json"
IDP_REALM = REPOSITORY / "keycloak" / "idp-realm.json"
OTHER_REALM = REPOSITORY / "keycloak" / "other-realm.json"
API_CLIENTS = ("sample-app",)
_SAMPLE_NAME = "Orders"
_FILE_PORTAL = "http://localhost:8000"


@dataclass(frozen=True)
class Addresses:
    """Where things are reached. `backchannel` is the portal as Keycloak reaches it (empty: the same)."""

    portal: str = "http://localhost:8000"
    sample: str = "http://localhost:8001"
    backchannel: str = ""
    mail_port: int = 1025


@dataclass(frozen=True)
class Secrets:
    """The client secrets of one realm, by client id."""

    by_client: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, client_id: str) -> str:
        return self.by_client[client_id]


def template(path: Path = REALM_EXPORT, name: str = "") -> dict[str, Any]:
    """A realm file's content, under another name if one is given."""
    text = path.read_text(encoding="utf-8")
    own = json.loads(text)["realm"]
    name = name or own
    for before in (f"default-roles-{own}", f"/realms/{own}/", f"{_FILE_PORTAL}/{own}/"):
        text = text.replace(before, before.replace(own, name))
    return {**json.loads(text), "realm": name}


def create_realm(admin: Admin, content: dict[str, Any]) -> bool:
    """Import a realm; False if it is there already."""
    if admin.get(f"/admin/realms/{content['realm']}"):
        return False
    admin.post("/admin/realms", content)
    return True


def provision(admin: Admin, addresses: Addresses, name: str, path: Path = REALM_EXPORT) -> Secrets:
    """A realm named `name` from a file, ready for a portal at `addresses`; what exists is brought up to date."""
    create_realm(admin, template(path, name))
    return configure(admin, addresses, name)


def configure(admin: Admin, addresses: Addresses, realm: str, theme: str = "") -> Secrets:
    """Set the addresses of mail, portal and applications; returns the secrets of the clients that have one."""
    _configure_realm(admin, addresses, realm, theme)
    present = {client["clientId"]: client for client in admin.get(f"/admin/realms/{realm}/clients", max=500)}
    wanted = {key: value for key, value in _client_changes(addresses, realm).items() if key in present}
    for client_id, change in wanted.items():
        # Left out, web origins would be filled from the redirect addresses.
        body = {"clientId": client_id, "webOrigins": [], **change}
        admin.put(f"/admin/realms/{realm}/clients/{present[client_id]['id']}", body)
    secret = [
        client_id for client_id in (*wanted, "portal-read", "portal-setup", "portal-accounts") if client_id in present
    ]
    return Secrets({client_id: admin.client_secret(realm, client_id) for client_id in secret})


def ensure_api_scope(admin: Admin, realm: str) -> None:
    """Make the scope `portal-api` in a realm whose file leaves the scopes to Keycloak."""
    path = f"/admin/realms/{realm}/client-scopes"
    scope = wanted.api_scope(wanted.Target(realm, "", ""))
    if scope["name"] not in {present["name"] for present in admin.get(path)}:
        admin.post(path, scope)


def give_service_roles(admin: Admin, realm: str) -> None:
    """Give the service accounts the roles that exist only with the organizations extension."""
    target = wanted.Target(realm, "", "", accounts=True)
    management = admin.client_uuid(realm, "realm-management")
    for client in wanted.clients(target):
        if client.service_roles and admin.get(f"/admin/realms/{realm}/clients", clientId=client.id):
            uuid = admin.client_uuid(realm, client.id)
            user = admin.get(f"/admin/realms/{realm}/clients/{uuid}/service-account-user")["id"]
            roles = [
                admin.get(f"/admin/realms/{realm}/clients/{management}/roles/{name}") for name in client.service_roles
            ]
            for path in (f"users/{user}/role-mappings", f"clients/{uuid}/scope-mappings"):
                admin.post(f"/admin/realms/{realm}/{path}/clients/{management}", roles)


def _configure_realm(admin: Admin, addresses: Addresses, realm: str, theme: str) -> None:
    path = f"/admin/realms/{realm}"
    present = admin.get(path)
    kept = present.get("attributes", {})
    attributes = {
        "portal.apiClients": " ".join(API_CLIENTS),
        **kept,
        "portal.returnOrigins": _with_sample(kept.get("portal.returnOrigins", ""), addresses.sample),
    }
    if return_default(attributes, loopback=True) is None:
        # Without one, no setup link can be made.
        attributes["portal.returnUrl"] = f"{addresses.sample}/"
    smtp = {**present.get("smtpServer", {}), "host": "localhost", "port": str(addresses.mail_port)}
    themes = {key: theme for key in ("loginTheme", "emailTheme") if theme and not present.get(key)}
    admin.put(path, {"realm": realm, "attributes": attributes, "smtpServer": smtp, **themes})


def _with_sample(origins: str, sample: str) -> str:
    """The list with the sample application's present address, and whatever else somebody put there."""
    others = [line for line in origins.splitlines() if line.strip() and not line.endswith(f" {_SAMPLE_NAME}")]
    return "\n".join([f"{sample} {_SAMPLE_NAME}", *others])


def _client_changes(addresses: Addresses, realm: str) -> dict[str, dict[str, Any]]:
    base = f"{addresses.portal}/{realm}"
    back = f"{addresses.backchannel or addresses.portal}/{realm}/signin/backchannel-logout"
    sign_in = {"post.logout.redirect.uris": f"{base}/signed-out", "backchannel.logout.url": back}
    after = {"post.logout.redirect.uris": f"{addresses.sample}/"}
    return {
        "portal": {"baseUrl": f"{base}/", "redirectUris": [f"{base}/signin/callback"], "attributes": sign_in},
        "portal-operator": {
            "baseUrl": f"{base}/",
            "redirectUris": [f"{base}/settings/callback"],
            "attributes": sign_in,
        },
        "portal-test": {"baseUrl": f"{base}/sso/test", "redirectUris": [f"{base}/sso/test/callback"]},
        "sample-app": _application(addresses.sample, "/", after),
        "calendar-app": _application(addresses.sample, "/calendar/", after),
    }


def _application(sample: str, path: str, attributes: dict[str, str]) -> dict[str, Any]:
    return {"rootUrl": sample, "redirectUris": [f"{sample}{path}callback"], "attributes": attributes}


def connect_identity_provider(admin: Admin, realm: str, idp: str = "idp") -> None:
    """Point the identity providers `idp-oidc` and `idp-saml` of a realm at another realm of the same server."""
    base = f"{admin.public_url}/realms/{idp}"
    pattern = [f"{admin.public_url}/realms/*"]
    for client_id in ("demo-oidc", "demo-saml"):
        uuid = admin.client_uuid(idp, client_id)
        admin.put(f"/admin/realms/{idp}/clients/{uuid}", {"clientId": client_id, "redirectUris": pattern})
    _accept_realm(admin, realm, idp)
    _set_provider(
        admin, realm, "idp-oidc", {**_oidc_endpoints(base), "clientSecret": admin.client_secret(idp, "demo-oidc")}
    )
    _set_provider(admin, realm, "idp-saml", {**_saml_endpoints(base), "signingCertificate": _certificate(admin, idp)})


def _accept_realm(admin: Admin, realm: str, idp: str) -> None:
    """Let the identity provider know the realm by its issuer, as connections that are set up in the portal need it."""
    issuer, path = f"{admin.public_url}/realms/{realm}", f"/admin/realms/{idp}/clients"
    if admin.get(path, clientId=issuer):
        return
    model = admin.get(path, clientId="demo-saml")[0]
    mappers = [{key: value for key, value in each.items() if key != "id"} for each in model["protocolMappers"]]
    kept = {key: value for key, value in model.items() if key not in {"id", "secret"}}
    name = f"Connections of realm {realm}"
    admin.post(path, {**kept, "clientId": issuer, "name": name, "protocolMappers": mappers})


def _set_provider(admin: Admin, realm: str, alias: str, config: dict[str, str]) -> None:
    path = f"/admin/realms/{realm}/identity-provider/instances/{alias}"
    present = admin.get(path)
    if present:
        admin.put(path, {**present, "config": {**present["config"], **config}})


def _oidc_endpoints(base: str) -> dict[str, str]:
    names = {
        "authorizationUrl": "auth",
        "tokenUrl": "token",
        "userInfoUrl": "userinfo",
        "logoutUrl": "logout",
        "jwksUrl": "certs",
    }
    return {"issuer": base, **{key: f"{base}/protocol/openid-connect/{name}" for key, name in names.items()}}


def _saml_endpoints(base: str) -> dict[str, str]:
    saml = f"{base}/protocol/saml"
    return {"idpEntityId": base, "singleSignOnServiceUrl": saml, "singleLogoutServiceUrl": saml}


def _certificate(admin: Admin, realm: str) -> str:
    keys = admin.get(f"/admin/realms/{realm}/keys")
    active = keys["active"]["RS256"]
    return str(next(key["certificate"] for key in keys["keys"] if key["kid"] == active))
