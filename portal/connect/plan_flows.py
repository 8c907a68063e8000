"""Changes for the portal's own flows: made where they are missing, made anew where they are not as they should be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from flask_babel import gettext as _

from portal.connect.changes import Call, Change, Level, step_lookup
from portal.connect.found import Found
from portal.connect.wanted_flows import FLOWS, Step, WantedFlow

Executions = Sequence[dict[str, Any]]


def plan(found: Found) -> list[Change]:
    """All changes for flows; none where the realm has no organizations, whose steps they take."""
    if not found.organizations:
        return []
    return [change for flow in FLOWS if (change := _change(found, flow))]


def _change(found: Found, flow: WantedFlow) -> Change | None:
    key = f"flow/{flow.alias}"
    if flow.alias not in found.flows:
        body = {"alias": flow.alias, "description": flow.description, "providerId": "basic-flow"}
        make = Call("POST", "authentication/flows", {**body, "topLevel": True, "builtIn": False})
        calls = (make, *_steps(found, flow.alias, flow.steps))
        title = f"Create flow {flow.alias!r} ({flow.description[0].lower()}{flow.description[1:]})"
        return Change(key, Level.NEEDED, title, calls, made=True, not_imported="flows")
    present = found.executions(flow.alias)
    if not differences(flow, present, found.step_config):
        return None
    gone = tuple(Call("DELETE", f"authentication/executions/{each['id']}") for each in present if not each["level"])
    title = f"Put the steps of flow {flow.alias!r} right"
    return Change(key, Level.NEEDED, title, (*gone, *_steps(found, flow.alias, flow.steps)), made=found.made(key))


def _steps(found: Found, alias: str, steps: Sequence[Step]) -> Iterator[Call]:
    path = f"authentication/flows/{quote(alias)}/executions"
    for number, step in enumerate(steps, 1):
        if step.steps:
            body = {"alias": step.name, "type": "basic-flow", "provider": "registration-page-form", "description": ""}
            yield Call("POST", f"{path}/flow", body)
        else:
            yield Call("POST", f"{path}/execution", {"provider": step.name})
        yield _placed(found.console.realm, path, alias, step, number * 10)
        if step.config:
            named = {"alias": f"{alias} {step.name}", "config": dict(step.config)}
            yield Call("POST", f"authentication/executions/{{step:{alias}/{step.name}}}/config", named)
        yield from _steps(found, step.name, step.steps)


def _placed(realm: str, path: str, alias: str, step: Step, priority: int) -> Call:
    """Keycloak makes a step without saying how much it counts; that is a second call, which names it by its id."""
    rest = {"requirement": step.requirement, "priority": priority}
    name = f"{alias}/{step.name}"
    text = json.dumps(rest, separators=(",", ":"))[1:]
    line = f"update {path} -r {realm} -b '{{\"id\":\"'{step_lookup(name, realm)}'\",{text}'"
    return Call("PUT", path, {"id": f"{{step:{name}}}", **rest}, kcadm=line)


def differences(flow: WantedFlow, present: Executions, config_of: Any) -> list[str]:
    """What of a flow is not as it should be. `config_of(id)` reads the settings of a step."""
    wanted = list(_flat(flow.steps, 0))
    names = [each.name for _level, each in wanted]
    found = [str(each.get("providerId") or each.get("displayName")) for each in present]
    if found != names or [each["level"] for each in present] != [level for level, _step in wanted]:
        return [_("its steps are %(steps)s", steps=", ".join(found) or "–")]
    said = []
    for (_level, step), each in zip(wanted, present, strict=True):
        if each["requirement"] != step.requirement:
            said.append(_("%(step)s is %(requirement)s", step=step.name, requirement=each["requirement"]))
        elif step.config and config_of(each.get("authenticationConfig", "")) != dict(step.config):
            said.append(_("%(step)s is set otherwise", step=step.name))
    return said


def _flat(steps: Sequence[Step], level: int) -> Iterator[tuple[int, Step]]:
    for step in steps:
        yield level, step
        yield from _flat(step.steps, level + 1)
