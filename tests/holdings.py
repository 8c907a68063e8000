"""Somebody who has one of everything: sessions, sign-in methods, links, consents, records. Made only when named."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

import pyotp
from cast import PASSWORD, Client, Person
from sqlalchemy import select
from stack import Stack

from portal.demo import people
from portal.store.models import AuditRow

EVERY_ROLE = (
    "view-profile", "manage-account", "manage-account-links", "view-applications", "view-consent", "manage-consent",
    "view-groups", "delete-account",
)  # fmt: skip
SEED = "a-seed-of-twenty-byt"


def otp() -> dict[str, str]:
    """An authenticator app as Keycloak keeps it."""
    kept = {"subType": "totp", "digits": 6, "period": 30, "counter": 0, "algorithm": "HmacSHA1"}
    return {
        "type": "otp", "userLabel": "Phone", "secretData": json.dumps({"value": SEED}),
        "credentialData": json.dumps(kept),
    }  # fmt: skip


def passkey() -> dict[str, str]:
    """A passkey as Keycloak keeps it; no authenticator knows its key."""
    kept = {"credentialId": "AAAA", "aaguid": "", "counter": 0, "credentialPublicKey": "AAAA", "transports": []}
    return {
        "type": "webauthn-passwordless", "userLabel": "Laptop", "secretData": "{}", "credentialData": json.dumps(kept),
    }  # fmt: skip


def code(later: int = 0) -> str:
    """What the authenticator app shows now, or shows next: Keycloak takes each code once."""
    return pyotp.TOTP(base64.b32encode(SEED.encode()).decode()).at(int(time.time()) + 30 * later)


def make_holder(stack: Stack, realm: str = "demo", roles: tuple[str, ...] = EVERY_ROLE) -> Person:
    """A person with password, authenticator app and passkey, and exactly these roles of client `account`."""
    name = f"h{uuid.uuid4().hex[:10]}"
    admin = stack.admin()
    password = {"type": "password", "value": PASSWORD, "temporary": False}
    user_id = admin.post(
        f"/admin/realms/{realm}/users",
        {
            "username": name, "email": f"{name}@tests.test", "emailVerified": True, "enabled": True,
            "firstName": "Hal", "lastName": "Holder", "credentials": [password, otp(), passkey()],
        },
    )  # fmt: skip
    admin.delete(
        f"/admin/realms/{realm}/users/{user_id}/role-mappings/realm",
        [admin.get(f"/admin/realms/{realm}/roles/default-roles-{realm}")],
    )
    if roles:
        people.give_client_roles(admin, realm, user_id, "account", *roles)
    admin.close()
    return Person(stack, realm, name, f"{name}@tests.test", PASSWORD, user_id)


def enter(client: Client, someone: Person, later: int = 0) -> Client:
    """Sign in with password and code; proves who came in."""
    answer = client.get("permissions")
    answer = client.send_keycloak_form(answer, username=someone.username, password=someone.password)
    if 'name="otp"' in answer.text:
        client.send_keycloak_form(answer, otp=code(later))
    assert someone.email in client.get("permissions").text
    return client


class Holdings(Mapping[str, str]):
    """The ids of what somebody has, each made when first asked for."""

    def __init__(self, someone: Person) -> None:
        self.someone = someone
        self.browser = enter(Client(someone.stack, someone.realm), someone)
        self.made: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self.made:
            self.made[name] = getattr(self, f"_{name}")()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def _user(self) -> str:
        return self.someone.id

    def _email(self) -> str:
        return self.someone.email

    def _username(self) -> str:
        return self.someone.username

    def session_ids(self) -> set[str]:
        return {session["id"] for session in self.someone.read("/sessions")}

    def _session(self) -> str:
        """Another session than the browser's."""
        before = self.session_ids()
        enter(Client(self.someone.stack, self.someone.realm), self.someone, 1)
        return (self.session_ids() - before).pop()

    def _method(self) -> str:
        return self._credential("otp")

    def _passkey(self) -> str:
        return self._credential("webauthn-passwordless")

    def _credential(self, kind: str) -> str:
        return next(str(each["id"]) for each in self.someone.read("/credentials") if each["type"] == kind)

    def _linked(self) -> str:
        """A provider that is linked."""
        admin = self.someone.stack.admin()
        path = f"/admin/realms/{self.someone.realm}/users/{self.someone.id}/federated-identity/idp-oidc"
        admin.post(path, {"identityProvider": "idp-oidc", "userId": uuid.uuid4().hex, "userName": "hal"})
        admin.close()
        return "idp-oidc"

    def _linkable(self) -> str:
        return "idp-saml"

    def _consent(self) -> str:
        """An application that was granted something."""
        page = self.browser.get(f"{self.someone.stack.sample_url}/calendar/sign-in")
        self.browser.send_keycloak_form(page, accept="Yes")
        assert self.someone.read("/consents"), page.text[:500]
        return "calendar-app"

    def _record(self) -> str:
        """A save of the profile that can be undone."""
        data = {"attr.firstName": "Changed", "attr.lastName": "Holder", "attr.email": self.someone.email}
        assert self.browser.post("profile", data).status_code == 303
        store = self.someone.stack.store()
        with store.read() as transaction:
            rows = transaction.scalars(select(AuditRow).where(AuditRow.sub == self.someone.id))
            found = next(row.id for row in rows if row.tag == "profile.edit")
        store.engine.dispose()
        return str(found)


def api_token(client: Client) -> str:
    """An access token for the JSON face, as the sample application gets it for whoever signed in with this browser."""
    return sample_tokens(client)["access_token"]


def sample_tokens(client: Client) -> dict[str, str]:
    """All that the sample application gets from the token endpoint."""
    stack, admin = client.stack, client.stack.admin()
    address, back = (
        f"{stack.keycloak_url}/realms/{client.realm}/protocol/openid-connect",
        f"{stack.sample_url}/callback",
    )
    verifier = uuid.uuid4().hex * 2
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": "sample-app", "redirect_uri": back, "response_type": "code", "scope": "openid portal-api",
        "state": "s", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    answer = client.http.get(f"{address}/auth", params=query, allow_redirects=False, timeout=30)
    given = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": back, "code_verifier": verifier}
    secret = admin.client_secret(client.realm, "sample-app")
    admin.close()
    return dict(client.http.post(f"{address}/token", data=form, auth=("sample-app", secret), timeout=30).json())
