"""What the page of events may be narrowed by. Days are those of the reader's own time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.events.kinds import GROUPS

FAILED = "failed"
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NAMES = ("kind", "q", "from", "to", "zone")


@dataclass(frozen=True)
class Filters:
    """`since` and `until` are naive UTC, the second exclusive; `zone` names the zone of the days; `wrong` is the text
    of a date that is none."""

    kind: str = ""
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None
    zone: str = "UTC"
    wrong: str = ""


def parse(values: Mapping[str, str]) -> Filters:
    """From the address. An unknown kind or zone counts as none, a wrong date is named."""
    zone_name, zone = _zone(values.get("zone", ""))
    kind = values.get("kind", "")
    first, last = _day(values.get("from", "")), _day(values.get("to", ""))
    wrong = next((values[key] for key, day in (("from", first), ("to", last)) if values.get(key) and not day), "")
    return Filters(
        kind if kind in {*GROUPS, FAILED} else "", values.get("q", ""), _start(first, zone),
        _start(last + timedelta(days=1) if last else None, zone), zone_name, wrong,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Further off, moments in another zone could not be counted.
    return found if 1970 <= found.year <= 2999 and DAY.fullmatch(text) else None


def _start(day: date | None, zone: tzinfo) -> datetime | None:
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _zone(name: str) -> tuple[str, tzinfo]:
    """A time zone of the IANA database by name; UTC for whatever is none."""
    try:
        return (name, ZoneInfo(name)) if name and len(name) <= 64 else ("UTC", UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC", UTC
