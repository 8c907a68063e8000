"""A client as a flat set of fields, so that comparing, changing and restoring are the same walk.

Keys: a field of the representation, `attributes.<name>`, `defaultClientScopes`, `mapper.<name>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portal.connect.changes import Call
from portal.connect.found import Found
from portal.connect.wanted import WantedClient

Fields = dict[str, Any]
_ATTRIBUTE, _MAPPER, _SCOPES = "attributes.", "mapper.", "defaultClientScopes"


def wanted_fields(client: WantedClient, known_scopes: Iterable[str]) -> Fields:
    """The fields as they should be. Scopes the realm does not have are left out: older servers lack some."""
    fields = {key: value for key, value in client.rep.items() if key not in {"clientId", "attributes"}}
    fields |= {_ATTRIBUTE + key: value for key, value in client.rep["attributes"].items()}
    fields |= {_MAPPER + mapper["name"]: mapper for mapper in client.mappers}
    return fields | {_SCOPES: sorted(client.scopes & set(known_scopes))}


def present_fields(client: Mapping[str, Any], keys: Iterable[str]) -> Fields:
    """The same fields as the client has them now; None where it has none."""
    mappers = {mapper["name"]: mapper for mapper in client.get("protocolMappers") or []}
    return {key: _present(client, mappers, key) for key in keys}


def representation(client: WantedClient, known_scopes: Iterable[str]) -> dict[str, Any]:
    """What to send to create the client."""
    return {
        **client.rep,
        _SCOPES: sorted(client.scopes & set(known_scopes)),
        "optionalClientScopes": [],
        "protocolMappers": list(client.mappers),
    }


def differing(present: Fields, wanted: Fields) -> set[str]:
    """Keys whose present value is not the wanted one.

    A name or home page that is not there is not missed: Keycloak could not be made to forget it again.
    """
    unset = {key for key in ("name", "baseUrl") if present.get(key) is None}
    return {key for key, value in wanted.items() if key not in unset and not same(present.get(key), value)}


def same(present: Any, wanted: Any) -> bool:
    """Whether `present` satisfies `wanted`: order of lists is nothing, a mapper may carry more settings."""
    if isinstance(wanted, list):
        return sorted(present or []) == sorted(wanted)
    if isinstance(wanted, dict) and isinstance(present, dict):
        config, needed = present.get("config") or {}, wanted.get("config") or {}
        kind = present.get("protocolMapper") == wanted.get("protocolMapper")
        return kind and all(config.get(key) == value for key, value in needed.items())
    return bool(present == wanted) or (not present and not wanted)


def calls(found: Found, client_id: str, changed: Fields, coming: Iterable[str] = ()) -> tuple[Call, ...]:
    """The calls that give an existing client these fields; a field of None is taken away.

    `coming` names client scopes that the realm will have by then.
    """
    path = f"clients/{{client:{client_id}}}"
    plain = {
        key: value for key, value in changed.items() if not key.startswith((_ATTRIBUTE, _MAPPER)) and key != _SCOPES
    }
    # An empty attribute is a removed one; an absent one stays.
    attributes = {
        key.removeprefix(_ATTRIBUTE): "" if value is None else value
        for key, value in changed.items()
        if key.startswith(_ATTRIBUTE)
    }
    body = {"clientId": client_id, **plain, **({"attributes": attributes} if attributes else {})}
    # Without them Keycloak makes up web origins from the redirect addresses.
    origins = {"webOrigins": (found.client(client_id) or {}).get("webOrigins") or []}
    made = [Call("PUT", path, {**origins, **body})] if len(body) > 1 else []
    for key, value in changed.items():
        if key.startswith(_MAPPER):
            made.append(_mapper_call(found, client_id, path, key.removeprefix(_MAPPER), value))
    if _SCOPES in changed:
        made += _scope_calls(found, client_id, path, set(changed[_SCOPES] or []), set(coming))
    return tuple(made)


def _present(client: Mapping[str, Any], mappers: Mapping[str, Any], key: str) -> Any:
    if key.startswith(_ATTRIBUTE):
        return (client.get("attributes") or {}).get(key.removeprefix(_ATTRIBUTE))
    if key.startswith(_MAPPER):
        return mappers.get(key.removeprefix(_MAPPER))
    return client.get(key)


def _mapper_call(found: Found, client_id: str, path: str, name: str, value: Any) -> Call:
    mappers = (found.client(client_id) or {}).get("protocolMappers") or []
    present = next((mapper for mapper in mappers if mapper["name"] == name), None)
    models = f"{path}/protocol-mappers/models"
    if value is None and present:
        return Call("DELETE", f"{models}/{present['id']}")
    if present:
        return Call("PUT", f"{models}/{present['id']}", {**value, "id": present["id"]})
    return Call("POST", models, value)


def _scope_calls(found: Found, client_id: str, path: str, wanted: set[str], coming: set[str]) -> list[Call]:
    ids = {name: f"{{scope:{name}}}" for name in coming} | {name: scope["id"] for name, scope in found.scopes.items()}
    present = set((found.client(client_id) or {}).get(_SCOPES) or [])
    add = [("PUT", name) for name in sorted(wanted - present) if name in ids]
    take = [("DELETE", name) for name in sorted(present - wanted) if name in ids]
    return [Call(method, f"{path}/default-client-scopes/{ids[name]}") for method, name in add + take]
