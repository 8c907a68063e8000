"""Mounts the operations under `/<realm>/api/v1` and serves their description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from flask_babel import gettext as _

from portal.access import BY_NAME, Right, Scope
from portal.actor import Actor
from portal.api import openapi
from portal.api.bearer import caller
from portal.api.filling import check
from portal.api.operations import Body, Operation
from portal.api.rows import OPERATIONS
from portal.api.serialize import plain
from portal.api.versions import etag
from portal.errors import Invalid
from portal.standing import ID, NAME
from portal.web import right, services, takes
from portal.web.gate import admit

api = Blueprint("api", __name__, url_prefix="/<realm>/api/v1")


def _view(operation: Operation) -> Callable[..., Response]:
    row = BY_NAME[operation.right]

    def view(**parts: str) -> Response:
        someone = _admitted(row)
        return _answer(operation, operation.call(someone, _body(operation), **parts))

    view.__doc__ = operation.summary
    marked = right(operation.right)(view)
    return takes(operation.takes)(marked) if operation.takes else marked


def _admitted(row: Right) -> Actor | None:
    """Whoever calls, let through by the table; nobody in particular where it is open to everybody."""
    if row.scope is Scope.PUBLIC:
        return None
    someone = caller(services(), g.realm)
    reference = g.get("organization_reference")
    if reference is not None and not (NAME.fullmatch(reference) or ID.fullmatch(reference)):
        raise Invalid({"organization": _("This is neither the ID nor the name of an organization.")})
    return admit(row, someone, cookie=False)


def _body(operation: Operation) -> Body:
    allowed = operation.parameters
    if unknown := {name: _("There is no such parameter.") for name in request.args if name not in allowed}:
        raise Invalid(unknown)
    if allowed:
        return {name: request.args[name].strip()[:2000] for name in allowed if request.args.get(name, "").strip()}
    if not operation.body or not (request.content_length or operation.body.get("required")):
        return {}
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(form=["error-json-object"])
    check(body, operation.body)
    return body


def _answer(operation: Operation, found: Any) -> Response:
    if isinstance(found, Response):
        return found
    if operation.result is None:
        return Response(status=operation.status)
    answer = jsonify(plain(found, many=operation.many))
    answer.status_code = operation.status
    if operation.versioned:
        answer.set_etag(etag(found))
        return answer.make_conditional(request) if request.method == "GET" else answer  # type: ignore[return-value]
    return answer


for _operation in OPERATIONS:
    api.add_url_rule(_operation.path, _operation.name, _view(_operation), methods=[_operation.method])


@api.get("/openapi.json")
@right("api.describe")
def describe() -> Response:
    """The OpenAPI document of this API."""
    return jsonify(openapi.document(services().settings.public_url, g.realm, OPERATIONS))
