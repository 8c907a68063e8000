"""`portal link` and `portal key`: what programs and customers are let in with, made at the command line."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from command_line import Run, command  # noqa: F401
from link_steps import Guest
from organization_holdings import Place
from realm_holdings import Realm
from stack import Stack


@pytest.fixture
def place(stack: Stack) -> Place:
    """An organization of this test's own."""
    return Place(stack)


def test_a_link_from_its_making_to_its_end(command: Run, place: Place, stack: Stack) -> None:  # noqa: F811
    assert command("link", "list", place.name) == (0, "", "")
    code, url, err = command("link", "create", place.name, "--intent", "sso", "--days", "3")
    assert (code, err) == (0, "") and url.startswith(f"{stack.portal_url}/portal/launch?token="), "alone on its line"
    (row,) = json.loads(command("link", "list", place.name, "--json")[1])
    assert (row["state"], row["for"], row["opened"]) == ("active", ["sso"], "never")
    assert row["id"] not in url and url.strip().partition("token=")[2] not in json.dumps(row)
    guest = Guest(stack, place)
    assert guest.enter(url.strip().partition("token=")[2]).get("sso").status_code == 200
    code, _, err = command("link", "create", place.name, "--intent", "audit_logs")
    assert code == 1 and "active setup link" in err, "one at a time, as on the page"
    assert command("link", "revoke", place.name, row["id"])[:2] == (0, f"Link {row['id']} is revoked.\n")
    assert guest.get("sso").status_code in {401, 410}, "whoever works with it is out"
    code, _, err = command("link", "revoke", place.name, row["id"])
    assert code == 1 and "ended already" in err


def test_a_link_is_mailed_to_each_in_his_language(
    command: Run,  # noqa: F811
    place: Place,
    stack: Stack,
    eventually: Callable[..., Any],
) -> None:
    one, other = (f"{name}-{uuid.uuid4().hex[:8]}@customer.example" for name in ("it", "ops"))
    code, out, _ = command(
        "link", "create", place.name, "--intent", "sso", "--mail", one, "--mail", other, "--language", "de",
        "--by", "Olivia Operator",
    )  # fmt: skip
    assert code == 0 and one in out and other in out and "token" not in out
    mails = [eventually(lambda to=to: stack.mails(to), 30, "no mail came") for to in (one, other)]
    assert all("Hallo" in each[0]["text"] and "Olivia Operator" in each[0]["text"] for each in mails)
    assert mails[0][0]["text"] != mails[1][0]["text"], "each has an address of his own"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--intent", "everything"), "sso, domain_verification"),
        (("--intent", "dsync"), "yet"),
        (("--intent", "sso", "--mail", "nobody"), "nobody: "),
        (("--intent", "sso", "--days", "0"), "whole number from 1"),
        (("--intent", "sso", "--return-url", "http://orders.example/"), "https"),
        (("--intent", "sso", "--return-url", "https://elsewhere.example/"), "return"),
    ],
)
def test_what_no_page_would_take_is_refused(command: Run, place: Place, options: tuple[str, ...], told: str) -> None:  # noqa: F811
    code, out, err = command("link", "create", place.name, *options)
    assert (code, out) == (1, "") and told in err
    assert command("link", "list", place.name)[1] == ""


def test_a_link_of_another_organization_is_not_found(command: Run, place: Place, stack: Stack) -> None:  # noqa: F811
    command("link", "create", place.name, "--intent", "sso")
    (row,) = json.loads(command("link", "list", place.name, "--json")[1])
    assert command("link", "revoke", Place(stack).name, row["id"])[0] == 1
    assert json.loads(command("link", "list", place.name, "--json")[1])[0]["state"] == "active"


@pytest.mark.feature("WO-15")
def test_a_key_from_its_making_to_its_end(command: Run, stack: Stack, make_realm: Callable[..., str]) -> None:  # noqa: F811
    realm = Realm(stack, make_realm)
    wanted = ("--name", "Orders", "--owner", realm.someone.id, "--scope", "organizations:read")
    code, out, err = command("key", "create", *wanted, "--days", "7", name=realm.name)
    secret = out.strip()
    assert (code, err) == (0, "") and secret.startswith("sk_")

    def ask() -> int:
        url = f"{stack.portal_url}/compat/workos/organizations"
        return requests.get(url, headers={"Authorization": f"Bearer {secret}"}, timeout=10).status_code

    assert ask() == 200
    listed = command("key", "list", name=realm.name)[1]
    (row,) = json.loads(command("key", "list", "--json", name=realm.name)[1])
    assert "Orders" in listed and secret not in listed and secret.startswith(row["begins"])
    assert "Orders" in realm.browser.get("settings/keys").text
    assert command("key", "revoke", row["id"], name=realm.name)[:2] == (0, f"Key {row['id']} (Orders) is revoked.\n")
    assert ask() == 401
    assert command("key", "revoke", row["id"], name=realm.name)[0] == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"--days": "400"}, "--days: a whole number from 1 to 365"),
        ({"--network": "here"}, "here is no address"),
        ({"--owner": "nobody@example.com"}, "no account"),
        ({"--organization": "nobody-has-this-name"}, "nobody-has-this-name"),
    ],
)
def test_a_key_that_cannot_be_is_refused(command: Run, changed: dict[str, str], told: str, stack: Stack) -> None:  # noqa: F811
    wanted = {"--name": "Orders", "--owner": stack.people["rita"]["id"], "--scope": "organizations:read", **changed}
    code, out, err = command("key", "create", *(part for pair in wanted.items() for part in pair))
    assert (code, out) == (1, "") and told in err
