"""Doing changes, with a record in the realm written before the first of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from portal.connect.changes import Change
from portal.connect.found import RECORD, Found

PARTS = frozenset({"role", "scope-mappings", "service-groups", "service-roles"})
Record = dict[str, dict[str, Any]]


def apply(found: Found, changes: Sequence[Change], report: Callable[[Change], None] = lambda _: None) -> None:
    """Do the changes in order.

    The record is written first: a run that breaks off half-way can be undone or run again. Raises `PortalError`.
    """
    if not changes:
        return
    write_record(found, merged(found.record, changes))
    for change in changes:
        for call in change.calls:
            found.console.send(call)
        report(change)


def merged(record: Record, changes: Sequence[Change]) -> Record:
    """The record with these changes added; what was there before the first run stays the value to go back to."""
    result = {key: dict(entry) for key, entry in record.items()}
    for change in changes:
        entry = result.get(change.key, {})
        if entry.get("made") or _owner_made(result, change.key):
            continue
        if change.made:
            result[change.key] = {"made": True}
        else:
            was = {**change.was, **entry.get("was", {})}
            result[change.key] = {"was": was, "set": {**entry.get("set", {}), **change.put}}
    return result


def write_record(found: Found, record: Record) -> None:
    """Store the record in the realm, or take it away when nothing is left to undo."""
    text = json.dumps(record, separators=(",", ":"), sort_keys=True) if record else None
    if text != found.attributes.get(RECORD):
        found.console.set_attribute(RECORD, text)


def _owner_made(record: Record, key: str) -> bool:
    """Whether the client a key belongs to was made by us: it goes as a whole, so its parts need no record."""
    kind, _, rest = key.partition("/")
    return kind in PARTS and bool(record.get(f"client/{rest.partition('/')[0]}", {}).get("made"))
