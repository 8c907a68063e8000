"""Connections towards realm idp, saved by the portal's own code in the place of a page, and sign-ins through them."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urljoin

from cast import PASSWORD, Client, make_person
from identity_documents import body, key, make_certificate
from inside import background, publish
from stack import Stack

from portal.access import Facts
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.demo.organizations import ALL_ROLES
from portal.domains.records import record_name, record_value
from portal.services import Services
from portal.sso import saving, trials
from portal.sso.certificates import read_certificates
from portal.store import connections, now
from portal.store.models_sso import Connection

FIELDS = {"email": "email", "firstName": "given_name", "lastName": "family_name"}
OPERATOR = ("view-organizations", "manage-organizations")
TESTING = {"client_id": "portal-test", "scope": "openid"}


def actor_of(
    place: Any, roles: Iterable[str] = ALL_ROLES, *, realm_roles: Iterable[str] = (), services: Services | None = None
) -> Actor:
    """Somebody with these roles, as the gate makes him of a session."""
    known = services or background(place.stack)
    facts = Facts(signed_in=True, member=True, organization_roles=frozenset(roles), realm_roles=frozenset(realm_roles))
    return Actor(
        "person", known.realm(place.realm), place.someone.id, username=place.someone.username, name="Tess Tester",
        facts=facts, organization=Organization(place.id, place.name, place.name.capitalize()), own_services=known,
    )  # fmt: skip


def new_alias() -> str:
    """An alias as the portal makes them."""
    return f"t-{uuid.uuid4().hex[:16]}"


def oidc_config(stack: Stack, idp: str = "idp") -> dict[str, str]:
    """What a wizard makes of the provider's discovery document."""
    base = f"{stack.keycloak_url}/realms/{idp}"
    names = {"authorizationUrl": "auth", "tokenUrl": "token", "userInfoUrl": "userinfo", "jwksUrl": "certs"}
    return {
        **{key: f"{base}/protocol/openid-connect/{name}" for key, name in names.items()},
        "issuer": base, "clientId": "demo-oidc", "useJwksUrl": "true", "validateSignature": "true",
        "clientAuthMethod": "client_secret_post", "defaultScope": "openid profile email", "pkceEnabled": "true",
        "pkceMethod": "S256",
    }  # fmt: skip


def saml_config(stack: Stack, realm: str = "demo") -> dict[str, str]:
    """What a wizard makes of the provider's metadata."""
    path = f"/admin/realms/{realm}/identity-provider/instances/idp-saml"
    kept = stack.admin().get(path)["config"]
    names = (
        "idpEntityId", "singleSignOnServiceUrl", "signingCertificate", "validateSignature", "wantAssertionsSigned",
        "postBindingResponse", "postBindingAuthnRequest", "wantAuthnRequestsSigned", "nameIDPolicyFormat", "entityId",
        "signatureAlgorithm", "principalType",
    )  # fmt: skip
    return {name: kept[name] for name in names if name in kept}


def draft(place: Any, actor: Actor | None = None, alias: str = "", domains: Iterable[str] = ()) -> Connection:
    """A draft by OIDC, saved as the wizard saves it."""
    secret = place.stack.admin().client_secret("idp", "demo-oidc")
    return saving.save_draft(
        actor or actor_of(place), alias or new_alias(), "generic-oidc", "oidc", config=oidc_config(place.stack),
        secret=secret, attributes=FIELDS, domains=list(domains),
    )  # fmt: skip


def saml_draft(place: Any) -> Connection:
    """A draft by SAML, saved as the wizard saves it."""
    return saving.save_draft(
        actor_of(place), new_alias(), "generic-saml", "saml", config=saml_config(place.stack), secret="",
        attributes={"email": "email"}, domains=[],
    )  # fmt: skip


def elsewhere(place: Any, *mappers: dict[str, Any], enabled: bool = True) -> str:
    """A connection by OIDC that somebody made without the portal, with these mappers; its alias.

    Making an enabled one unlinks the organization's others.
    """
    admin, alias = place.stack.admin(), f"Vendor-{uuid.uuid4().hex[:6]}"
    secret = admin.client_secret("idp", "demo-oidc")
    config = {**oidc_config(place.stack), "clientSecret": secret, "syncMode": "FORCE", "guiOrder": "7"}
    own = {"alias": alias, "providerId": "oidc", "enabled": enabled, "trustEmail": True, "config": config}
    path = f"/realms/{place.realm}/orgs/{place.id}/idps"
    admin.post(path, own)
    for mapper in mappers:
        admin.post(f"{path}/{alias}/mappers", {**mapper, "identityProviderAlias": alias})
    return alias


def waiting(place: Any) -> str:
    """A draft for which another sign-out address waits for a decision; its alias."""
    row, known = draft(place), background(place.stack)
    config = {**oidc_config(place.stack), "logoutUrl": f"{place.stack.keycloak_url}/realms/idp/other"}
    connections.change(known.store, row, reading={"config": config, "by": "Tess Tester"})
    return str(row.alias)


def seen(place: Any, alias: str) -> str:
    """What the page says of which metadata it asks about."""
    page = place.browser.get(f"o/{place.name}/sso/{alias}/metadata/apply").text
    return re.findall(r'name="seen" value="([^"]+)"', page)[0]


