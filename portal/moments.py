"""Moments as the tables keep them and as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def aware(at: datetime | str) -> datetime: ...
@overload
def aware(at: datetime | str | None) -> datetime | None: ...
def aware(at: datetime | str | None) -> datetime | None:
    """A stored moment, which is naive UTC or the ISO 8601 text of one, with its zone; None stays None."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found.replace(tzinfo=UTC) if found else None
