"""Keys of programs in tests: an operator of a realm makes them in its settings, and a program sends them."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import requests
from realm_holdings import Realm
from stack import Stack

OPERATOR = ("view-realm", "manage-realm", "view-organizations", "manage-organizations")
FIELDS = {"name": "Orders", "days": "30"}


def new_key(realm: Realm, *scopes: str, **fields: str) -> str:
    """A key made on the page, as it is shown there."""
    return shown(ask_key(realm, *scopes, **fields))


def ask_key(realm: Realm, *scopes: str, **fields: str) -> requests.Response:
    """What the form of a new key answers."""
    data = {"form": uuid.uuid4().hex, **FIELDS, **fields}
    form = [*data.items(), *(("scopes", scope) for scope in scopes)]
    answer: requests.Response = realm.browser.post("settings/keys", form)
    return answer


def shown(answer: requests.Response) -> str:
    """The key on the page that shows it once."""
    found = re.search(r'value="(sk_\w+)"', html.unescape(answer.text))
    assert found, (answer.status_code, answer.text[:3000])
    return found[1]


def call(stack: Stack, key: str, method: str, path: str, **kwargs: Any) -> requests.Response:
    """A request of a program with its key."""
    head = {"Authorization": f"Bearer {key}", **kwargs.pop("headers", {})}
    return requests.request(method, f"{stack.portal_url}{path}", headers=head, timeout=30, **kwargs)
