"""Changes for the portal's clients and its client scope: made new, or an existing one adopted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.connect import client_fields, rights, wanted
from portal.connect.changes import Call, Change, Level
from portal.connect.found import Found
from portal.connect.wanted import Target, WantedClient


def plan(found: Found, target: Target) -> list[Change]:
    """All changes for clients, in an order in which they can be done."""
    # One that exists is kept exact, whether it was asked for this time or not.
    target = replace(target, accounts=target.accounts or found.client(target.client_ids[5]) is not None)
    changes = _scopes(found, target)
    for client in wanted.clients(target, organizations=found.organizations):
        existing = found.client(client.id)
        if existing is not None:
            changes += _adoption(found, target, client, existing)
        elif client.service_roles or not client.is_service:
            changes.append(_creation(found, target, client))
    return changes


def level_of(found: Found, target: Target, existing: dict[str, Any]) -> Level:
    """Touching a client that somebody else signs people in with is the operator's decision."""
    if found.made(f"client/{existing['clientId']}"):
        return Level.NEEDED
    return Level.SIGN_INS if foreign_addresses(target, existing) else Level.NEEDED


def foreign_addresses(target: Target, client: dict[str, Any]) -> list[str]:
    """Redirect addresses of a client that do not belong to the portal."""
    home = f"{target.portal_url}/"
    return sorted(uri for uri in client.get("redirectUris") or [] if not uri.startswith(home))


def _creation(found: Found, target: Target, client: WantedClient) -> Change:
    rep = client_fields.representation(client, _scopes_then(found, target))
    path = f"clients/{{client:{client.id}}}"
    calls = [Call("POST", "clients", rep)]
    calls += [Call("POST", f"{path}/roles", {"name": n, "description": text}) for n, text in client.roles.items()]
    calls += rights.scope_calls(found, client.id, client.scope_mappings, {})
    if client.service_roles:
        calls += _new_service_account(found, client)
    return Change(
        key=f"client/{client.id}",
        level=Level.NEEDED,
        title=f"Create client {client.id} ({_summary(client)})",
        calls=tuple(calls),
        made=True,
        partial_import=_partial_import(client, rep),
        not_imported=_not_imported(client, found),
    )


def _new_service_account(found: Found, client: WantedClient) -> tuple[Call, ...]:
    """A new service account is born with the realm's default roles and groups; only the needed roles stay."""
    default = (found.realm.get("defaultRole") or {}).get("name")
    born = {"": {default}} if default else {}
    return rights.service_calls(
        found, client.id, {"realm-management": client.service_roles}, born
    ) + rights.group_calls(client.id, found.default_groups)


def _adoption(found: Found, target: Target, client: WantedClient, existing: dict[str, Any]) -> list[Change]:
    level = level_of(found, target, existing)
    scopes = _scopes_then(found, target)
    wanted_now = client_fields.wanted_fields(client, scopes)
    present = client_fields.present_fields(existing, wanted_now)
    keys = client_fields.differing(present, wanted_now)
    changes = []
    if keys:
        put = {key: wanted_now[key] for key in sorted(keys)}
        changes.append(
            Change(
                key=f"client/{client.id}",
                level=level,
                title=f"Adjust client {client.id}: {', '.join(sorted(keys))}",
                calls=client_fields.calls(found, client.id, put, scopes),
                was={key: present[key] for key in sorted(keys)},
                put=put,
                affects=tuple(f"sign-ins that return to {uri}" for uri in foreign_addresses(target, existing)),
            )
        )
    return changes + _roles(found, client, level) + rights.plan(found, client, level)


def _roles(found: Found, client: WantedClient, level: Level) -> list[Change]:
    missing = sorted(client.roles.keys() - found.client_roles(client.id)) if client.roles else []
    return [
        Change(
            key=f"role/{client.id}/{name}",
            level=level,
            title=f"Create role {name} of client {client.id}",
            calls=(Call("POST", f"clients/{{client:{client.id}}}/roles", _role(client, name)),),
            made=True,
            partial_import={"ifResourceExists": "SKIP", "roles": {"client": {client.id: [_role(client, name)]}}},
        )
        for name in missing
    ]


def _scopes(found: Found, target: Target) -> list[Change]:
    """The portal's scopes. One that exists is left as it is: applications may rely on it."""
    scopes = wanted.client_scopes(target, organizations=found.organizations)
    return [_scope(rep) for rep in scopes if rep["name"] not in found.scopes]


def _scopes_then(found: Found, target: Target) -> set[str]:
    """Names of the client scopes there will be: those of the realm, and the portal's own, which are made first."""
    return {*found.scopes, *(scope["name"] for scope in wanted.client_scopes(target))}


def _scope(rep: dict[str, Any]) -> Change:
    return Change(
        key=f"client-scope/{rep['name']}",
        level=Level.NEEDED,
        title=f"Create client scope {rep['name']} (no client gets it by itself)",
        calls=(Call("POST", "client-scopes", rep),),
        made=True,
        not_imported="client scopes",
    )


def _role(client: WantedClient, name: str) -> dict[str, str]:
    return {"name": name, "description": client.roles[name]}


def _partial_import(client: WantedClient, rep: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"ifResourceExists": "SKIP", "clients": [rep]}
    if client.roles:
        document["roles"] = {"client": {client.id: [_role(client, name) for name in client.roles]}}
    if client.service_roles:
        account = {"username": f"service-account-{client.id}", "enabled": True, "serviceAccountClientId": client.id}
        document["users"] = [{**account, "clientRoles": {"realm-management": sorted(client.service_roles)}}]
    return document


def _not_imported(client: WantedClient, found: Found) -> str:
    lacking = sorted(client.scopes - {*found.scopes, *wanted.SIGN_IN_SCOPES, *wanted.SERVICE_SCOPES})
    parts = [*(["scope mappings"] if client.scope_mappings else []), *(f"client scope {name}" for name in lacking)]
    return " and ".join(parts)


def _summary(client: WantedClient) -> str:
    if client.service_roles:
        return "service account with " + ", ".join(sorted(client.service_roles))
    if client.rep["bearerOnly"]:
        return "audience of the API, signs nobody in"
    roles = ", ".join(sorted(name for names in client.scope_mappings.values() for name in names))
    return f"sign-in by code with PKCE; may use {roles}"
