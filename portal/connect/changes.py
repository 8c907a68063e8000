"""A change to a realm: what it is called, which calls it takes, and what undo must know."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

ATTRIBUTE = "ATTRIBUTE"
MERGE = "MERGE"
PLACEHOLDER = re.compile(r"\{(client|scope|step|user):([^}]+)\}")


class Level(StrEnum):
    """How much say the operator has in a change."""

    NEEDED = "needed"
    RECOMMENDED = "recommended"
    SIGN_INS = "sign-ins"


@dataclass(frozen=True)
class Call:
    """One admin call. `path` is below `/admin/realms/{realm}/`; ids not known yet stand as `{client:portal}`.

    Method `ATTRIBUTE` sets the realm attribute named by `path` to `body`, or removes it when `body` is None;
    `MERGE` reads what is there, changes the fields of `body` and writes it back.
    """

    method: str
    path: str
    body: Any = None
    # Where kcadm has a command of its own that is easier to read than the bare call.
    kcadm: str = ""


@dataclass(frozen=True)
class Change:
    """Something to do in the realm, done wholly or not at all.

    `made` is true where a thing comes into being; otherwise `was` and `put` hold the settings before and after.
    """

    key: str
    level: Level
    title: str
    calls: tuple[Call, ...]
    made: bool = False
    was: Mapping[str, Any] = field(default_factory=dict)
    put: Mapping[str, Any] = field(default_factory=dict)
    affects: tuple[str, ...] = ()
    partial_import: Mapping[str, Any] | None = None
    # What a partial import cannot carry and only the kcadm commands do.
    not_imported: str = ""

    def kcadm(self, realm: str) -> list[str]:
        """The same change as `kcadm.sh` commands."""
        return [kcadm_line(call, realm) for call in self.calls]

    def as_json(self, realm: str) -> dict[str, Any]:
        """For `--json`."""
        return {
            "key": self.key,
            "class": self.level.value,
            "title": self.title,
            "affects": list(self.affects),
            "kcadm": self.kcadm(realm),
            "partial_import": self.partial_import,
            "not_in_partial_import": self.not_imported,
        }


def kcadm_line(call: Call, realm: str) -> str:
    """One call as a shell command; ids not known yet are looked up by a command in its place."""
    if call.kcadm:
        return f"kcadm.sh {call.kcadm}"
    if call.method == ATTRIBUTE:
        value = "" if call.body is None else call.body
        return f"kcadm.sh update realms/{realm} -s {_quoted(f'attributes.{json.dumps(call.path)}={json.dumps(value)}')}"
    if call.method == MERGE:
        return _merge_line(call, realm)
    verb = {"POST": "create", "PUT": "update", "DELETE": "delete"}[call.method]
    path = PLACEHOLDER.sub(lambda found: _lookup(found, realm), call.path)
    target = f'"{path}"' if "$(" in path else path
    if not path:
        return f"kcadm.sh {verb} realms/{realm} -b {_body(call)}"
    return f"kcadm.sh {verb} {target} -r {realm}" + (f" -b {_body(call)}" if call.body is not None else "")


def _merge_line(call: Call, realm: str) -> str:
    settings = " ".join(f"-s {_quoted(f'{key}={json.dumps(value)}')}" for key, value in call.body.items())
    return (
        f"kcadm.sh update {call.path} -r {realm} {settings}"
        if call.path
        else f"kcadm.sh update realms/{realm} {settings}"
    )


def resolve(path: str, find: Callable[[str, str], str]) -> str:
    """`path` with each placeholder replaced by `find(kind, name)`."""
    return PLACEHOLDER.sub(lambda found: find(found[1], found[2]), path)


def _lookup(found: re.Match[str], realm: str) -> str:
    kind, name = found[1], found[2]
    if kind == "step":
        return step_lookup(name, realm)
    query = {
        "client": f"get clients -r {realm} -q clientId={name}",
        "user": f"get users -r {realm} -q username=service-account-{name} -q exact=true",
        "scope": f"get client-scopes -r {realm}",
    }[kind]
    if kind == "scope":
        return f"$(kcadm.sh {query} --fields id,name --format csv --noquotes | grep ,{name}$ | cut -d, -f1)"
    return f"$(kcadm.sh {query} --fields id --format csv --noquotes)"


def step_lookup(name: str, realm: str) -> str:
    """The command that finds the id of a step by `flow/step`."""
    flow, _, step = name.rpartition("/")
    fields = "--fields id,providerId,displayName --format csv --noquotes"
    path = f"authentication/flows/{quote(flow)}/executions"
    return f"$(kcadm.sh get {path} -r {realm} {fields} | grep {shlex.quote(f',{step}')} | head -1 | cut -d, -f1)"


def _body(call: Call) -> str:
    return _quoted(json.dumps(call.body, separators=(",", ":"), ensure_ascii=False))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
