"""The OpenAPI 3.1 document, made from the operations and the dataclasses they answer with."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.access import BY_NAME
from portal.api.operations import Operation
from portal.settings import Realm

PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "request_id": {"type": "string"},
    },
}
REFUSALS = {
    "401": "No living bearer token",
    "403": "The token, its client, or the person may not do this, or the sign-in is too old for it",
    "404": "No such thing, or the section is switched off",
    "422": "The input was refused; `errors` says why, field by field",
    "503": "Keycloak does not answer; try again after `Retry-After` seconds",
}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")


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
        "security": [{"person": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"person": token}},
    }


def _of(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "x-right": operation.right,
        "parameters": [
            *(
                {"name": part, "in": "path", "required": True, "schema": _TEXT}
                for part in _PART.findall(operation.path)
            ),
            *({"name": n, "in": "query", "description": d, "schema": _TEXT} for n, d in operation.query.items()),
        ],
        "responses": {str(operation.status): _success(operation, schemas), **_refusals(operation)},
    }
    if operation.body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return found


_TEXT = {"type": "string"}


def _success(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if operation.result is None:
        return {"description": "Done"}
    schema = _schema(operation.result, schemas)
    if operation.many:
        schema = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": schema}}}
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _refusals(operation: Operation) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    leave_out = set() if BY_NAME[operation.right].writes else {"422"}
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
