"""Problem documents: how the JSON face says what went wrong (RFC 9457), what to do about it, and in which field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _

from portal.access import missing
from portal.errors import Conflict, Denied, Invalid, KeyRefused, PortalError, Stale, StepUp
from portal.keys.scopes import needed
from portal.messages import text as message_text

CODES = {
    400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 412: "precondition_failed", 413: "too_large", 415: "unsupported_media_type", 422: "invalid",
    429: "too_many_requests", 500: "internal_error", 503: "unavailable",
}  # fmt: skip


def wants_problem() -> bool:
    """Whether the request is one of the JSON face."""
    return "/api/v1" in request.path and request.path.split("/")[2:4] == ["api", "v1"]


def problem(
    status: int, title: str, *, errors: Mapping[str, str] | None = None, message: str = "", **more: Any
) -> Response:
    """One document. `errors` are messages by field; `more` takes the place of the usual code and hint."""
    said = {name: message_text(each) for name, each in (errors or {}).items()}
    first = next(iter(said), None)
    body: dict[str, Any] = {
        "type": "about:blank", "title": str(title), "status": status, "code": CODES.get(status, "refused"),
        "message": message or (said[first] if first else str(title)), "hint": _hint(status), "field": first,
        "errors": said, "request_id": g.get("request_id"), **more,
    }  # fmt: skip
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = _challenge()
    return response


def of_error(error: PortalError, status: int, title: str) -> Response:
    """The document of an error of ours; what is refused for a secret reason says no more than that."""
    if isinstance(error, StepUp):
        return _too_old(error, status, title)
    if isinstance(error, Denied):
        return problem(status, title, **_denied(error))
    if isinstance(error, KeyRefused):
        return problem(status, title, code="key_refused", hint=error.hint)
    if isinstance(error, Invalid):
        form = [message_text(each) for each in error.form]
        return problem(status, title, errors=error.errors, message=" ".join(form))
    if isinstance(error, Conflict) and not isinstance(error, Stale):
        return problem(status, title, message=message_text(str(error)) if str(error) else "")
    if status == 404:
        return problem(status, title, message=_not_there())
    return problem(status, title)


def _too_old(error: StepUp, status: int, title: str) -> Response:
    hint = _("Sign the person in again, with max_age=%(seconds)s, and repeat the call.", seconds=error.max_age)
    answer = problem(status, title, code="sign_in_too_old", hint=hint, max_age=error.max_age)
    # RFC 9470: what an application has to ask its sign-in service for.
    challenge = f'Bearer error="insufficient_user_authentication", max_age="{error.max_age}"'
    answer.headers["WWW-Authenticate"] = challenge
    return answer


def _denied(error: Denied) -> dict[str, Any]:
    if error.reason.startswith("bearer:"):
        hint = _("The token needs the audience of this API, and its client has to be on the list of those who run it.")
        return {"code": "token_not_accepted", "hint": hint}
    if error.reason.startswith("scope:"):
        scopes = ", ".join(needed(error.reason.removeprefix("scope:").strip()))
        said = _("One of these scopes is needed: %(scopes)s.", scopes=scopes) if scopes else _("Keys cannot do this.")
        return {"code": "missing_scope", "message": said}
    row, someone = g.get("right"), g.get("actor")
    lacking = missing(row, someone.facts) if row is not None and someone is not None else frozenset()
    if lacking:
        return {"code": "missing_roles", "message": _("Lacking: %(roles)s.", roles=", ".join(sorted(lacking)))}
    return {}


def _not_there() -> str:
    """Names what was asked for, as the caller wrote it."""
    named = {**(request.view_args or {})}
    if "organization_reference" in g:
        named["organization"] = g.organization_reference
    what = ", ".join(f"{name} {str(value)[:100]}" for name, value in named.items())
    return _("There is nothing here for: %(what)s.", what=what) if what else ""


def _hint(status: int) -> str:
    hints = {
        401: _("Send “Authorization: Bearer …” with an access token of a signed-in person, or with an API key."),
        403: _(
            "Ask somebody who gives roles for the one that is needed; the description of each call names its right."
        ),
        404: _("Check the address and the IDs in it; the caller may also lack every right to what it names."),
        405: _("The header “Allow” names the methods of this address."),
        409: _("Read the present state again, then decide."),
        412: _("It was changed since you read it. Read it again and send its new ETag."),
        413: _("Send less at once."),
        422: _("Correct the fields named in “errors” and send it again."),
        429: _("Wait for as many seconds as the header “Retry-After” says."),
        503: _("Try again after as many seconds as the header “Retry-After” says; a change may have been made."),
    }
    return hints.get(status, "")


def _challenge() -> str:
    """RFC 6750, 3: with a word about the token only where one was sent."""
    sent = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return 'Bearer error="invalid_token"' if sent else "Bearer"
