"""Whether the facts at the head of a guide are whole and of the right shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from portal.sso.guide_source import FENCE, Source
from portal.sso.guide_words import ATTRIBUTES, FAULTS, KINDS, NEEDED_ATTRIBUTES, PROTOCOLS, WAYS

Wrong = tuple[int, str]

_TYPES: dict[str, type] = {
    "vendor": str, "name": str, "protocol": str, "checked": date, "against": str, "source": str, "kind": str,
    "metadata": list, "attributes": dict, "second_reply": bool, "faults": dict,
}  # fmt: skip
_OPTIONAL: dict[str, type] = {"name_id": str, "example": str, "edition": date}
_NAME_IDS = ("emailAddress", "persistent", "transient", "unspecified")


def check(source: Source) -> Iterator[Wrong]:
    """Each fact that is missing, unknown or wrong, with its line."""
    shape = list(_shape(source))
    yield from shape
    if not shape:
        yield from _values(source)


def line_of(source: Source, key: str) -> int:
    """Where this fact stands; the first line if it does not."""
    lines = source.file.read_text("utf-8").splitlines()
    head = lines[: lines.index(FENCE, 1)]
    named = re.compile(rf"\[?{re.escape(key)}\b")
    return next((number for number, line in enumerate(head, 1) if named.match(line)), 1)


def _shape(source: Source) -> Iterator[Wrong]:
    facts = source.facts
    for key in _TYPES.keys() - facts.keys():
        yield 1, f"the fact {key} is missing"
    for key, value in facts.items():
        kind = {**_TYPES, **_OPTIONAL}.get(key)
        if kind is None:
            yield line_of(source, key), f"there is no fact {key}"
        elif not isinstance(value, kind) or (kind in (str, list, dict) and not value):
            yield line_of(source, key), f"{key} must be a {kind.__name__} that is not empty"
    if not any(isinstance(facts.get(key), datetime) for key in ("checked", "edition")):
        return
    yield line_of(source, "checked"), "dates stand without a time"


def _values(source: Source) -> Iterator[Wrong]:
    facts = source.facts
    if facts["protocol"] not in PROTOCOLS:
        yield line_of(source, "protocol"), f"protocol must be one of {', '.join(PROTOCOLS)}"
        return
    told = [*_names(source.file.stem, facts), *_origin(facts), *_lists(facts)]
    yield from ((line_of(source, key), reason) for key, reason in told)


def _names(stem: str, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    key = f"{facts['vendor']}-{facts['protocol']}"
    if not re.fullmatch(r"[a-z][a-z0-9]*", facts["vendor"]):
        yield "vendor", "vendor is one word of small letters and digits"
    if stem != key:
        yield "vendor", f"the file must be called {key}.md"
    if facts.get("name_id", _NAME_IDS[0]) not in _NAME_IDS:
        yield "name_id", f"name_id must be one of {', '.join(_NAME_IDS)}"


def _origin(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    today = datetime.now(UTC).date()
    if facts["kind"] not in KINDS:
        yield "kind", f"kind must be one of {', '.join(KINDS)}"
    if facts["checked"] > today:
        yield "checked", "checked lies in the future"
    if facts.get("edition", facts["checked"]) > facts["checked"]:
        yield "edition", "edition is later than checked"
    for key in ("source", "example"):
        if not facts.get(key, "https://").startswith("https://"):
            yield key, f"{key} must be an https address"


def _lists(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    protocol = facts["protocol"]
    yield from _known("metadata", facts["metadata"], WAYS[protocol])
    yield from _known("attributes", facts["attributes"], ATTRIBUTES)
    yield from _known("faults", facts["faults"], FAULTS[protocol])
    for missing in set(NEEDED_ATTRIBUTES) - set(facts["attributes"]):
        yield "attributes", f"attributes lacks {missing}"
    for table in ("attributes", "faults"):
        if not all(isinstance(value, str) and value for value in facts[table].values()):
            yield table, f"every entry of {table} is a text"


def _known(key: str, given: Any, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for one in given:
        if one not in known:
            yield key, f"{key} knows {', '.join(known)}, not {one}"
    if len(set(given)) != len(given):
        yield key, f"{key} names something twice"
