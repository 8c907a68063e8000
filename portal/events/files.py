"""Events as files: CSV that no spreadsheet takes for formulas, and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from portal.events.actions import Line

COLUMNS = ("time", "kind", "event", "what", "who", "result", "details")
# What spreadsheets take for the beginning of a formula, full-width forms too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(lines: Iterable[Line]) -> Iterator[str]:
    """RFC 4180, UTF-8, one heading; a byte order mark lets spreadsheets know the encoding."""
    yield "\ufeff" + _row(COLUMNS)
    for line in lines:
        details = "; ".join(f"{key}: {value}" for key, value in line.facts.items())
        yield _row((_time(line), line.kind, line.event, line.title, line.who, line.result, details))


def as_json(lines: Iterable[Line]) -> Iterator[str]:
    """One JSON object a line."""
    for line in lines:
        values = (_time(line), line.kind, line.event, line.title, line.who, line.result, dict(line.facts))
        yield json.dumps(dict(zip(COLUMNS, values, strict=True)), ensure_ascii=False) + "\n"


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def guarded(cell: str) -> str:
    """A cell that stays text: an apostrophe goes before what would be calculated."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) or cell.startswith(FORMULA) else cell


def _time(line: Line) -> str:
    return line.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
