"""python-keycloak's exceptions as `portal.errors`."""

from __future__ import annotations

import json
from typing import Any

from keycloak.exceptions import KeycloakAuthenticationError, KeycloakConnectionError, KeycloakError

from portal.clients.http import fields
from portal.errors import Conflict, Invalid, NotFound, PortalError, Upstream


def portal_error(error: KeycloakError, who: str) -> PortalError:
    """The portal's error for a failed admin call of `who`.

    A refusal (401, 403) is the operator's trouble, not the person's: it becomes `Upstream`, never `Denied`.
    """
    if isinstance(error, KeycloakConnectionError):
        return Upstream(type(error.__cause__ or error).__name__)
    status = error.response_code or 0
    body = _body(error)
    if isinstance(error, KeycloakAuthenticationError) or status == 401:
        return Upstream(f"{who} cannot sign in: {_text(body) or status}", retryable=False)
    if status == 403:
        return Upstream(f"{who} lacks a right", retryable=False)
    if status == 404:
        return NotFound(_text(body))
    if status in {400, 409}:
        return _refusal(status, body)
    return Upstream(f"status {status}", retryable=status >= 500 or status == 429, unknown=status >= 500)


def broken_connection(error: KeycloakConnectionError) -> bool:
    """Whether a kept-alive connection broke under the request, so that a read may be sent again."""
    cause = str(error.__cause__)
    return "RemoteDisconnected" in cause or "ConnectionReset" in cause


def _refusal(status: int, body: dict[str, Any]) -> PortalError:
    errors = body.get("errors") or ([body] if body.get("field") else [])
    if errors:
        return Invalid(fields(errors))
    return Conflict(_text(body)) if status == 409 else Invalid(form=[_text(body)])


def _body(error: KeycloakError) -> dict[str, Any]:
    try:
        parsed = json.loads(error.response_body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _text(body: dict[str, Any]) -> str:
    return str(body.get("errorMessage") or body.get("error_description") or body.get("error") or "")
