"""Events as files: CSV that no spreadsheet takes for formulas, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from portal import spreadsheet
from portal.events.actions import Line

COLUMNS = ("time", "kind", "event", "what", "who", "result", "details")


def as_csv(lines: Iterable[Line]) -> Iterator[str]:
    """Lines of CSV in UTF-8 under one heading."""
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.row(COLUMNS)
    for line in lines:
        details = "; ".join(f"{key}: {value}" for key, value in line.facts.items())
        yield spreadsheet.row((_time(line), line.kind, line.event, line.title, line.who, line.result, details))


def as_json(lines: Iterable[Line]) -> Iterator[str]:
    """One JSON object a line."""
    for line in lines:
        values = (_time(line), line.kind, line.event, line.title, line.who, line.result, dict(line.facts))
        yield json.dumps(dict(zip(COLUMNS, values, strict=True)), ensure_ascii=False) + "\n"


def _time(line: Line) -> str:
    return line.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
