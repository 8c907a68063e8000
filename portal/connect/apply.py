"""Doing changes, with a record of them kept in the realm from before the first."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from portal.connect.changes import Call, Change
from portal.connect.found import RECORD, Found
from portal.errors import Conflict

PARTS = frozenset({"role", "scope-mappings", "service-groups", "service-roles"})
Record = dict[str, dict[str, Any]]


def apply(found: Found, changes: Sequence[Change], report: Callable[[Change], None] = lambda _: None) -> None:
    """Do the changes in order.

    The record is written first: a run that breaks off half-way can be undone or run again. Raises `PortalError`.
    """
    if not changes:
        return
    record = merged(found.record, changes)
    if found.client(found.keeper) is None:
        changes = _keeping(found.keeper, changes, record)
    else:
        write_record(found, record)
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
    """Store the record, or take it away when nothing is left to undo."""
    keeper = found.client(found.keeper)
    if keeper is None or found.record == record:
        return
    body = {
        "clientId": found.keeper,
        "webOrigins": keeper.get("webOrigins") or [],
        "attributes": {RECORD: _text(record)},
    }
    found.console.send(Call("PUT", f"clients/{keeper['id']}", body))


def _keeping(keeper: str, changes: Sequence[Change], record: Record) -> list[Change]:
    """The changes with the one that creates the record's keeper first, born with the record."""
    first = next((change for change in changes if change.key == f"client/{keeper}"), None)
    if first is None:
        raise Conflict("the needed changes come first: run with --class needed as well")
    creation, *rest = first.calls
    body = {**creation.body, "attributes": {**creation.body["attributes"], RECORD: _text(record)}}
    born = replace(first, calls=(replace(creation, body=body), *rest))
    return [born, *(change for change in changes if change is not first)]


def _text(record: Record) -> str:
    return json.dumps(record, separators=(",", ":"), sort_keys=True) if record else ""


def _owner_made(record: Record, key: str) -> bool:
    """Whether the client a key belongs to was made by us: it goes as a whole, so its parts need no record."""
    kind, _, rest = key.partition("/")
    return kind in PARTS and bool(record.get(f"client/{rest.partition('/')[0]}", {}).get("made"))
