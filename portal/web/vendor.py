"""How `/compat/workos` says what went wrong: a message, a code, and errors by field, as WorkOS's clients read them."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _

from portal.errors import Conflict, Denied, Invalid, KeyRefused, NotFound, PortalError, TooMany, Upstream
from portal.messages import text as message_text

PREFIX = "/compat/workos"
DOCUMENTS = "docs/workos.md"
_CODES = {
    400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict",
    413: "too_large", 415: "unsupported_media_type", 429: "rate_limit_exceeded", 500: "internal_server_error",
    503: "service_unavailable",
}  # fmt: skip


class Unknown(NotFound):
    """There is no such thing: `what` it would be, `named` how the caller called it."""

    def __init__(self, what: str, named: str) -> None:
        super().__init__(f"no {what}")
        self.what, self.named = what, named


class ScopeNeeded(Denied):
    """The key lacks a scope; its holder is told which."""

    def __init__(self, scope: str) -> None:
        super().__init__("scope missing")
        self.scope = scope


def wanted() -> bool:
    """Whether the request is one of this face."""
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def said(status: int, message: str, code: str = "", **more: Any) -> Response:
    """One error."""
    body = {"message": message, "code": code or _CODES.get(status, "error"), **more, "request_id": g.get("request_id")}
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="portal"'
    return response


def of_error(error: PortalError, status: int) -> Response:
    """An error of ours."""
    if isinstance(error, KeyRefused):
        return said(401, "Unauthorized", "unauthorized", hint=error.hint)
    if isinstance(error, Unknown):
        message = f"{error.what} not found: '{error.named[:100]}'."
        hint = _("Check the ID; it may also be of another realm, or not be among those this key is for.")
        return said(404, message, "entity_not_found", entity_id=error.named[:100], hint=hint)
    if isinstance(error, Invalid):
        return _invalid(error)
    if isinstance(error, Conflict):
        return said(409, message_text(str(error)) if str(error) else _("Something changed in the meantime"))
    if isinstance(error, Denied):
        return _denied(error)
    return _other(error, status)


def _invalid(error: Invalid) -> Response:
    errors = [_field(name, message_text(text)) for name, text in error.errors.items()]
    errors += [_field("", message_text(text)) for text in error.form]
    message = " ".join(["Validation failed.", *(each["message"] for each in errors)])
    return said(422, message, "invalid_request_parameters", errors=errors)


def _field(name: str, message: str) -> dict[str, str]:
    return {"field": name, "code": f"{name or 'request'}_invalid", "message": message}


def _denied(error: Denied) -> Response:
    if isinstance(error, ScopeNeeded):
        message = _("This key lacks the scope %(scope)s.", scope=error.scope)
        return said(403, message, "missing_scope", scope=error.scope)
    hint = _("The owner of the key lacks a role for this, or it is more than a key may do.")
    return said(403, _("You may not do this"), hint=hint)


def _other(error: PortalError, status: int) -> Response:
    messages = {
        404: _("There is nothing here"), 429: _("Too many requests"), 503: _("The sign-in service does not answer"),
    }  # fmt: skip
    response = said(status, messages.get(status, _("Something went wrong")))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Upstream):
        response.headers["Retry-After"] = "5"
    return response


def of_status(status: int) -> Response:
    """An error of the server's own, such as an address or a method that is not offered."""
    if status in {404, 405}:
        message = _("This portal does not offer this part of the API. What it offers: %(where)s", where=DOCUMENTS)
        return said(status, message, "not_offered" if status == 404 else "")
    return said(status, _("Something went wrong") if status >= 500 else _("That request could not be understood"))
