"""The JSON face, with a person's bearer token from the sample application."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from api_steps import check
from cast import Client, Person
from stack import Stack

from portal.access import API, BY_NAME, Scope
from portal.api.rows import OPERATIONS

Call = Callable[..., requests.Response]


@pytest.fixture
def call(stack: Stack, client: Any) -> Callable[[Person], Call]:
    """Makes a caller of the API as a person."""

    def make(someone: Person) -> Call:
        browser: Client = client()
        page = browser.http.get(f"{stack.sample_url}/sign-in?next=token", timeout=30)
        answer = browser.send_keycloak_form(page, username=someone.username, password=someone.password)
        token = re.search(r"eyJ[\w.-]+", answer.text)
        assert token, answer.text[:500]

        def send(method: str, path: str, **kwargs: Any) -> requests.Response:
            head = {"Authorization": f"Bearer {token[0]}", **kwargs.pop("headers", {})}
            url = f"{stack.portal_url}/{kwargs.pop('realm', 'demo')}/api/v1{path}"
            return requests.request(method, url, headers=head, timeout=30, **kwargs)

        return send

    return make


def test_the_profile_is_read_and_changed(person: Any, call: Any) -> None:
    someone = person(attributes={"city": ["Bonn"]})
    send = call(someone)
    found = send("GET", "/profile").json()
    values = {each["name"]: each["values"] for each in found["attributes"]}
    assert (values["firstName"], values["city"]) == (["Tess"], ["Bonn"])
    refused = send("PATCH", "/profile", json={"attributes": {"phone": "0170", "city": "Aachen"}})
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "country code" in refused.json()["errors"]["phone"]
    german = send("PATCH", "/profile", json={"attributes": {"phone": "0170"}}, headers={"Accept-Language": "de"})
    assert "Ländervorwahl" in german.json()["errors"]["phone"]
    for name in ("username", "employeeNumber", "unknown", "emailVerified"):
        assert send("PATCH", "/profile", json={"attributes": {name: "x"}}).status_code == 422
    done = send("PATCH", "/profile", json={"attributes": {"city": "Aachen", "languages": ["Dutch", "Danish"]}})
    assert done.status_code == 200
    assert someone.read()["attributes"] == {"city": ["Aachen"], "languages": ["Dutch", "Danish"]}


def test_every_reading_operation_answers_as_described(person: Any, call: Any) -> None:
    send = call(person())
    document = send("GET", "/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            row = BY_NAME[operation["x-right"]]
            assert API in row.faces or row.scope is Scope.PUBLIC
            if method != "get" or row.scope not in {Scope.SELF, Scope.PUBLIC}:
                continue
            answer = send("GET", path)
            assert answer.status_code == 200, path
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            check(answer.json(), schema, document["components"]["schemas"])


def test_sessions_are_listed_and_ended(person: Any, call: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    send = call(someone)
    found = send("GET", "/sessions").json()["data"]
    [other] = [each for each in found if not each["current"]]
    assert send("DELETE", f"/sessions/{other['id']}").status_code == 204
    assert send("DELETE", f"/sessions/{other['id']}").status_code == 404
    assert browser.get("profile", follow=False).status_code == 302


def test_without_a_token_every_operation_refuses(stack: Stack, person: Any, client: Any) -> None:
    browser = client(person())  # a cookie is no token
    for operation in OPERATIONS:
        path = re.sub(r"<[^>]+>", "x", operation.path)
        answer = browser.http.request(operation.method, f"{stack.portal_url}/demo/api/v1{path}", timeout=30)
        open_to_all = BY_NAME[operation.right].scope is Scope.PUBLIC
        assert answer.status_code == (200 if open_to_all else 401), path
        assert open_to_all or answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["Bearer ", "Bearer nonsense", "Basic cG9ydGFsOng=", "Bearer eyJhbGciOiJub25lIn0.e."])
def test_without_a_living_token_nothing_is_told(stack: Stack, token: str) -> None:
    answer = requests.get(f"{stack.portal_url}/demo/api/v1/profile", headers={"Authorization": token}, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_of_another_realm_or_of_a_client_not_on_the_list_is_refused(
    stack: Stack, person: Any, call: Any, spare_realm: str
) -> None:
    send = call(person())
    assert send("GET", "/profile").status_code == 200
    assert send("GET", "/profile", realm="other").status_code == 401
    admin = stack.admin()
    form = {"grant_type": "client_credentials", "client_id": "portal-read", "client_secret": "secret-of-the-reader"}
    url = f"{stack.internal_url}/realms/{spare_realm}/protocol/openid-connect/token"
    service = requests.post(url, data=form, timeout=30).json()["access_token"]
    admin.close()
    answer = requests.get(
        f"{stack.portal_url}/{spare_realm}/api/v1/profile", headers={"Authorization": f"Bearer {service}"}, timeout=30
    )
    assert answer.status_code in {401, 403}


@pytest.mark.parametrize(("roles", "see", "change"), [((), 403, 403), (("view-profile",), 200, 403)])
def test_the_same_table_holds(person: Any, call: Any, roles: Any, see: int, change: int) -> None:
    send = call(person(roles=roles))
    assert send("GET", "/profile").status_code == see
    assert send("PATCH", "/profile", json={"attributes": {"city": "x"}}).status_code == change
    assert send("DELETE", "/sessions").status_code == change


@pytest.mark.case("C11")
def test_no_answer_lets_another_origin_read(person: Any, call: Any) -> None:
    send = call(person())
    answer = send("GET", "/profile", headers={"Origin": "https://evil.test"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
