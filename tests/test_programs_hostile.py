"""What a program could send to be more than it is, or to bring the portal down: over HTTP, with a key or a token."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from api_steps import Api, api_of
from key_steps import OPERATOR, call, new_key
from organization_holdings import Place
from realm_holdings import Realm
from stack import Stack

from portal.keys.scopes import SCOPES

COMPAT = "/compat/workos/organizations"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """A realm with an operator."""
    return Realm(stack, make_realm, roles=OPERATOR)


@pytest.fixture(scope="module")
def key(realm: Realm) -> str:
    """A key for everything."""
    return new_key(realm, *SCOPES)


@pytest.fixture(scope="module")
def send(stack: Stack) -> Api:
    """An administrator of an organization."""
    return api_of(Place(stack))


def deep(levels: int) -> str:
    return '{"name": ' + "[" * levels + "]" * levels + "}"


BODIES = [
    deep(40), deep(950), deep(20000), '{"name": "\\ud800"}', '{"name": NaN}', "[]", "{", '{"name": "a\\u0000b"}',
]  # fmt: skip


@pytest.mark.case("Z3")
@pytest.mark.parametrize("body", BODIES)
def test_no_json_brings_it_down(stack: Stack, realm: Realm, key: str, body: str) -> None:
    once = {**JSON, "Idempotency-Key": uuid.uuid4().hex}
    for path in (COMPAT, f"/{realm.name}/api/v1/organizations"):
        answer = call(stack, key, "POST", path, data=body, headers=once)
        assert answer.status_code == 422, (path, answer.text)


def forged(cursor: str, last: str) -> str:
    """A cursor of the same list that says something else about where it stands."""
    mark, first, _last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(json.dumps([mark, first, last]).encode()).decode()


@pytest.mark.case("Z3")
def test_no_cursor_brings_it_down(send: Api) -> None:
    assert send.place is not None
    send.place.join()
    good = send("GET", "~/members", params={"limit": 1}).json()["next_cursor"]
    nested = base64.urlsafe_b64encode(b"[" * 1500).decode()
    for cursor in (forged(good, " "), forged(good, "\t\n"), forged(good, ""), nested):
        answer = send("GET", "~/members", params={"limit": 1, "cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor"), answer.text
    assert send("GET", "/activity", params={"page": "²"}).status_code == 200


def chunks(body: dict[str, Any]) -> Iterator[bytes]:
    yield json.dumps(body).encode()


def test_a_body_in_chunks_counts_like_any_other(send: Api) -> None:
    answer = send("PATCH", "~", data=chunks({"url": "https://chunks.test/"}), headers=JSON)
    assert (answer.status_code, answer.json()["url"]) == (200, "https://chunks.test/"), answer.text
    assert send("GET", "~").json()["url"] == "https://chunks.test/"


def test_a_body_that_is_too_long_is_refused_however_it_comes(stack: Stack, key: str) -> None:
    long = {"name": "x" * 5_000_000}
    assert call(stack, key, "POST", COMPAT, json=long).status_code == 413
    assert call(stack, key, "POST", COMPAT, data=chunks(long), headers=JSON).status_code in {413, 422}


def test_only_json_is_taken(stack: Stack, realm: Realm, key: str) -> None:
    for path in (COMPAT, f"/{realm.name}/api/v1/organizations"):
        assert call(stack, key, "POST", path, data={"name": "form"}).status_code == 422
        text = {"Content-Type": "text/plain"}
        assert call(stack, key, "POST", path, data='{"name": "text"}', headers=text).status_code == 422


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_another_method_of_one(stack: Stack, key: str, name: str) -> None:
    made: Any = call(stack, key, "POST", COMPAT, json={"name": "Stays"}).json()
    one = f"{COMPAT}/{made['id']}"
    assert call(stack, key, "GET", one, headers={name: "DELETE"}).status_code == 200
    assert call(stack, key, "GET", f"{one}?_method=DELETE").status_code == 200
    assert call(stack, key, "GET", one).status_code == 200


def test_a_key_counts_in_its_header_alone_and_whole(stack: Stack, key: str) -> None:
    other = "sk_" + "x" * 43
    url = f"{stack.portal_url}{COMPAT}"
    for header in (f"Bearer {other}, Bearer {key}", f"Bearer {key} {key}", f"Bearer {key}\tx", f"Basic {key}"):
        assert requests.get(url, headers={"Authorization": header}, timeout=30).status_code == 401, header
    for where in ("params", "cookies", "headers"):
        elsewhere: Any = {where: {"access_token": key, "X-Api-Key": key}}
        assert requests.get(url, timeout=30, **elsewhere).status_code == 401, where


def test_no_header_moves_a_program_into_another_network(stack: Stack, realm: Realm) -> None:
    far = new_key(realm, "organizations:read", networks="192.0.2.0/24")
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"):
        value = "for=192.0.2.7" if name == "Forwarded" else "192.0.2.7"
        assert call(stack, far, "GET", COMPAT, headers={name: value}).status_code == 401, name


@pytest.mark.case("Q1")
def test_an_idempotency_key_belongs_to_one_key(stack: Stack, realm: Realm, key: str) -> None:
    other, once = new_key(realm, *SCOPES), {"Idempotency-Key": uuid.uuid4().hex}
    body = {"name": "Two programs, one word"}
    first, second = (call(stack, each, "POST", COMPAT, json=body, headers=once).json() for each in (key, other))
    assert first["id"] != second["id"], "nobody reads what another program was answered"
    again: Any = call(stack, key, "POST", COMPAT, json=body, headers=once).json()
    assert again["id"] == first["id"]


@pytest.mark.parametrize("path", ["/{}", "/external_id/{}", "/{}/x"])
@pytest.mark.parametrize("name", ["%00", "org_%00", "..%2f..", "x" * 3000, "%ff%fe", "org_" + "0" * 26])
def test_no_name_in_an_address_brings_it_down(stack: Stack, key: str, path: str, name: str) -> None:
    answer = call(stack, key, "GET", COMPAT + path.format(name))
    assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize("kind", ["organization_domains", "connections"])
@pytest.mark.parametrize("name", ["%00", "conn_%00", "org_domain_" + "0" * 26, "x" * 3000, "org_" + "0" * 26])
def test_what_is_no_id_of_a_thing_is_not_there(stack: Stack, key: str, kind: str, name: str) -> None:
    assert call(stack, key, "GET", f"/compat/workos/{kind}/{name}").status_code == 404
