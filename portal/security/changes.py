"""What a journey changed: told by comparing what was seen before with what is seen now. Pure but for the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.security.kinds import BY_TYPE, CODES, PASSWORD
from portal.security.overview import Method, Overview

REPLACED = {PASSWORD, CODES}  # of these there is one, which Keycloak puts another in place of


@dataclass(frozen=True)
class Change:
    """What was seen: `deed` is added, removed or renewed."""

    deed: str
    type: str
    name: str
    id: str


def snapshot(everything: Overview) -> dict[str, Any]:
    """What to remember before leaving for Keycloak: type, name and time by id."""
    password = [everything.password] if everything.password else []
    methods = [method for group in everything.everything for method in group.methods]
    return {each.id: [each.type, each.name, _moment(each)] for each in [*password, *methods]}


def _moment(method: Method) -> str:
    return method.created.isoformat() if method.created else ""


def seen(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The differences between two snapshots."""
    added = {key: value for key, value in now.items() if key not in before}
    removed = {key: value for key, value in before.items() if key not in now}
    renewed = REPLACED & {value[0] for value in added.values()} & {value[0] for value in removed.values()}
    moved = {key: value for key, value in now.items() if key in before and before[key][2] != value[2]}
    return [
        *(Change("renewed" if v[0] in renewed else "added", v[0], v[1], k) for k, v in added.items()),
        *(Change("removed", v[0], v[1], k) for k, v in removed.items() if v[0] not in renewed),
        *(Change("renewed", v[0], v[1], k) for k, v in moved.items()),
    ]


def told(changes: Iterable[Change], status: str) -> str:
    """One sentence a change for the person. Without any: what Keycloak's `status` makes of it."""
    said = [_told(change) for change in changes]
    if said:
        return " ".join(said)
    if status == "cancelled":
        return _("Cancelled. Nothing was changed.")
    if status == "error":
        return _("The sign-in page could not do this. Nothing was changed.")
    return _("Nothing was changed.")


def _told(change: Change) -> str:
    if change.type == PASSWORD:
        return _told_of_password(change.deed)
    if change.type == CODES:
        return _told_of_codes(change.deed)
    name = change.name or (str(BY_TYPE[change.type].one) if change.type in BY_TYPE else change.type)
    texts = {
        "added": _("%(name)s is added.", name=name),
        "renewed": _("%(name)s was changed.", name=name),
        "removed": _("%(name)s is removed.", name=name),
    }
    return texts[change.deed]


def _told_of_password(deed: str) -> str:
    texts = {
        "added": _("Your password is set."),
        "renewed": _("Your password was changed."),
        "removed": _("Your password is removed."),
    }
    return texts[deed]


def _told_of_codes(deed: str) -> str:
    texts = {
        "added": _("You have recovery codes now."),
        "renewed": _("You have new recovery codes. The old ones work no more."),
        "removed": _("Your recovery codes are removed."),
    }
    return texts[deed]
