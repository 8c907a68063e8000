"""Webhooks in tests: an operator makes them on their page, and the sample application receives."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
import standardwebhooks
from realm_holdings import Realm
from sqlalchemy import update
from stack import Stack

LIST = "settings/webhooks"


@pytest.fixture(scope="session", name="realm")
def hook_realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for the webhooks of people who make them on the page."""
    return Realm(stack, make_realm, ("view-realm", "manage-realm", "view-organizations", "manage-users"))


def form(realm: Realm, **fields: Any) -> dict[str, Any]:
    """What an operator sends who has just opened the page."""
    entered = {"name": f"Hook {uuid.uuid4().hex[:6]}", "url": realm["receiver"], "contact": realm.someone.email}
    return {"made": uuid.uuid4().hex, **entered, **fields}


def make(realm: Realm, **fields: Any) -> tuple[str, str]:
    """A webhook; its id and its secret, as the page shows it."""
    entered = form(realm, **fields)
    answer = realm.browser.post(f"{LIST}/new", entered)
    assert answer.status_code == 200, answer.text
    found = re.search(r'value="(whsec_[\w+/=]+)"', answer.text)
    assert found, answer.text
    return entered["made"], found[1]


def heard(stack: Stack, secret: str) -> list[dict[str, Any]]:
    """What the sample application was sent with this secret, oldest first."""
    kept = requests.get(f"{stack.sample_url}/webhooks", headers={"Accept": "application/json"}, timeout=10).json()
    found = []
    for each in reversed(kept):
        try:
            found.append(standardwebhooks.Webhook(secret).verify(each["body"], each["headers"]))
        except standardwebhooks.WebhookVerificationError:
            continue
    return found


def types(stack: Stack, secret: str) -> list[str]:
    return [each["type"] for each in heard(stack, secret)]


def changed(stack: Stack, table: Any, key: str, **values: Any) -> None:
    store = stack.store()
    with store.write() as session:
        session.execute(update(table).where(table.id == key).values(**values))
    store.engine.dispose()
