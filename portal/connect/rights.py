"""Scope mappings of the portal's clients and roles of their service accounts: exact, nothing more."""

from __future__ import annotations

from collections.abc import Mapping

from portal.connect.changes import Call, Change, Level
from portal.connect.found import Found
from portal.connect.wanted import WantedClient

Mappings = Mapping[str, "frozenset[str] | set[str]"]


def scope_calls(found: Found, client_id: str, wanted: Mappings, present: Mappings) -> tuple[Call, ...]:
    """The calls that make a client's scope mappings exactly `wanted`."""
    base = f"clients/{{client:{client_id}}}/scope-mappings"
    return tuple(
        Call(method, f"{base}/{_container(container)}", _reps(found, container, names))
        for method, container, names in _steps(found, wanted, present)
    )


def service_calls(found: Found, client_id: str, wanted: Mappings, present: Mappings) -> tuple[Call, ...]:
    """The calls that make a service account's roles exactly `wanted`."""
    base = f"users/{{user:{client_id}}}/role-mappings"
    return tuple(
        Call(
            method,
            f"{base}/{_container(container)}",
            _reps(found, container, names),
            kcadm=_role_line(found.console.realm, method, client_id, container, names),
        )
        for method, container, names in _steps(found, wanted, present)
    )


def plan(found: Found, client: WantedClient, level: Level) -> list[Change]:
    """What is missing or too much on a client that exists."""
    changes = [_scope_change(found, client, level)]
    if client.is_service:
        changes += [_service_change(found, client, level), _group_change(found, client, level)]
    return [change for change in changes if change is not None]


def _scope_change(found: Found, client: WantedClient, level: Level) -> Change | None:
    present = found.scope_mappings(client.id)
    calls = scope_calls(found, client.id, client.scope_mappings, present)
    title = f"Give client {client.id} the scope it needs, and no more: {described(client.scope_mappings, present)}"
    if not calls:
        return None
    key = f"scope-mappings/{client.id}"
    return Change(key, level, title, calls, was=_listed(present), put=_listed(client.scope_mappings))


def _service_change(found: Found, client: WantedClient, level: Level) -> Change | None:
    wanted = {"realm-management": client.service_roles}
    if found.service_user(client.id) is None:
        return None  # comes with the change that turns its service account on; the next run sees it
    present = found.service_mappings(client.id)
    calls = service_calls(found, client.id, wanted, present)
    title = f"Give the service account of {client.id} the roles it needs, and no more: {described(wanted, present)}"
    if not calls:
        return None
    return Change(f"service-roles/{client.id}", level, title, calls, was=_listed(present), put=_listed(wanted))


def _group_change(found: Found, client: WantedClient, level: Level) -> Change | None:
    groups = found.service_groups(client.id)
    if not groups:
        return None
    names = ", ".join(str(group["path"]) for group in groups)
    return Change(
        key=f"service-groups/{client.id}",
        level=level,
        title=f"Take the service account of {client.id} out of groups, which may carry roles: {names}",
        calls=group_calls(client.id, groups),
        was={"groups": [group["path"] for group in groups]},
        put={"groups": []},
    )


def group_calls(client_id: str, groups: list[dict[str, str]]) -> tuple[Call, ...]:
    """The calls that take a service account out of groups."""
    return tuple(Call("DELETE", f"users/{{user:{client_id}}}/groups/{group['id']}") for group in groups)


def described(wanted: Mappings, present: Mappings) -> str:
    """`+view-realm (realm-management), -manage-users (realm-management)`."""
    parts = []
    for container in sorted(set(wanted) | set(present)):
        want, have = set(wanted.get(container, ())), set(present.get(container, ()))
        where = container or "realm"
        parts += [f"+{name} ({where})" for name in sorted(want - have)]
        parts += [f"-{name} ({where})" for name in sorted(have - want)]
    return ", ".join(parts)


def _listed(mappings: Mappings) -> dict[str, list[str]]:
    return {container: sorted(names) for container, names in mappings.items()}


def _steps(found: Found, wanted: Mappings, present: Mappings) -> list[tuple[str, str, list[str]]]:
    steps = []
    for container in sorted(set(wanted) | set(present)):
        want, have = set(wanted.get(container, ())), set(present.get(container, ()))
        # An older server may not know a role: what does not exist cannot be mapped.
        add = [name for name in sorted(want - have) if found.role(container, name)]
        steps += [("POST", container, add)] if add else []
        steps += [("DELETE", container, sorted(have - want))] if have - want else []
    return steps


def _container(container: str) -> str:
    return f"clients/{{client:{container}}}" if container else "realm"


def _reps(found: Found, container: str, names: list[str]) -> list[dict[str, str]]:
    return [role for role in (found.role(container, name) for name in names) if role]


def _role_line(realm: str, method: str, client_id: str, container: str, names: list[str]) -> str:
    verb = "add-roles" if method == "POST" else "remove-roles"
    where = f" --cclientid {container}" if container else ""
    roles = "".join(f" --rolename {name}" for name in names)
    return f"{verb} -r {realm} --uusername service-account-{client_id}{where}{roles}"
