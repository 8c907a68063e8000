"""The JSON face against its own description: whatever is sent, the answer is one that the description names."""

from __future__ import annotations

import base64
import uuid
from typing import Any
from urllib.parse import quote

import pytest
import requests
from api_steps import Api, api_of, check
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from organization_holdings import Place
from stack import Stack

from portal.api.rows import OPERATIONS

# What would end the organization or the caller's place in it is sent to one that does not exist.
ENDS = {"deleteOrganization", "leaveOrganization", "endOtherSessions", "renameOrganization", "changeSettings"}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SEGMENT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: text not in {".", ".."}
)


def of_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of the shape that a schema describes."""
    if "oneOf" in schema:
        return st.one_of(*map(of_schema, schema["oneOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return st.lists(of_schema(schema["items"]), max_size=3)
    if kind == "object":
        return _of_object(schema)
    simple = {"boolean": st.booleans(), "integer": st.integers(), "null": st.none()}
    return simple.get(kind, st.text(max_size=60))


def _of_object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    parts = {name: of_schema(each) for name, each in schema.get("properties", {}).items()}
    if not parts and isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(st.text(max_size=10), of_schema(schema["additionalProperties"]), max_size=3)
    needed = schema.get("required", [])
    optional = {name: each for name, each in parts.items() if name not in needed}
    return st.fixed_dictionaries({name: parts[name] for name in needed}, optional=optional)


@pytest.fixture(scope="module")
def send(stack: Stack) -> Api:
    return api_of(Place(stack))


@pytest.fixture(scope="module")
def document(send: Api) -> dict[str, Any]:
    found: dict[str, Any] = send("GET", "/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    return found


@pytest.mark.feature("P2-67")
@pytest.mark.case("Z3")
@pytest.mark.parametrize("name", sorted(each.name for each in OPERATIONS))
def test_whatever_is_sent_the_answer_is_one_that_is_described(name: str, send: Api, document: dict[str, Any]) -> None:
    path, method, operation = next(
        (path, method, each)
        for path, methods in document["paths"].items()
        for method, each in methods.items()
        if each["operationId"] == name
    )
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    asked = [each["name"] for each in operation["parameters"] if each["in"] == "query"]

    @settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        url = _path(data, name, path, send)
        sent = data.draw(of_schema(body) | JUNK) if body else None
        query = data.draw(st.dictionaries(st.sampled_from(asked), st.text(max_size=30))) if asked else {}
        answer = send(method.upper(), url, json=sent, params=query)
        _described(answer, operation, document)

    run()


def _path(data: st.DataObject, name: str, path: str, send: Api) -> str:
    assert send.place is not None
    here = str(uuid.uuid4()) if name in ENDS else data.draw(st.sampled_from([send.place.id] * 4 + ["no-such"]))
    parts = [
        here if part == "{organization}" else quote(data.draw(SEGMENT), safe="") if part.startswith("{") else part
        for part in path.split("/")
    ]
    return "/".join(parts)


def _described(answer: requests.Response, operation: dict[str, Any], document: dict[str, Any]) -> None:
    assert str(answer.status_code) in operation["responses"], (answer.status_code, answer.text[:300])
    found = operation["responses"][str(answer.status_code)]
    if "content" not in found:
        return
    [(media, described)] = found["content"].items()
    assert answer.headers["Content-Type"].split(";")[0] == media
    if media.endswith("json"):
        check(answer.json(), described["schema"], document["components"]["schemas"])


DEEP = "[" * 100_000
NAMED = '{"email": "new@tests.test", "first_name": "N", "last_name": "N", "message": "%s"}'
UNUSUAL = {
    "deep": DEEP, "deep objects": '{"email":' * 50_000, "a little deep": f'{{"email": {"[" * 900}1{"]" * 900}}}',
    "half a letter": NAMED % r"\ud800", "a zero byte": NAMED % r"\u0000",
    "a zero byte in a name": r'{"em\u0000ail": 1}', "a long number": '{"email": %s}' % ("1" * 100_000),
    "no number": '{"email": NaN}', "no text": b'{"email": "\xff"}',
    "another encoding": '{"email": "a"}'.encode("utf-16"),
    "nothing": "", "no object": "[]",
}  # fmt: skip


@pytest.mark.case("Z3")
@pytest.mark.parametrize("name", UNUSUAL)
def test_json_that_no_program_means_is_refused(name: str, send: Api) -> None:
    head = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    answer = send("POST", "~/invitations", data=UNUSUAL[name], headers=head)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text[:300]


@pytest.mark.case("Z3")
@pytest.mark.parametrize("text", [DEEP[:1400], r'["\ud800", 1, "x"]', '["x", 1e999, "y"]', "1" * 1400])
def test_a_cursor_that_nobody_gave_is_refused(text: str, send: Api) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    assert send("GET", "~/members", params={"cursor": cursor}).status_code == 422


@pytest.mark.case("Z3")
def test_a_zero_byte_breaks_nothing_wherever_it_stands(send: Api) -> None:
    assert send("GET", "~/members", params={"search": "a\0b"}).status_code == 422
    assert send("GET", "~/members/%00").status_code == 404
    assert send.place is not None
    here = f"o/{send.place.name}"
    found = send.browser.get(f"{here}/members", params={"q": "a\0b"})
    assert found.status_code == 200 and f"members/{send.place.someone.id}" not in found.text, "it is nobody's name"
    assert send.browser.post(f"{here}/invitations/many", {"people": "a\0@a.test", "do": "send"}).status_code == 422
    assert send.browser.post(f"{here}/details", {"shown": DEEP, "displayName": "x"}).status_code in {404, 405, 422}
