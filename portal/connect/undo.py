"""Taking away what connect made and restoring what it changed, from the record in the realm.

The record can be written by anybody who manages the realm, and undo runs with an administrator's credential: therefore
only known kinds of things are touched, settings go back only where they still are as connect put them, and a right
that was taken away is named, never given back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from portal.connect import client_fields, plan_settings, rights
from portal.connect.changes import ATTRIBUTE, MERGE, Call, Change, Level
from portal.connect.found import Found
from portal.connect.origins import ORIGINS
from portal.connect.wanted import Target, clients
from portal.connect.wanted_flows import FLOWS

EVENT_FIELDS = frozenset(
    {"eventsEnabled", "enabledEventTypes", "eventsExpiration", "adminEventsEnabled", "adminEventsDetailsEnabled"}
)
REALM_FIELDS = frozenset({"revokeRefreshToken", "refreshTokenMaxReuse", plan_settings.PASSKEYS})
OWN_FLOWS = frozenset(flow.alias for flow in FLOWS)
MakeCalls = Callable[[Found, str, rights.Mappings, rights.Mappings], tuple[Call, ...]]
ACTIONS = frozenset({*plan_settings.NEEDED_ACTIONS, *plan_settings.RECOMMENDED_ACTIONS})


@dataclass(frozen=True)
class Context:
    """What an undo step looks at."""

    found: Found
    target: Target
    name: str
    entry: dict[str, Any]

    @property
    def made(self) -> bool:
        """Whether connect made the thing."""
        return bool(self.entry.get("made"))

    def going_back(self, present: dict[str, Any]) -> dict[str, Any]:
        """Recorded values of the settings that still are as connect put them."""
        was, put = self.entry.get("was", {}), self.entry.get("set", {})
        return {
            key: was[key]
            for key in was
            if key in put and key in present and client_fields.same(present.get(key), put[key])
        }


@dataclass(frozen=True)
class Undoing:
    """Changes to make, and sentences about what is left to the operator."""

    changes: list[Change]
    notes: list[str]


def plan(found: Found, target: Target) -> Undoing:
    """How to leave the realm as it was before the first run."""
    changes: list[Change] = []
    notes: list[str] = []
    for key, entry in sorted(found.record.items(), key=lambda item: _order(found, item[0])):
        kind, _, name = key.partition("/")
        step = _STEPS.get(kind)
        if step is None or not isinstance(entry, dict):
            notes.append(f"The record names {key!r}, which is nothing this command makes; it is left alone.")
            continue
        context = Context(found, target, name, entry)
        changes += step(context)
        notes += _left(kind, context)
    return Undoing(changes, notes)


def _order(found: Found, key: str) -> int:
    """Parts before the clients they belong to, the scope before the client it names, the record's keeper last."""
    kind, _, name = key.partition("/")
    if (kind, name) == ("client", found.keeper):
        return 3
    return {"client-scope": 1, "client": 2}.get(kind, 0)


def _client(context: Context) -> list[Change]:
    client = context.found.client(context.name) if context.name in context.target.client_ids else None
    if client is None:
        return []
    path = f"clients/{{client:{context.name}}}"
    if context.made:
        return [_step(f"client/{context.name}", f"Delete client {context.name}", Call("DELETE", path))]
    back = context.going_back(client_fields.present_fields(client, _fields(context)))
    calls = client_fields.calls(context.found, context.name, back) if back else ()
    title = f"Restore client {context.name}: {', '.join(back)}"
    return [_step(f"client/{context.name}", title, *calls)] if calls else []


def _fields(context: Context) -> client_fields.Fields:
    """The fields connect ever sets on this client; others in a record are not ours to write."""
    wanted = next(each for each in clients(replace(context.target, accounts=True)) if each.id == context.name)
    return client_fields.wanted_fields(wanted, context.found.scopes)


def _client_scope(context: Context) -> list[Change]:
    if not context.made or context.name not in context.target.client_ids or context.name not in context.found.scopes:
        return []
    call = Call("DELETE", f"client-scopes/{{scope:{context.name}}}")
    return [_step(f"client-scope/{context.name}", f"Delete client scope {context.name}", call)]


def _role(context: Context) -> list[Change]:
    client_id, _, role = context.name.partition("/")
    if not context.made or client_id not in context.target.client_ids or context.found.client(client_id) is None:
        return []
    if role not in context.found.client_roles(client_id):
        return []
    call = Call("DELETE", f"clients/{{client:{client_id}}}/roles/{role}")
    return [_step(f"role/{context.name}", f"Delete role {role} of client {client_id}", call)]


