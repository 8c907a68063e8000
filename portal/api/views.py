"""Mounts the operations under `/<realm>/api/v1` and serves their description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from portal.errors import Denied, Invalid
from portal.keys.once import HEADER, Answer, once
from portal.standing import ID, NAME
from portal.web import page, right, services, takes
from portal.web.gate import admit
from portal.web.sent import json_object, sent

api = Blueprint("api", __name__, url_prefix="/<realm>/api/v1")


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**parts: str) -> Response:
        someone = _admitted(operation)
        body = _body(operation)
        if operation.method == "POST" and someone is not None:
            return _written(operation, _once(operation, someone, body, parts))
        return _answer(operation, operation.call(someone, body, **parts))

    view.__doc__ = operation.summary
    marked = right(operation.right)(view)
    return takes(operation.takes)(marked) if operation.takes else marked


def _admitted(operation: Operation) -> Actor | None:
    """Whoever calls, let through by the table; nobody in particular where it is open to everybody."""
    if BY_NAME[operation.right].scope is Scope.PUBLIC:
        return None
    someone = caller(services(), g.realm)
    row = _row(operation, someone)
    reference = g.get("organization_reference")
    if reference is not None and not (NAME.fullmatch(reference) or ID.fullmatch(reference)):
        raise Invalid({"organization": _("This is neither the ID nor the name of an organization.")})
    return admit(row, someone, cookie=False)


def _row(operation: Operation, someone: Actor) -> Right:
    """The right that is asked for. Raises `Denied` for a key whose scopes do not open it."""
    if not someone.key:
        return BY_NAME[operation.right]
    name = operation.for_keys or operation.right
    if someone.facts.only is not None and name not in someone.facts.only:
        raise Denied(f"scope: {name}")
    return BY_NAME[name]


def _body(operation: Operation) -> Body:
    allowed = operation.parameters
    if unknown := {name: _("There is no such parameter.") for name in request.args if name not in allowed}:
        raise Invalid(unknown)
    if allowed:
        return {name: request.args[name].strip()[:2000] for name in allowed if request.args.get(name, "").strip()}
    if not operation.body or not (sent() or operation.body.get("required")):
        return {}
    body = json_object()
    check(body, operation.body)
    return body


def _once(operation: Operation, someone: Actor, body: Body, parts: Mapping[str, str]) -> Answer:
    """Do it, or say again what the same call with the same idempotency key was told."""

    def run() -> Answer:
        found = operation.call(someone, body, **parts)
        told = None if operation.result is None else plain(found, many=operation.many)
        return Answer(operation.status, told, secret=operation.secret)

    asked = (request.method, request.path, body)
    return once(someone, request.headers.get(HEADER, "").strip(), asked, run)


def _written(operation: Operation, found: Answer) -> Response:
    if operation.result is None:
        return Response(status=found.status)
    answer = jsonify(found.body)
    answer.status_code = found.status
    return answer


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


@api.get("/reference")
@right("api.describe")
def reference() -> Response:
    """The same for people: a page without scripts of others."""
    base = f"{services().settings.public_url}/{g.realm.name}/api/v1"
    return page("api/reference.html", groups=openapi.groups(OPERATIONS), base=base, document=f"{base}/openapi.json")
