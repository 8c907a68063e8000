"""Two people edit one organization: what a form showed, what it sends, and what stands there now. Pure functions.

A field is `display_name`, `url`, or `attribute.<key>`; its value is the sorted tuple of its texts, empty for none.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.clients.orgs_types import Organization
from portal.organizations.forms import CONTROL, LONGEST

Fields = dict[str, tuple[str, ...]]

DISPLAY_NAME, URL, ATTRIBUTE = "display_name", "url", "attribute."
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")


@dataclass(frozen=True)
class Clash:
    """A field that the person changed and somebody else changed otherwise in the meantime."""

    field: str
    shown: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


def fields_of(organization: Organization) -> Fields:
    """All fields of an organization but those whose attributes are reserved."""
    found = {DISPLAY_NAME: one(organization.display_name), URL: one(organization.url)}
    attributes = {ATTRIBUTE + key: several(values) for key, values in organization.shown_attributes.items()}
    return {field: values for field, values in {**found, **attributes}.items() if values}


def one(text: str) -> tuple[str, ...]:
    """A single text as the value of a field."""
    return (text,) if text else ()


def several(values: tuple[str, ...]) -> tuple[str, ...]:
    """The back end keeps values in no order of its own, so an order or a repetition is no difference."""
    return tuple(sorted(set(values)))


def editable(fields: Fields) -> Fields:
    """Those that a form of single lines gives back as they were."""
    return {
        field: values for field, values in fields.items() if not field.startswith(ATTRIBUTE) or _plain(field, values)
    }


def _plain(field: str, values: tuple[str, ...]) -> bool:
    key = field.removeprefix(ATTRIBUTE)
    lines = all(value.strip() and len(value) <= LONGEST and not CONTROL.search(value) for value in values)
    return bool(KEY.fullmatch(key)) and len(key) <= LONGEST and lines


def changed(shown: Fields, mine: Fields) -> list[str]:
    """The fields that the person touched."""
    found = {field for field in {*shown, *mine} if mine.get(field, ()) != shown.get(field, ())}
    return sorted(found, key=lambda field: (field.startswith(ATTRIBUTE), field))


def merged(shown: Fields, mine: Fields, present: Fields) -> tuple[Fields, list[Clash]]:
    """What is to be written, and what has to be decided first. What nobody touched stays as it is now."""
    writes: Fields = {}
    clashes = []
    for field in changed(shown, mine):
        was, wanted, stands = (each.get(field, ()) for each in (shown, mine, present))
        if wanted == stands:
            continue
        if stands == was:
            writes[field] = wanted
        else:
            clashes.append(Clash(field, was, wanted, stands))
    return writes, clashes


def applied(organization: Organization, writes: Mapping[str, tuple[str, ...]]) -> Organization:
    """The organization with these fields written; an empty value takes an attribute away."""
    attributes = dict(organization.attributes)
    for field, values in writes.items():
        if field.startswith(ATTRIBUTE):
            attributes.pop(field.removeprefix(ATTRIBUTE), None)
            if values:
                attributes[field.removeprefix(ATTRIBUTE)] = values
    plain = {field: "".join(writes[field]) for field in (DISPLAY_NAME, URL) if field in writes}
    return dataclasses.replace(organization, attributes=attributes, **plain)  # type: ignore[arg-type]
