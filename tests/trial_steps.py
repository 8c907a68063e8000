"""Drafts of single sign-on towards realm idp, made by the administrator's API, and the way through a test sign-in."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from cast import Person
from inside import background
from organization_holdings import Place
from playwright.sync_api import Page
from stack import Stack

from portal.clients.connections_allowed import DRAFT_FLOW
from portal.store import now
from portal.store.models_sso import Connection, Setup

FIELDS = ("email", "firstName", "lastName")


@dataclass
class Draft:
    """A draft of one organization, with a client of its own at the provider: realm idp, or `house`.

    `config` is laid over its own.
    """

    place: Place
    protocol: str
    config: dict[str, str] = field(default_factory=dict)
    mapped: tuple[str, ...] = FIELDS
    house: str = "idp"
    alias: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:10]}")

    def __post_init__(self) -> None:
        stack, realm = self.place.stack, self.place.realm
        self.admin, self.idp = stack.admin(), f"{stack.keycloak_url}/realms/{self.house}"
        self.endpoint = f"{stack.keycloak_url}/realms/{realm}/broker/{self.alias}/endpoint"
        self.second = f"{stack.portal_url}/{realm}/sso/test/{'acs' if self.saml else 'oidc'}"
        self.base = f"/realms/{realm}/orgs/{self.place.id}/idps"
        self._client()
        self._provider()
        for name in self.mapped if self.saml else ():
            self._mapper(name)
        self._row()

    @property
    def saml(self) -> bool:
        """Whether it is by SAML."""
        return self.protocol == "saml"

    @property
    def there(self) -> str:
        """The path of its client at the provider."""
        return f"/admin/realms/{self.house}/clients/{self.admin.client_uuid(self.house, self.alias)}"

    @property
    def trials(self) -> str:
        """The page of its test sign-ins, below the realm."""
        return f"o/{self.place.name}/sso/{self.alias}/test"

    def _client(self) -> None:
        model = self.admin.get("/admin/realms/idp/clients", clientId=f"demo-{self.protocol}")[0]
        kept = {k: v for k, v in model.items() if k not in {"id", "secret"}}
        mappers = [{k: v for k, v in m.items() if k != "id"} for m in model.get("protocolMappers", [])]
        own = {"clientId": self.alias, "redirectUris": [self.endpoint, self.second], "protocolMappers": mappers}
        self.admin.post(f"/admin/realms/{self.house}/clients", {**kept, **own})

    def _provider(self) -> None:
        body = {
            "alias": self.alias, "providerId": self.protocol, "enabled": False, "hideOnLogin": True,
            "storeToken": True, "addReadTokenRoleOnCreate": True, "trustEmail": True,
            "firstBrokerLoginFlowAlias": DRAFT_FLOW,
            "config": {"syncMode": "FORCE", **(self._saml() if self.saml else self._oidc()), **self.config},
        }  # fmt: skip
        self.admin.post(self.base, body)
        self.admin.put(f"{self.base}/{self.alias}", {**self.read(), "enabled": True})

    def read(self) -> dict[str, Any]:
        """As Keycloak has it."""
        return dict(self.admin.get(f"{self.base}/{self.alias}"))

    def change(self, **config: str) -> None:
        """Change its configuration at Keycloak."""
        present = self.read()
        self.admin.put(f"{self.base}/{self.alias}", {**present, "config": {**present["config"], **config}})

    def change_there(self, attributes: dict[str, str] | None = None, **fields: Any) -> None:
        """Change its client in realm idp."""
        present = self.admin.get(self.there)
        merged = {**present["attributes"], **(attributes or {})}
        self.admin.put(self.there, {**present, **fields, "attributes": merged})

    def _oidc(self) -> dict[str, str]:
        at = f"{self.idp}/protocol/openid-connect"
        return {
            "clientId": self.alias, "clientSecret": self.admin.client_secret(self.house, self.alias),
            "issuer": self.idp, "clientAuthMethod": "client_secret_post", "authorizationUrl": f"{at}/auth",
            "tokenUrl": f"{at}/token", "userInfoUrl": f"{at}/userinfo", "jwksUrl": f"{at}/certs", "useJwksUrl": "true",
            "validateSignature": "true", "pkceEnabled": "true", "pkceMethod": "S256",
            "defaultScope": "openid email profile",
        }  # fmt: skip

    def _saml(self) -> dict[str, str]:
        return {
            "entityId": self.alias, "idpEntityId": self.idp, "singleSignOnServiceUrl": f"{self.idp}/protocol/saml",
            "signingCertificate": certificate(self.place.stack, self.house), "validateSignature": "true",
            "wantAssertionsSigned": "true", "postBindingResponse": "true", "postBindingAuthnRequest": "false",
            "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "principalType": "SUBJECT",
            "allowCreate": "true",
        }  # fmt: skip

    def _mapper(self, name: str) -> None:
        body = {
            "name": name, "identityProviderAlias": self.alias,
            "identityProviderMapper": "saml-user-attribute-idp-mapper",
            "config": {"syncMode": "INHERIT", "attribute.name": name, "user.attribute": name},
        }  # fmt: skip
        self.admin.post(f"{self.base}/{self.alias}/mappers", body)

    def _row(self) -> None:
        row = Connection(
            realm=self.place.realm, alias=self.alias, organization=self.place.id, guide=f"keycloak-{self.protocol}",
            protocol=self.protocol, state="draft", domains=[], created=now(), set_up_by=self.place.someone.id,
        )  # fmt: skip
        store = self.place.stack.store()
        with store.write() as session:
            session.add(row)
        store.engine.dispose()

    def people(self) -> list[dict[str, Any]]:
        """Accounts that are linked to it."""
        path = f"/admin/realms/{self.place.realm}/users"
        return list(self.admin.get(path, idpAlias=self.alias, enabled="true"))


def certificate(stack: Stack, realm: str = "idp") -> str:
    """The present signing certificate of a realm."""
    keys = stack.admin().get(f"/admin/realms/{realm}/keys")
    active = keys["active"]["RS256"]
    return str(next(key["certificate"] for key in keys["keys"] if key["kid"] == active))


def begin(draft: Draft) -> str:
    """Press the button; the page of the test, below the realm."""
    answer = draft.place.browser.post(draft.trials)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).partition(f"/{draft.place.realm}/")[2]


def address(draft: Draft, test: str) -> str:
    """The test address on the page."""
    found = re.search(r'id="test-address" readonly value="([^"]+)"', draft.place.browser.get(test).text)
    assert found
    return found[1]


def go(open_page: Any, at: str, someone: Person) -> Page:
    """Open the address in a browser of its own, go on, and sign in at the identity provider."""
    page = open_page(at)
    press(page)
    sign_in_at(page, someone)
    return page  # type: ignore[no-any-return]


def press(page: Page) -> None:
    """From the test address to the identity provider."""
    page.get_by_role("button", name="Start the test").click()
    page.get_by_role("link", name="Go to the identity provider").click()


def sign_in_at(page: Page, someone: Person) -> None:
    """Fill in the login page of the identity provider."""
    page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")
    page.wait_for_load_state()


def come_in(open_page: Any, place: Place, alias: str, someone: Person) -> Page:
    """Sign in through this connection in a browser of its own, on the way to the membership page."""
    page = open_page(f"/{place.realm}/o/{place.name}/membership")
    page.goto(f"{page.url}&kc_idp_hint={alias}")
    sign_in_at(page, someone)
    return page  # type: ignore[no-any-return]


def enter_secret(draft: Draft, secret: str = "") -> None:
    """The client secret as somebody entered it in the wizard; without one the right one."""
    services, row_id = background(draft.place.stack), uuid.uuid4().hex
    value = json.dumps({"client_secret": secret or draft.admin.client_secret("idp", draft.alias)})
    sealed = services.vault.seal(value, draft.place.realm, "setup", "secrets", row_id)
    with services.store.write() as session:
        session.add(
            Setup(
                id=row_id, realm=draft.place.realm, organization=draft.place.id, guide="generic-oidc",
                alias=draft.alias, secrets=sealed, state="saved", created=now(), changed=now(), by="",
            )
        )  # fmt: skip
