"""Dataclasses to JSON: declared fields only, times as ISO 8601 in UTC."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any


def plain(value: Any, *, many: bool = False) -> Any:
    """What `json` can write. A list stands under `items`, so that it may get neighbours later."""
    if many:
        return {"items": [_plain(each) for each in value]}
    return _plain(value)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value
