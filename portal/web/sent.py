"""The JSON that a program sends, before anybody looks at what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from portal.errors import Invalid

# What is nested deeper no operation takes, and some recursion behind would end on it.
DEEPEST = 32


def sent() -> bool:
    """Whether the request has a body; one that comes in chunks does not say how long it is."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def json_object() -> Mapping[str, Any]:
    """The JSON object of the request. Raises `Invalid` for anything else, also for text that cannot be stored."""
    try:
        found = request.get_json(silent=True)
        if isinstance(found, dict) and _fit(found):
            # Half of a surrogate pair is JSON but no text, and NaN is neither.
            json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
            return found
    except (RecursionError, ValueError):
        pass
    raise Invalid(form=["error-json-object"])


def _fit(found: Any) -> bool:
    """Whether it is not too deep and holds no NUL, which PostgreSQL has no place for. Level by level, no recursion."""
    here = [found]
    for _level in range(DEEPEST):
        if any(isinstance(each, str) and "\0" in each for each in here):
            return False
        here = [inner for each in here for inner in _inside(each)]
        if not here:
            return True
    return False


def _inside(each: Any) -> Iterable[Any]:
    if isinstance(each, dict):
        return [*each, *each.values()]
    return each if isinstance(each, list) else ()
