"""Mounts the operations under `/<realm>/api/v1` and serves their description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from portal.access import BY_NAME
from portal.api import openapi, profile, rooms
from portal.api.bearer import caller
from portal.api.operations import Operation
from portal.api.serialize import plain
from portal.errors import Invalid
from portal.web import right, services
from portal.web.gate import admit

api = Blueprint("api", __name__, url_prefix="/<realm>/api/v1")

OPERATIONS: tuple[Operation, ...] = (*profile.OPERATIONS, *rooms.OPERATIONS)


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**parts: str) -> Response:
        actor = admit(BY_NAME[operation.right], caller(services(), g.realm), cookie=False)
        found = operation.call(actor, _body(operation), **parts)
        return Response(status=204) if operation.result is None else jsonify(plain(found, many=operation.many))

    view.__doc__ = operation.summary
    return right(operation.right)(view)


def _body(operation: Operation) -> Mapping[str, Any]:
    if operation.query:
        return {name: request.args[name] for name in operation.query if name in request.args}
    if not operation.body:
        return {}
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(form=["error-json-object"])
    return body


for _operation in OPERATIONS:
    api.add_url_rule(_operation.path, _operation.name, _view(_operation), methods=[_operation.method])


@api.get("/openapi.json")
@right("api.describe")
def describe() -> Response:
    """The OpenAPI document of this API."""
    return jsonify(openapi.document(services().settings.public_url, g.realm, OPERATIONS))
