"""What connect prints."""

from __future__ import annotations

import json
from collections.abc import Sequence

from portal.connect.changes import Change, Level

HEADINGS = {
    Level.NEEDED: "Needed",
    Level.RECOMMENDED: "Recommended",
    Level.SIGN_INS: "Changes existing sign-ins",
}


def plan_text(changes: Sequence[Change], realm: str) -> str:
    """The plan, class by class, each change with its commands and its partial import."""
    parts = []
    for level, heading in HEADINGS.items():
        chosen = [change for change in changes if change.level is level]
        if chosen:
            parts += [f"{heading}:", *(_change_text(change, realm) for change in chosen)]
    return "\n".join(parts)


def undo_text(changes: Sequence[Change], realm: str) -> str:
    """The way back, step by step."""
    return "\n".join(_change_text(change, realm) for change in changes)


def _change_text(change: Change, realm: str) -> str:
    lines = [f"  * {change.title}"]
    lines += [f"      affects {who}" for who in change.affects]
    lines += [f"      $ {line}" for line in change.kcadm(realm)]
    if change.partial_import:
        lines.append("      partial import: " + json.dumps(change.partial_import, separators=(",", ":")))
    if change.not_imported:
        lines.append(f"      (a partial import cannot carry {change.not_imported}; use the commands for those)")
    return "\n".join(lines)