def _mappings(context: Context, present: rights.Mappings, make: MakeCalls, key: str) -> list[Change]:
    """Take back roles that connect added and that are still there."""
    was, put = context.entry.get("was", {}), context.entry.get("set", {})
    added = {box: set(names) - set(was.get(box, ())) for box, names in put.items()}
    kept = {box: set(names) - added.get(box, set()) for box, names in present.items()}
    calls = make(context.found, context.name, kept, present)
    title = f"Take back from {context.name}: {rights.described(kept, present)}"
    return [_step(key, title, *calls)] if calls else []


def _scope_mappings(context: Context) -> list[Change]:
    if context.name not in context.target.client_ids or context.found.client(context.name) is None:
        return []
    present = context.found.scope_mappings(context.name)
    return _mappings(context, present, rights.scope_calls, f"scope-mappings/{context.name}")


def _service_roles(context: Context) -> list[Change]:
    if context.name not in context.target.client_ids or context.found.service_user(context.name) is None:
        return []
    present = context.found.service_mappings(context.name)
    return _mappings(context, present, rights.service_calls, f"service-roles/{context.name}")


def _events(context: Context) -> list[Change]:
    back = _allowed(context, context.found.events, EVENT_FIELDS)
    title = f"Restore event settings: {', '.join(back)}"
    return [_step("events", title, Call(MERGE, "events/config", back))] if back else []


def _realm(context: Context) -> list[Change]:
    back = _allowed(context, context.found.realm, REALM_FIELDS)
    title = f"Restore realm settings: {', '.join(back)}"
    return [_step("realm", title, plan_settings.realm_call(context.found, back))] if back else []


def _allowed(context: Context, present: dict[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in context.going_back(present).items() if key in allowed}


def _required_action(context: Context) -> list[Change]:
    present = context.found.required_actions.get(context.name)
    if context.name not in ACTIONS or present is None:
        return []
    path, key = f"authentication/required-actions/{context.name}", f"required-action/{context.name}"
    if context.made:
        return [_step(key, f"Unregister required action {context.name}", Call("DELETE", path))]
    back = context.going_back(present)
    return [_step(key, f"Disable required action {context.name}", Call(MERGE, path, back))] if back else []


def _attribute(context: Context) -> list[Change]:
    back = context.going_back({"value": context.found.attributes.get(ORIGINS)})
    if context.name != ORIGINS or not back:
        return []
    call = Call(ATTRIBUTE, ORIGINS, back["value"])
    return [_step(f"attribute/{ORIGINS}", f"Restore realm attribute {ORIGINS}", call)]


def _flow(context: Context) -> list[Change]:
    flow = context.found.flows.get(context.name, "")
    if not flow or context.name not in OWN_FLOWS or not context.made or context.found.uses_flow(context.name):
        return []
    call = Call("DELETE", f"authentication/flows/{flow}")
    return [_step(f"flow/{context.name}", f"Delete flow {context.name!r}", call)]


def _nothing(_: Context) -> list[Change]:
    return []


def _left(kind: str, context: Context) -> list[str]:
    """What undo names and does not do: giving rights back."""
    if kind == "flow" and context.name in OWN_FLOWS and context.found.uses_flow(context.name):
        return [f"Flow {context.name!r} stays: connections of organizations use it."]
    was, put = context.entry.get("was", {}), context.entry.get("set", {})
    if kind not in {"scope-mappings", "service-roles", "service-groups"} or not was:
        return []
    gone = [f"{name} ({box or 'realm'})" for box in was for name in sorted(set(was[box]) - set(put.get(box, ())))]
    return [f"{context.name} had {', '.join(gone)} before; give it back by hand if it should have it."] if gone else []


def _step(key: str, title: str, *calls: Call) -> Change:
    return Change(key, Level.NEEDED, title, calls)


_STEPS: dict[str, Callable[[Context], list[Change]]] = {
    "client": _client,
    "client-scope": _client_scope,
    "role": _role,
    "scope-mappings": _scope_mappings,
    "service-roles": _service_roles,
    "service-groups": _nothing,
    "events": _events,
    "flow": _flow,
    "realm": _realm,
    "required-action": _required_action,
    "attribute": _attribute,
}
