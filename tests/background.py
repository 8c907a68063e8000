"""An application that may work while the person is away, as some rooms meet it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cast import Client
from stack import Stack

REALM = "demo"


@contextmanager
def background_app(stack: Stack) -> Iterator[str]:
    """An application of this test's own, which asks for no consent; gives its id."""
    admin, made = stack.admin(), f"background-{uuid4().hex[:8]}"
    body = {
        "clientId": made, "publicClient": True, "redirectUris": [f"{stack.sample_url}/*"],
        "optionalClientScopes": ["offline_access"],
    }  # fmt: skip
    admin.post(f"/admin/realms/{REALM}/clients", body)
    yield made
    admin.delete(f"/admin/realms/{REALM}/clients/{admin.client_uuid(REALM, made)}")
    admin.close()


def use_in_background(browser: Client, client_id: str) -> str:
    """Let the application of this browser have offline access; returns its refresh token."""
    endpoints = f"{browser.stack.keycloak_url}/realms/{REALM}/protocol/openid-connect"
    back = f"{browser.stack.sample_url}/back"
    asked = {"client_id": client_id, "redirect_uri": back, "response_type": "code", "scope": "openid offline_access"}
    answer = browser.get(f"{endpoints}/auth", params=asked, follow=False)
    [code] = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
    form = {"grant_type": "authorization_code", "client_id": client_id, "redirect_uri": back, "code": code}
    return str(browser.http.post(f"{endpoints}/token", data=form, timeout=30).json()["refresh_token"])


def works(browser: Client, client_id: str, token: str) -> bool:
    """Whether the application still gets tokens."""
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token}
    address = f"{browser.stack.keycloak_url}/realms/{REALM}/protocol/openid-connect/token"
    return browser.http.post(address, data=form, timeout=30).status_code == 200
