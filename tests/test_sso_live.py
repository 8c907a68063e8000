"""What is read of a running identity provider works in Keycloak, and its real answers are judged rightly."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from cast import Person, make_person
from outbound_doubles import loopback
from playwright.sync_api import Page, Request
from stack import Stack
from test_linked import sign_in_there

from portal.clients.outbound import Policy, fetch
from portal.sso import fetching, id_token, keycloak_config, saml_response
from portal.sso.changes import oidc_changes, saml_changes
from portal.sso.judgement import Judgement
from portal.sso.saml_metadata import SamlMetadata

SIGNED_RESPONSE = {"saml.server.signature": "true", "saml.assertion.signature": "false"}
UNSIGNED = {"saml.server.signature": "false", "saml.assertion.signature": "false"}


@pytest.fixture(scope="module")
def realm(make_realm: Callable[..., str]) -> str:
    """A realm whose people sign in elsewhere."""
    return make_realm()


@pytest.fixture(scope="module")
def admin(stack: Stack) -> Iterator[Any]:
    found = stack.admin()
    yield found
    found.close()


def base(stack: Stack, realm: str = "idp") -> str:
    return f"{stack.keycloak_url}/realms/{realm}"


def policy(stack: Stack) -> Policy:
    host = stack.keycloak_url.partition("://")[2]
    return loopback(f"{host} in 127.0.0.0/8", f"{host} in ::1/128")


def described(stack: Stack) -> SamlMetadata:
    return fetching.fetch_saml(f"{base(stack)}/protocol/saml/descriptor", policy(stack))


def imported(admin: Any, protocol: str, url: str, stack: Stack) -> dict[str, str]:
    """What Keycloak's own import makes of the same document."""
    document = fetch(url, policy(stack)).body
    path = "/admin/realms/demo/identity-provider/import-config"
    answer = admin._send("POST", path, data={"providerId": protocol}, files={"file": document})
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


def connect(admin: Any, realm: str, protocol: str, alias: str, config: dict[str, str]) -> None:
    """A provider with this config, and with the mappers of the demonstration's."""
    body = {"alias": alias, "providerId": protocol, "enabled": True, "trustEmail": True, "config": config}
    path = f"/admin/realms/{realm}/identity-provider/instances"
    admin.post(path, body)
    for each in admin.get(f"{path}/idp-{protocol}/mappers"):
        mapper = {name: value for name, value in each.items() if name != "id"}
        admin.post(f"{path}/{alias}/mappers", {**mapper, "identityProviderAlias": alias})


def application(admin: Any, stack: Stack, like: str, client_id: str, **changed: Any) -> str:
    """A client of the identity provider like one of the demonstration's; returns its id."""
    [found] = admin.get("/admin/realms/idp/clients", clientId=like)
    kept = {name: value for name, value in found.items() if name not in {"id", "secret", "access"}}
    mappers = [{k: v for k, v in each.items() if k != "id"} for each in kept.pop("protocolMappers", [])]
    addresses = [f"{stack.keycloak_url}/realms/*"]
    body = {**kept, "clientId": client_id, "redirectUris": addresses, "protocolMappers": mappers, **changed}
    return str(admin.post("/admin/realms/idp/clients", body))


def through(open_page: Any, realm: str, alias: str, someone: Person) -> Page:
    """Sign in at the provider; ends where Keycloak goes on, or stops."""
    page: Page = open_page(f"/{realm}/permissions")
    page.goto(f"{page.url}&kc_idp_hint={alias}")
    sign_in_there(page, someone)
    page.wait_for_url(lambda url: "/realms/idp/" not in url)
    page.wait_for_load_state()
    return page


def by_saml(open_page: Any, realm: str, alias: str, someone: Person) -> tuple[Page, str]:
    """The same, with the answer that the browser carried."""
    carried: list[str] = []

    def seen(request: Request) -> None:
        if request.method == "POST" and f"/broker/{alias}/endpoint" in request.url:
            carried.extend(parse_qs(request.post_data or "")["SAMLResponse"])

    def watched(path: str) -> Page:
        page: Page = open_page(path)
        page.on("request", seen)
        return page

    page = through(watched, realm, alias, someone)
    [answer] = carried
    return page, answer


