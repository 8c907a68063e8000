"""Problem documents: how the JSON face says what went wrong (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, request

from portal.messages import text as message_text


def wants_problem() -> bool:
    """Whether the request is one of the JSON face."""
    return "/api/v1" in request.path and request.path.split("/")[2:4] == ["api", "v1"]


def problem(status: int, title: str, errors: dict[str, Any] | None = None) -> Response:
    """One document; `errors` are messages by field."""
    body: dict[str, Any] = {"type": "about:blank", "title": str(title), "status": status}
    if errors:
        body["errors"] = {field: message_text(said) for field, said in errors.items()}
    body["request_id"] = g.get("request_id")
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
