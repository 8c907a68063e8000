"""The layout of the pages, where the style sheet counts, and the additional script, as an operator enters them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.clients.outbound import fetch, policy_from
from portal.errors import PortalError
from portal.styles.extras import LAYOUT, LAYOUTS, SCRIPT, TARGET, TARGETS, hashed, usable

KEYS = (LAYOUT, TARGET, SCRIPT)
FIELDS = ("layout", "target", "script", "integrity")
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Arrangement:
    """What is entered, and what is wrong with it by field."""

    layout: str = ""
    target: str = ""
    script: str = ""
    integrity: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def registered(self) -> str:
        """The script as its attribute holds it."""
        return f"{self.script} {self.integrity}" if self.script else ""


def of(values: Mapping[str, str]) -> Arrangement:
    """What the attributes say."""
    script, _space, integrity = values.get(SCRIPT, "").strip().partition(" ")
    return Arrangement(values.get(LAYOUT, "").strip(), values.get(TARGET, "").strip(), script, integrity)


def alone(actor: Actor) -> bool:
    """Whether the portal's origin serves this realm only; a script would reach every other one otherwise."""
    return len(actor.services.settings.realms) == 1


def entered(actor: Actor, form: Mapping[str, str], present: Arrangement) -> Arrangement:
    """What somebody entered, with what is wrong. A new script is fetched once and compared with its hash."""
    texts: dict[str, Any] = {name: form.get(name, "").strip() for name in FIELDS}
    if not alone(actor):
        texts |= {"script": present.script, "integrity": present.integrity}
    found = Arrangement(**texts)
    errors = errors_of(found, present, loopback=actor.services.settings.loopback)
    if found.script and found.registered != present.registered and not {"script", "integrity"} & set(errors):
        errors |= _content_errors(actor, found)
    return Arrangement(**texts, errors=errors)


def errors_of(found: Arrangement, present: Arrangement, *, loopback: bool) -> dict[str, str]:
    """What is wrong by field, as far as it can be seen without fetching anything."""
    errors = {}
    if found.layout not in LAYOUTS:
        errors["layout"] = _("Choose one of these.")
    if found.target not in TARGETS:
        errors["target"] = _("Choose one of these.")
    if found.registered != present.registered or (found.integrity and not found.script):
        errors |= _script_errors(found, loopback=loopback)
    return errors


def _script_errors(found: Arrangement, *, loopback: bool) -> dict[str, str]:
    if not found.script:
        return {"script": _("Enter the address of the script, or leave both fields empty.")} if found.integrity else {}
    if not usable(found.script, loopback=loopback):
        return {"script": _("Enter the https address of one file, without a query and without special characters.")}
    if not hashed(found.integrity):
        return {"integrity": _("Enter the hash as sha384-… (or sha256-, sha512-), as Subresource Integrity writes it.")}
    return {}


def _content_errors(actor: Actor, found: Arrangement) -> dict[str, str]:
    try:
        content = fetch(found.script, policy_from(actor.services.settings), max_bytes=MOST_BYTES).body
    except PortalError:
        said = _("It could not be fetched. The address must be public, answer within seconds, and redirect nowhere.")
        return {"script": said}
    kind = found.integrity.partition("-")[0]
    there = f"{kind}-{base64.b64encode(hashlib.new(kind, content).digest()).decode()}"
    if there == found.integrity:
        return {}
    return {"integrity": _("What is at that address has another hash now: %(hash)s.", hash=there)}


def wanted(shown: Mapping[str, str], found: Arrangement) -> dict[str, str]:
    """What the attributes shall be. What means the same keeps its very text."""
    present = of(shown)
    pairs = {
        LAYOUT: (found.layout, present.layout), TARGET: (found.target, present.target),
        SCRIPT: (found.registered, present.registered),
    }  # fmt: skip
    return {key: shown.get(key, "") if mine == before else mine for key, (mine, before) in pairs.items()}


def layouts() -> list[dict[str, str]]:
    """The layouts there are, for a choice."""
    return [
        {"value": "", "label": _("Navigation at the side"), "hint": _("Room for many organizations and pages.")},
        {"value": "top", "label": _("Navigation on top"), "hint": _("More width for the content; like many websites.")},
    ]


def targets() -> list[dict[str, str]]:
    """Where the style sheet may count, for a choice."""
    return [
        {"value": "", "label": _("On all pages")},
        {"value": "organization", "label": _("Only on pages of an organization")},
        {"value": "account", "label": _("Only on pages about one's own account")},
    ]
