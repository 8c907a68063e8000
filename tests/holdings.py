"""Somebody who has one of everything: sessions, sign-in methods, links, consents, records. Made only when named."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

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

    def __init__(self, someone: Person, client: Callable[[], Client]) -> None:
        self.someone, self.client = someone, client
        self.browser = enter(client(), someone)
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

    def _username(self) -> str:
        return self.someone.username

    def session_ids(self) -> set[str]:
        return {session["id"] for session in self.someone.read("/sessions")}

    def _session(self) -> str:
        """Another session than the browser's."""
        before = self.session_ids()
        enter(self.client(), self.someone, 1)
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

    def _token(self) -> str:
        """A bearer token for the JSON face, as the sample application gets it."""
        page = self.browser.get(f"{self.someone.stack.sample_url}/sign-in?next=token")
        found = re.search(r"eyJ[\w.-]+", page.text)
        assert found, page.text[:500]
        return found[0]


def answer_of(holdings: Holdings, method: str, path: str, **kwargs: Any) -> Any:
    """Send a request with the holder's browser, without following."""
    return holdings.browser.http.request(
        method, holdings.browser.url(path), allow_redirects=False, timeout=30, **kwargs
    )
