"""People of the tests: made for one test, or read-only from the demonstration's cast."""

from __future__ import annotations

import html
import re
import sys
import uuid
from dataclasses import dataclass
from http.cookiejar import Cookie
from random import randint
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from sqlalchemy import select, update
from stack import Stack

from portal.demo import cast, people
from portal.store.models import SessionRow

PASSWORD = "Correct-Horse-7-Battery"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    stack: Stack
    realm: str
    username: str
    email: str
    password: str
    id: str

    def read(self, path: str = "") -> Any:
        """The account as the administrator sees it: the user, or what is below it (`/credentials`)."""
        admin = self.stack.admin()
        try:
            return admin.get(f"/admin/realms/{self.realm}/users/{self.id}{path}")
        finally:
            admin.close()

    def give(self, client_id: str, *roles: str) -> None:
        """Grant client roles."""
        admin = self.stack.admin()
        people.give_client_roles(admin, self.realm, self.id, client_id, *roles)
        admin.close()

    def take(self, client_id: str, *roles: str) -> None:
        """Take directly granted client roles away."""
        admin = self.stack.admin()
        people.take_client_roles(admin, self.realm, self.id, client_id, *roles)
        admin.close()


def make_person(
    stack: Stack, realm: str = "demo", roles: tuple[str, ...] | None = None, *, password: str = PASSWORD, **more: Any
) -> Person:
    """A new person. `roles` of client `account` replace the default roles; None leaves those."""
    name = f"t{uuid.uuid4().hex[:10]}"
    given = {} if roles is None else {"account": roles}
    wanted = people.Person(
        name, more.pop("email", f"{name}@tests.test"), more.pop("first_name", "Tess"), more.pop("last_name", "Tester"),
        default_roles=roles is None, client_roles={key: value for key, value in given.items() if value}, **more,
    )  # fmt: skip
    admin = stack.admin()
    user_id = people.ensure_person(admin, realm, wanted, password)
    admin.close()
    return Person(stack, realm, name, wanted.email, password, user_id)


def of_the_cast(stack: Stack, name: str, realm: str = "demo") -> Person:
    """One of the demonstration's people, to be left as he is."""
    known = stack.people[name]
    email = next(each.email for each in cast.DEMO if each.username == name)
    return Person(stack, realm, name, email, known["password"], known["id"])


class _Jar(RequestsCookieJar):
    """Sends Secure cookies over plain http too, as browsers do on localhost."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


class _Elsewhere(HTTPAdapter):
    """Comes from an address of its own, as people do: limits per address are counted for each apart."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if sys.platform == "linux":  # elsewhere 127.0.0.1 is the only loopback address
            kwargs["source_address"] = (f"127.{randint(1, 254)}.{randint(0, 255)}.{randint(1, 254)}", 0)
        super().init_poolmanager(*args, **kwargs)


class Client:
    """A browser without scripts: keeps cookies, follows links and forms, sends what a browser would send."""

    def __init__(self, stack: Stack, realm: str = "demo") -> None:
        self.stack, self.realm = stack, realm
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.cookies = _Jar()
        self.http.mount("http://", _Elsewhere())
        self.last: requests.Response | None = None

    def url(self, path: str) -> str:
        """An address of the portal; a path without leading slash is below the realm."""
        if path.startswith("http"):
            return path
        return f"{self.stack.portal_url}{path if path.startswith('/') else f'/{self.realm}/{path}'}"

    def get(self, path: str, *, follow: bool = True, **kwargs: Any) -> requests.Response:
        """GET a page."""
        self.last = self.http.get(self.url(path), allow_redirects=follow, timeout=30, **kwargs)
        return self.last

    def post(self, path: str, data: Any = None, *, token: bool = True, follow: bool = False, **kwargs: Any) -> Any:
        """POST a form, with the form token of the last page unless told otherwise."""
        fields = list(data.items() if isinstance(data, dict) else data or [])
        if token:
            fields.append(("csrf_token", self.token()))
        head = {"Origin": self.stack.portal_url, "Sec-Fetch-Site": "same-origin", **kwargs.pop("headers", {})}
        return self.http.post(self.url(path), data=fields, allow_redirects=follow, timeout=30, headers=head, **kwargs)

    def token(self) -> str:
        """The form token of the present session, from the page that everybody signed in may see."""
        page = self.http.get(self.url("permissions"), timeout=30).text
        found = re.search(r'name="csrf-token" content="([^"]*)"', page)
        return found[1] if found else ""

    def sign_in(self, person: Person, path: str = "permissions") -> Client:
        """Through Keycloak's own login page; proves afterwards who came in."""
        answer = self.get(path)
        assert "kc-form-login" in answer.text, answer.url
        answer = self.send_keycloak_form(answer, username=person.username, password=person.password)
        assert answer.url.startswith(self.stack.portal_url), answer.text[:2000]
        assert person.email in self.get("permissions").text
        return self

    def send_keycloak_form(self, page: requests.Response, **fields: str) -> requests.Response:
        """Fill in the (first) form of a Keycloak page and follow where it leads."""
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action, page.text[:2000]
        self.last = self.http.post(urljoin(page.url, html.unescape(action[1])), data=fields, timeout=30)
        return self.last

    def cookie(self) -> str:
        """The portal's cookie."""
        return next(cookie.value or "" for cookie in self.http.cookies if cookie.name.startswith("portal-"))

    def path(self) -> str:
        """Where the last page was, without the host."""
        assert self.last is not None
        parts = urlsplit(self.last.url)
        return parts.path


def rows(stack: Stack, someone: Person) -> list[SessionRow]:
    """The person's sessions in the portal."""
    store = stack.store()
    with store.read() as transaction:
        found = list(transaction.scalars(select(SessionRow).where(SessionRow.sub == someone.id)))
    store.engine.dispose()
    return found


def age(stack: Stack, someone: Person, **values: Any) -> None:
    """Set columns of the person's sessions, so that time need not pass."""
    store = stack.store()
    with store.write() as transaction:
        transaction.execute(update(SessionRow).where(SessionRow.sub == someone.id).values(**values))
    store.engine.dispose()
