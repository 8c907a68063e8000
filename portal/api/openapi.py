"""The OpenAPI 3.1 document, made from the operations and the dataclasses they answer with."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.access import BY_NAME, Scope
from portal.api.operations import Operation
from portal.keys.scopes import needed
from portal.settings import Realm

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "message"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stays the same in every language and version"},
        "message": {"type": "string", "description": "What is wrong, in the language of `Accept-Language`"},
        "hint": {"type": "string", "description": "What to do about it"},
        "field": {"oneOf": [{"type": "string"}, {"type": "null"}]},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "request_id": {"oneOf": [{"type": "string"}, {"type": "null"}]},
    },
}
REFUSALS = {
    "401": "No living bearer token",
    "403": "The token, its client, or the person may not do this, or the sign-in is too old for it",
    "404": "No such thing, or the section is switched off",
    "409": "It contradicts the present state",
    "412": "`If-Match` names a state that stands no more",
    "413": "Too much at once",
    "422": "The input was refused; `errors` says why, field by field",
    "429": "Too many requests; again after `Retry-After` seconds",
    "503": "Keycloak does not answer; try again after `Retry-After` seconds",
}
KEY = {"type": "http", "scheme": "bearer", "description": "A key of a program; it begins with `sk_`."}
_TEXT = {"type": "string"}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_CHANGED = {
    "name": "If-Match", "in": "header", "description": "The ETag of what was read: 412 if it was changed since",
    "schema": _TEXT,
}  # fmt: skip
_ONCE = {
    "name": "Idempotency-Key", "in": "header", "description": "The same call with the same key is done once in a day",
    "schema": {"type": "string", "maxLength": 255},
}  # fmt: skip


def document(public_url: str, realm: Realm, operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document for one realm."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(_PART.sub(r"{\1}", operation.path), {})[operation.method.lower()] = _of(operation, schemas)
    token = {
        "type": "openIdConnect",
        "openIdConnectUrl": f"{realm.issuer}/.well-known/openid-configuration",
        "description": f"An access token of a person, with audience `{realm.api_client_id}`.",
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Portal", "version": "1"},
        "servers": [{"url": f"{public_url}/{realm.name}/api/v1"}],
        "security": [{"person": []}, {"key": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"person": token, "key": KEY}},
    }


def _of(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.right.partition(".")[0]],
        "x-right": operation.right,
        "x-scopes": needed(operation.for_keys or operation.right),
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _success(operation, schemas), **_refusals(operation)},
    }
    if BY_NAME[operation.right].scope is Scope.PUBLIC:
        found["security"] = []
    if operation.body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return found


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parts = [{"name": part, "in": "path", "required": True, "schema": _TEXT} for part in _PART.findall(operation.path)]
    asked = [
        {"name": name, "in": "query", "description": said, "schema": _COUNT if name == "limit" else _TEXT}
        for name, said in operation.parameters.items()
    ]
    heads = [_ONCE] if operation.method == "POST" else []
    return [*parts, *asked, *heads, *([_CHANGED] if operation.versioned and operation.method != "GET" else [])]


_COUNT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}


def _success(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if operation.result is None:
        return {"description": "Done"}
    schema = _schema(operation.result, schemas)
    if operation.many or operation.paged:
        schema = _list(schema, paged=operation.paged)
    answer: dict[str, Any] = {"description": "Done", "content": {operation.media: {"schema": schema}}}
    return {**answer, "headers": {"ETag": {"schema": _TEXT}}} if operation.versioned else answer


def _list(schema: dict[str, Any], *, paged: bool) -> dict[str, Any]:
    data = {"data": {"type": "array", "items": schema}}
    if not paged:
        return {"type": "object", "required": ["data"], "properties": data}
    following = {"next_cursor": {"oneOf": [{"type": "string"}, {"type": "null"}]}, "hint": _TEXT}
    return {"type": "object", "required": ["data", "next_cursor"], "properties": {**data, **following}}


def _refusals(operation: Operation) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    row, leave_out = BY_NAME[operation.right], set()
    if not row.writes:
        leave_out |= {"409"}
    if not (operation.versioned and operation.method != "GET"):
        leave_out |= {"412"}
    if row.scope is Scope.PUBLIC:
        leave_out |= {"401", "403", "409"}
    return {code: {"description": said, "content": content} for code, said in REFUSALS.items() if code not in leave_out}


def _schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    plain = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}
    if kind in plain:
        return {"type": plain[kind]}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    if dataclasses.is_dataclass(kind):
        return _reference(kind, schemas)
    return _composed(kind, schemas)


def _composed(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in {list, tuple, frozenset}:
        return {"type": "array", "items": _schema(parts[0], schemas)}
    if origin in {typing.Union, types.UnionType}:
        return {"oneOf": [{"type": "null"} if part is type(None) else _schema(part, schemas) for part in parts]}
    if origin is dict or (origin and issubclass(origin, typing.Mapping)):
        return {"type": "object", "additionalProperties": _schema(parts[1], schemas)}
    return {}


def _reference(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in schemas:
        schemas[kind.__name__] = {}  # stands before its parts, which may name it again
        hints = typing.get_type_hints(kind)
        names = [each.name for each in dataclasses.fields(kind)]
        schemas[kind.__name__] = {
            "type": "object",
            "required": names,
            "properties": {name: _schema(hints[name], schemas) for name in names},
        }
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


@dataclasses.dataclass(frozen=True)
class Told:
    """An operation as the page for people shows it. `fields` are those of its body or query."""

    method: str
    shown: str
    summary: str
    right: str
    fields: list[str]


def groups(operations: Iterable[Operation]) -> list[tuple[str, list[Told]]]:
    """Operations by the room of their right, in their order."""
    found: dict[str, list[Told]] = {}
    for each in operations:
        fields = [*each.body.get("properties", {}), *each.parameters]
        told = Told(each.method, _PART.sub(r"{\1}", each.path), each.summary, each.right, fields)
        found.setdefault(each.right.partition(".")[0], []).append(told)
    return list(found.items())