def arrive(stack: Stack, page: Page) -> None:
    if "first-broker-login" in page.url:
        page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{stack.portal_url}/**")


def judged(stack: Stack, realm: str, alias: str, answer: str, **changed: Any) -> Judgement:
    own, plain = base(stack, realm), frozenset({stack.keycloak_url})
    return saml_response.judge(answer, saml_response.SamlExpected(**{
        "issuer": base(stack), "audience": own, "recipients": (f"{own}/broker/{alias}/endpoint",),
        "certificates": described(stack).certificates, "received": datetime.now(UTC), "skew": 5,
        "attributes": ("email", "firstName"), "plain": plain, **changed}))  # fmt: skip


def test_our_config_is_what_the_servers_own_import_makes(admin: Any, stack: Stack) -> None:
    address = f"{base(stack)}/protocol/saml/descriptor"
    theirs, ours = imported(admin, "saml", address, stack), keycloak_config.saml_config(described(stack), "us")
    unused = {"loginHint", "addExtensionsElementWithKeyInfo", "enabledFromMetadata"}
    assert {name for name in theirs if theirs[name] != ours.get(name)} - unused == {
        "artifactResolutionServiceUrl", "artifactBindingResponse"  # the server would fetch by itself
    }  # fmt: skip
    found = fetching.fetch_discovery(base(stack), policy(stack))
    theirs = imported(admin, "oidc", f"{base(stack)}{fetching.WELL_KNOWN}", stack)
    config = keycloak_config.oidc_config(found, "us")
    assert {name for name in theirs if theirs[name] != config.get(name)} == {"tokenIntrospectionUrl"}


def test_a_realm_does_not_become_its_own_provider(stack: Stack) -> None:
    from portal.errors import Invalid

    own = frozenset({base(stack)})
    for call in (
        lambda: fetching.fetch_saml(f"{base(stack)}/protocol/saml/descriptor", policy(stack), own=own),
        lambda: fetching.fetch_discovery(base(stack), policy(stack), own=own),
    ):
        with pytest.raises(Invalid) as caught:
            call()
        assert "very sign-in" in caught.value.errors["url"]


def test_people_sign_in_by_saml_with_what_was_read(stack: Stack, admin: Any, realm: str, open_page: Any) -> None:
    alias, found = f"saml-{uuid.uuid4().hex[:8]}", described(stack)
    client = application(admin, stack, "demo-saml", base(stack, realm))
    config = keycloak_config.saml_config(found, base(stack, realm))
    connect(admin, realm, "saml", alias, config)
    saved = admin.get(f"/admin/realms/{realm}/identity-provider/instances/{alias}")["config"]
    assert saml_changes(keycloak_config.saml_reading(saved), found) == ()
    page, answer = by_saml(open_page, realm, alias, make_person(stack, "idp", email=address()))
    arrive(stack, page)
    told = judged(stack, realm, alias, answer)
    assert told.passed, told.findings
    assert told.signers == (found.certificates[0].fingerprint,)
    assert told.email.endswith("@umbrella.test")
    assert {each.outcome for each in told.checks} == {"ok"}
    assert "recipient-wrong" in codes(judged(stack, realm, alias, answer, recipients=("https://b.test",)))
    assert "audience-wrong" in codes(judged(stack, realm, alias, answer, audience="https://b.test"))
    assert "certificate-exchanged" in codes(judged(stack, realm, alias, answer, certificates=()))
    signing(admin, client, SIGNED_RESPONSE)
    page, answer = by_saml(open_page, realm, alias, make_person(stack, "idp", email=address()))
    arrive(stack, page)
    assert judged(stack, realm, alias, answer).passed
    assert codes(judged(stack, realm, alias, answer, assertions_signed=True)) == ["assertion-unsigned"]
    signing(admin, client, UNSIGNED)
    page, answer = by_saml(open_page, realm, alias, make_person(stack, "idp", email=address()))
    assert "first-broker-login" not in page.url
    assert not page.url.startswith(stack.portal_url)
    assert codes(judged(stack, realm, alias, answer)) == ["unsigned"]


def address() -> str:
    return f"p{uuid.uuid4().hex[:8]}@umbrella.test"


def codes(found: Judgement) -> list[str]:
    return [each.code for each in found.findings]


def signing(admin: Any, client: str, attributes: dict[str, str]) -> None:
    path = f"/admin/realms/idp/clients/{client}"
    present = admin.get(path)
    admin.put(path, {**present, "attributes": {**present["attributes"], **attributes}})


def test_people_sign_in_by_openid_connect_with_what_was_read(
    stack: Stack, admin: Any, realm: str, open_page: Any
) -> None:
    alias, found = f"oidc-{uuid.uuid4().hex[:8]}", fetching.fetch_discovery(base(stack), policy(stack))
    application(admin, stack, "demo-oidc", alias, secret="s", directAccessGrantsEnabled=True)
    config = keycloak_config.oidc_config(found, alias, secret="s")
    assert (config["pkceEnabled"], config["clientAuthMethod"]) == ("true", "client_secret_post")
    connect(admin, realm, "oidc", alias, config)
    saved = admin.get(f"/admin/realms/{realm}/identity-provider/instances/{alias}")["config"]
    assert oidc_changes(keycloak_config.oidc_reading(saved), found) == ()
    assert "clientSecret" not in keycloak_config.oidc_config(found, alias) and saved["clientSecret"] == "*" * 10
    someone = make_person(stack, "idp", email=address())
    page = through(open_page, realm, alias, someone)
    arrive(stack, page)
    told = token(stack, alias, someone, "s")
    assert told.passed, told.findings
    assert told.email == someone.email
    assert codes(token(stack, alias, someone, "wrong")) == ["client-wrong"]
    assert codes(token(stack, alias, someone, "s", client_id="other")) == ["token-audience"]


def token(stack: Stack, client: str, someone: Person, secret: str, **changed: Any) -> Judgement:
    """An ID token as the provider gives it out, judged with the keys it publishes."""
    found = fetching.fetch_discovery(base(stack), policy(stack))
    form = {"grant_type": "password", "client_id": client, "client_secret": secret, "scope": "openid email",
            "username": someone.username, "password": someone.password}  # fmt: skip
    answer = requests.post(found.token_endpoint, data=form, timeout=20).json()
    keys = fetching.fetch_keys(found.jwks_uri, policy(stack))
    usual = {"issuer": found.issuer, "client_id": client, "keys": keys, "received": datetime.now(UTC), "skew": 5}
    return id_token.judge(answer, id_token.OidcExpected(**{**usual, **changed}))