def expired(place: Any) -> str:
    """A certificate of this organization's own that has expired, as Keycloak keeps it."""
    return body(make_certificate(key("expired"), days=-1, since=400, name=f"{place.name}.test"))


def twofold(place: Any) -> str:
    """A draft by SAML that trusts its provider's certificate and one that has expired; its alias."""
    row, config = saml_draft(place), saml_config(place.stack)
    old = expired(place)
    place.made["old"] = read_certificates(old)[0].fingerprint
    saving.change(actor_of(place), row.alias, config={"signingCertificate": f"{config['signingCertificate']},{old}"})
    return str(row.alias)


def trial(place: Any, alias: str) -> str:
    """A new test sign-in; its id."""
    return str(trials.start(actor_of(place), alias).id)


def passed(place: Any, row: Connection) -> None:
    """A test of what is saved passed."""
    store = place.stack.store()
    connections.change(store, row, tested=now())
    store.engine.dispose()


def prove_domain(place: Any) -> str:
    """A verified domain of the organization."""
    name = f"d{uuid.uuid4().hex[:12]}.test"
    publish(place.stack, record_name(name), record_value(name, place.id))
    admin = place.stack.admin()
    found = place.read()
    place.write(domains=[*found.get("domains", ()), name])
    admin.post(f"/realms/{place.realm}/orgs/{place.id}/domains/{name}/verify")
    return name


def active(place: Any, actor: Actor | None = None) -> Connection:
    """A connection by which people of a verified domain sign in."""
    if not verified(place):
        prove_domain(place)
    row = draft(place, actor)
    passed(place, row)
    return saving.activate(actor or actor_of(place), row.alias)


def verified(place: Any) -> list[str]:
    """The verified domains of the organization at Keycloak."""
    found = place.stack.admin().get(f"/realms/{place.realm}/orgs/{place.id}/domains") or ()
    return [each["domain_name"] for each in found if each["verified"]]


def roles_by_email(place: Any) -> dict[str, set[str]]:
    """Members of the organization by address, with their roles there."""
    found = place.stack.admin().get(f"/realms/{place.realm}/orgs/{place.id}/members", includeOrgs="true")
    return {each["email"]: {role["name"] for role in _roles_here(place, each)} for each in found}


def _roles_here(place: Any, member: dict[str, Any]) -> list[dict[str, Any]]:
    here = (member.get("organizations") or {}).get(place.id) or []
    return [each if isinstance(each, dict) else {"name": each} for each in here]


def provider(place: Any, alias: str) -> dict[str, Any] | None:
    """What Keycloak holds; None if it is not there."""
    found: dict[str, Any] | None = place.stack.admin().get(
        f"/admin/realms/{place.realm}/identity-provider/instances/{alias}"
    )
    return found


def mappers(place: Any, alias: str) -> dict[str, dict[str, Any]]:
    """Its mappers by name."""
    path = f"/admin/realms/{place.realm}/identity-provider/instances/{alias}/mappers"
    return {each["name"]: each for each in place.stack.admin().get(path) or ()}


def arrive(place: Any, alias: str, email: str, client_id: str = "sample-app", **query: str) -> str:
    """A new person of the provider signs in through it; the last page's address and words."""
    someone = make_person(place.stack, "idp", email=email)
    return come(place, alias, someone.username, client_id, **query)


def come(place: Any, alias: str, username: str, client_id: str = "sample-app", **query: str) -> str:
    """Somebody whom the provider knows signs in through it; the last page's address and words."""
    return _come(Client(place.stack, place.realm), alias, username, client_id, **query)


def enter(place: Any, alias: str, username: str) -> Client:
    """The same, and on into the portal with the session that this made."""
    browser = Client(place.stack, place.realm)
    _come(browser, alias, username, "sample-app")
    browser.http.get(f"{place.stack.portal_url}/{place.realm}/signin", timeout=30)
    return browser


def _come(browser: Client, alias: str, username: str, client_id: str, **query: str) -> str:
    stack, realm = browser.stack, browser.realm
    [client] = stack.admin().get(f"/admin/realms/{realm}/clients", clientId=client_id)
    asked = {
        "client_id": client_id, "redirect_uri": client["redirectUris"][0], "response_type": "code", "scope": "openid",
        "kc_idp_hint": alias, "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256", **query,
    }  # fmt: skip
    address = f"{stack.keycloak_url}/realms/{realm}/protocol/openid-connect/auth?{urlencode(asked)}"
    answer = browser.http.get(address, timeout=30)
    for _ in range(4):
        action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
        if "/realms/idp/" not in answer.url or not action:
            break
        fields = {"username": username, "password": PASSWORD}
        answer = browser.http.post(urljoin(answer.url, html.unescape(action[1])), data=fields, timeout=30)
    return f"{answer.url} {' '.join(re.sub(r'<[^>]+>', ' ', answer.text).split())}"


def account(place: Any, email: str) -> dict[str, Any] | None:
    """The account with this address in the organization's realm."""
    found = place.stack.admin().get(f"/admin/realms/{place.realm}/users", email=email, exact="true")
    return dict(found[0]) if found else None
