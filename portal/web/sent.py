"""The JSON that a program sends, before anybody looks at what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from portal.errors import Invalid


def sent() -> bool:
    """Whether the request has a body; one that comes in chunks does not say how long it is."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def json_object() -> Mapping[str, Any]:
    """The JSON object of the request, read by `portal.foreign_json`. Raises `Invalid` for anything else."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Invalid(form=["error-json-object"])
    return found
