"""Keys of programs on the running portal: made on the page, used over HTTP, ended."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from key_steps import OPERATOR, ask_key, call, new_key, shown
from realm_holdings import Realm
from sqlalchemy import select, update
from stack import Stack

from portal.keys.authenticate import RATE, WINDOW
from portal.store.counters import hit
from portal.store.models_keys import ApiKey
from portal.store.models_work import Counter

PATH = "/compat/workos/organizations"


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """A realm with an operator who may do everything with organizations."""
    return Realm(stack, make_realm, roles=OPERATOR)


def rows(stack: Stack, realm: Realm) -> list[ApiKey]:
    store = stack.store()
    with store.read() as transaction:
        found = list(transaction.scalars(select(ApiKey).where(ApiKey.realm == realm.name).order_by(ApiKey.created)))
    store.engine.dispose()
    return found


def change(stack: Stack, key: str, **values: Any) -> None:
    store = stack.store()
    with store.write() as transaction:
        transaction.execute(update(ApiKey).where(ApiKey.shown == key[:8]).values(**values))
    store.engine.dispose()


@pytest.mark.feature("WO-15")
@pytest.mark.feature("WO-55")
def test_a_key_is_shown_once_stored_hashed_listed_and_revoked(stack: Stack, realm: Realm) -> None:
    answer = ask_key(realm, "organizations:read", name="Shop, production")
    key = shown(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    page = realm.browser.get("settings/keys").text
    assert key not in page
    for said in (key[:8], "Shop, production", "See organizations", "Never", "Tess Tester"):
        assert said in page
    [row] = [each for each in rows(stack, realm) if each.name == "Shop, production"]
    assert key not in str(vars(row))
    assert call(stack, key, "GET", PATH).status_code == 200
    assert "Never" not in realm.browser.get("settings/keys").text.partition("Shop, production")[2].partition("</dl>")[0]
    asked = realm.browser.get(f"settings/keys/{row.id}/revoke").text
    assert "Revoke the key" in asked
    assert realm.browser.post(f"settings/keys/{row.id}/revoke").status_code == 422
    assert realm.browser.post(f"settings/keys/{row.id}/revoke", {"confirm": "yes"}).status_code == 303
    assert call(stack, key, "GET", PATH).status_code == 401
    assert "Shop, production" not in re.sub(r"(?s)<[^>]*toast.*", "", realm.browser.get("settings/keys").text)


@pytest.mark.case("Q1")
def test_a_form_sent_twice_makes_one_key(stack: Stack, realm: Realm) -> None:
    fields = {"form": uuid.uuid4().hex, "name": "Twice"}
    assert "sk_" in ask_key(realm, "organizations:read", **fields).text
    again = ask_key(realm, "organizations:read", **fields)
    assert again.status_code == 303
    assert "made a key already" in realm.browser.get("settings/keys").text
    assert [row.name for row in rows(stack, realm)].count("Twice") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Enter a name"),
        ({"days": "366"}, "from 1 to 365"),
        ({"days": "x"}, "from 1 to 365"),
        ({"networks": "example.test"}, "no address or network"),
        ({"organizations": "nobody-is-called-this"}, "There is no such organization"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(realm: Realm, fields: dict[str, str], said: str) -> None:
    answer = ask_key(realm, "organizations:read", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "sk_" not in answer.text


def test_nobody_gives_a_key_what_he_may_not_do_himself(stack: Stack, realm: Realm) -> None:
    keeper = Realm(stack, lambda: realm.name)
    assert "You have no right that a key could have" in keeper.browser.get("settings/keys/new").text
    answer = ask_key(keeper, "organizations:write")
    assert answer.status_code == 422
    assert "You may not do this yourself" in answer.text


@pytest.mark.feature("WO-48")
@pytest.mark.feature("WO-54")
@pytest.mark.parametrize("header", ["", "Bearer ", "Basic sk_x", "Bearer sk_unknown", "Bearer pk_live_1"])
def test_a_wrong_key_is_told_what_to_look_at_and_nothing_else(stack: Stack, realm: Realm, header: str) -> None:
    answer = call(stack, "", "GET", "/compat/workos/organizations", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    said = answer.json()
    assert said["code"] == "unauthorized"
    assert "key" in said["hint"].lower()


def test_all_keys_that_do_not_work_get_the_same_answer(stack: Stack, realm: Realm) -> None:
    """Nobody learns which keys there are."""

    def answer(key: str, path: str = PATH) -> dict[str, Any]:
        found = call(stack, key, "GET", path)
        assert found.status_code == 401
        return {name: value for name, value in found.json().items() if name != "request_id"}

    expired, elsewhere, lost = (new_key(realm, "organizations:read", name=name) for name in ("e", "n", "l"))
    change(stack, expired, expires=rows(stack, realm)[0].created.replace(year=2020))
    change(stack, elsewhere, networks=["192.0.2.0/24"])
    change(stack, lost, suspended=rows(stack, realm)[0].created, reason="gone")
    unknown = answer("sk_" + "a" * 43)
    assert [answer(each) for each in (expired, elsewhere, lost)] == [unknown] * 3
    works = new_key(realm, "organizations:read", networks="127.0.0.0/8")
    assert call(stack, works, "GET", PATH).status_code == 200
    foreign = "/demo/api/v1/profile"
    assert answer(works, foreign) == answer("sk_" + "a" * 43, foreign)


def test_the_keys_of_an_operator_who_lost_the_right_are_suspended_until_another_adopts_them(
    stack: Stack, realm: Realm
) -> None:
    leaver = Realm(stack, lambda: realm.name, roles=OPERATOR)
    key = new_key(leaver, "organizations:read", name="Legacy")
    assert call(stack, key, "GET", PATH).status_code == 200
    leaver.someone.take("realm-management", "manage-realm")
    change(stack, key, roles_at=0.0)  # a minute later
    assert call(stack, key, "GET", PATH).status_code == 401
    page = realm.browser.get("settings/keys").text
    assert "Suspended" in page
    assert "may not manage keys any more" in page
    leaver.someone.give("realm-management", "manage-realm")
    assert call(stack, key, "GET", PATH).status_code == 401
    [row] = [each for each in rows(stack, realm) if each.name == "Legacy"]
    assert "It was made by" in realm.browser.get(f"settings/keys/{row.id}/adopt").text
    assert realm.browser.post(f"settings/keys/{row.id}/adopt", {"confirm": "yes"}).status_code == 303
    assert call(stack, key, "GET", PATH).status_code == 200
    assert realm.browser.post(f"settings/keys/{row.id}/adopt", {"confirm": "yes"}).status_code == 409


def test_a_key_has_its_scopes_and_no_more(stack: Stack, realm: Realm) -> None:
    key = new_key(realm, "organizations:read")
    assert call(stack, key, "POST", PATH, json={"name": "new"}).status_code in {403, 404}
    assert call(stack, key, "GET", f"/{realm.name}/api/v1/profile").status_code in {403, 404}
    assert call(stack, key, "GET", f"/{realm.name}/settings/keys", allow_redirects=False).status_code == 302


@pytest.mark.case("Z6")
def test_a_key_is_used_only_so_often(stack: Stack, realm: Realm) -> None:
    key = new_key(realm, "organizations:read")
    [row] = [each for each in rows(stack, realm) if each.shown == key[:8]]
    store = stack.store()
    hit(store, f"keys.use:{row.id}", RATE, WINDOW)
    with store.write() as transaction:
        mine = update(Counter).where(Counter.key == sha256(f"keys.use:{row.id}".encode()).hexdigest())
        transaction.execute(mine.values(count=RATE))
    store.engine.dispose()
    answer = call(stack, key, "GET", PATH)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= WINDOW


def test_the_command_line_makes_lists_and_revokes(stack: Stack, realm: Realm) -> None:
    def portal(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "portal.cli", "key", *arguments, "--realm", realm.name]
        env = {"PORTAL_CONFIG": str(Path(stack.folder) / "portal.toml"), "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)

    made = portal("create", "--name", "CI", "--owner", realm.someone.email, "--scope", "organizations:read")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert call(stack, key, "GET", PATH).status_code == 200
    [line] = [each for each in portal("list").stdout.splitlines() if "  CI  " in each]
    assert key not in line
    assert portal("revoke", line.split()[0]).returncode == 0
    assert call(stack, key, "GET", PATH).status_code == 401
    nobody = portal("create", "--name", "CI", "--owner", "nobody@tests.test", "--scope", "organizations:read")
    assert nobody.returncode == 1
    assert "owner" in nobody.stderr
