"""CSV for spreadsheets: what people typed stays text there and is never calculated."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

# It lets spreadsheets know the encoding; at the beginning of a file.
BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the beginning of a formula, full-width forms too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def row(cells: Iterable[str]) -> str:
    """One line of RFC 4180, its end included, with every cell as text."""
    line = StringIO()
    csv.writer(line).writerow([as_text(cell) for cell in cells])
    return line.getvalue()


def as_text(cell: str) -> str:
    """A cell that stays text: an apostrophe goes before what would be calculated."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) or cell.startswith(FORMULA) else cell
