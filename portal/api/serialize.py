"""Dataclasses to JSON: declared fields only, times as ISO 8601 in UTC."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from portal.api.paging import Page


def plain(value: Any, *, many: bool = False) -> Any:
    """What `json` can write. A list stands under `data`, so that it may get neighbours."""
    if isinstance(value, Page):
        found = {"data": [_plain(each) for each in value.items], "next_cursor": value.next}
        return {**found, "hint": value.hint} if value.hint else found
    if many:
        return {"data": [_plain(each) for each in value]}
    return _plain(value)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return moment(value).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, set | frozenset):
        return sorted(_plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value


def moment(at: datetime) -> datetime:
    """In UTC; moments of the store have no zone and are UTC already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
