"""WorkOS's own Python client, unchanged but for base address and key, for tests of `/compat/workos`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from key_steps import OPERATOR, new_key
from realm_holdings import Realm
from stack import Stack
from workos import WorkOSClient

from portal.compat import ids
from portal.keys.scopes import SCOPES

Make = Callable[[str], WorkOSClient]
RETURN = {"portal.returnOrigins": "https://app.example.test Shop", "portal.returnUrl": "https://app.example.test/"}


@pytest.fixture(scope="module", name="realm")
def a_realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """A realm whose people return to an application, with an operator."""
    return Realm(stack, lambda: make_realm(**RETURN), roles=OPERATOR)


@pytest.fixture(scope="module", name="key")
def a_key(realm: Realm) -> str:
    """A key for everything."""
    return new_key(realm, *SCOPES)


@pytest.fixture(scope="module", name="client_of")
def clients(stack: Stack) -> Iterator[Make]:
    """The official client with any key."""
    with ExitStack() as opened:

        def make(key: str) -> WorkOSClient:
            made = WorkOSClient(api_key=key, base_url=f"{stack.portal_url}/compat/workos", max_retries=0)
            opened.callback(made.close)
            return made

        yield make


@pytest.fixture(scope="module", name="workos")
def a_client(client_of: Make, key: str) -> WorkOSClient:
    """The official client with the key for everything."""
    return client_of(key)


def name() -> str:
    return f"Customer {uuid.uuid4().hex[:8]}"


def stored(stack: Stack, realm: Realm, organization: str) -> Any:
    """The organization as Keycloak has it."""
    admin = stack.admin()
    try:
        return admin.get(f"/realms/{realm.name}/orgs/{ids.keycloak_id(organization)}")
    finally:
        admin.close()
