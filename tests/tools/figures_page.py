"""The parts of docs/figures.md: each tool writes its own and leaves the others as they are."""

from __future__ import annotations

import re
from pathlib import Path

_PART = re.compile(r"^(?=## )", re.M)


def put(page: Path, part: str) -> None:
    """Put a part, whose first line is its title, into the page: in the place of an older one, else at the end."""
    title = part.partition("\n")[0]
    parts = [each.rstrip() for each in _PART.split(page.read_text(encoding="utf-8"))]
    known = [each.partition("\n")[0] for each in parts]
    if title in known:
        parts[known.index(title)] = part.rstrip()
    else:
        parts.append(part.rstrip())
    page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def kept(page: Path) -> str:
    """All parts with a title, for whoever writes the beginning of the page anew."""
    _beginning, *parts = _PART.split(page.read_text(encoding="utf-8"))
    return "\n" + "".join(parts) if parts else ""
