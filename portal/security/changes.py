"""What a journey changed: told by comparing what was seen before with what is seen now. Pure but for the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.security.actions import Method, Overview
from portal.security.kinds import BY_TYPE


@dataclass(frozen=True)
class Change:
    """What was seen: `deed` is added, removed, renewed or changed."""

    deed: str
    type: str
    name: str
    id: str


def snapshot(everything: Overview) -> dict[str, Any]:
    """What to remember before leaving for Keycloak."""
    password = [everything.password] if everything.password else []
    return {each.id: [each.type, each.name, _moment(each)] for each in [*password, *everything.methods]}


def _moment(method: Method) -> str:
    return method.created.isoformat() if method.created else ""


def seen(before: Mapping[str, Any], everything: Overview) -> list[Change]:
    """The differences. A type of which one went and one came was renewed."""
    now = snapshot(everything)
    added = [(key, now[key]) for key in now if key not in before]
    removed = [(key, before[key]) for key in before if key not in now]
    moved = [(key, now[key]) for key in now if key in before and before[key][2] != now[key][2]]
    renewed = {value[0] for _key, value in added} & {value[0] for _key, value in removed}
    return [
        *(Change("renewed" if v[0] in renewed else "added", v[0], v[1], k) for k, v in added),
        *(Change("removed", v[0], v[1], k) for k, v in removed if v[0] not in renewed),
        *(Change("changed", v[0], v[1], k) for k, v in moved),
    ]


def told(changes: Iterable[Change], *, cancelled: bool) -> str:
    """One sentence for the person."""
    said = [_told(change) for change in changes]
    if said:
        return " ".join(said)
    return _("Cancelled. Nothing was changed.") if cancelled else _("Nothing was changed.")


def _told(change: Change) -> str:
    if change.type == "password":
        return _("Your password is set.") if change.deed == "added" else _("Your password was changed.")
    if change.type == "recovery-authn-codes":
        texts = {
            "added": _("You have recovery codes now."),
            "renewed": _("You have new recovery codes. The old ones work no more."),
            "changed": _("You have new recovery codes. The old ones work no more."),
            "removed": _("Your recovery codes are removed."),
        }
        return texts[change.deed]
    name = change.name or str(BY_TYPE[change.type].one)
    texts = {
        "added": _("%(name)s is added.", name=name),
        "renewed": _("%(name)s takes the place of an earlier one.", name=name),
        "changed": _("%(name)s was changed.", name=name),
        "removed": _("%(name)s is removed.", name=name),
    }
    return texts[change.deed]
