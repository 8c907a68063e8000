"""What commands print: tables and facts for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def printed(found: Any, *, as_json: bool) -> str:
    """`found` as text: rows (a sequence of mappings), one thing (a mapping), a sentence, or None for nothing."""
    if as_json:
        return json.dumps(found, indent=2, ensure_ascii=False, default=_plain) + "\n"
    if found is None:
        return ""
    if isinstance(found, str):
        return found if found.endswith("\n") else f"{found}\n"
    if isinstance(found, Mapping):
        return _facts(found)
    return _table(found)


def _facts(found: Mapping[str, Any]) -> str:
    width = max(map(len, found), default=0)
    return "".join(f"{key:{width}}  {_cell(value)}".rstrip() + "\n" for key, value in found.items())


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    names = list(rows[0])
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    return "".join(
        "  ".join(f"{text:{width}}" for text, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _cell(value: Any) -> str:
    """One line: what others wrote moves no cursor."""
    if isinstance(value, datetime):
        return _plain(value)
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _plain(value: Any) -> str:
    return value.isoformat(timespec="seconds") + "Z" if isinstance(value, datetime) else str(value)
