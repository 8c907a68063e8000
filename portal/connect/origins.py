"""Where people may be sent back to: exact origins of the realm's applications, proposed for `portal.returnOrigins`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from portal.connect.changes import ATTRIBUTE, Call, Change, Level
from portal.connect.found import Found
from portal.connect.wanted import Target
from portal.settings import is_loopback

ORIGINS = "portal.returnOrigins"
# Keycloak's own clients, and the vendor's portal.
BUILT_IN = frozenset(
    {"account", "account-console", "admin-cli", "admin-portal", "broker", "realm-management", "security-admin-console"}
)


def plan(found: Found, target: Target) -> list[Change]:
    """One recommended change that adds the origins not listed yet; lines that are there stay as they are."""
    listed = [line.strip() for line in found.attributes.get(ORIGINS, "").splitlines() if line.strip()]
    known = {line.split()[0] for line in listed}
    fresh = {origin: name for origin, name in proposals(found.clients, target).items() if origin not in known}
    if not fresh:
        return []
    value = "\n".join(listed + [f"{origin} {name}" for origin, name in fresh.items()])
    was = {"value": found.attributes.get(ORIGINS)}
    return [
        Change(
            key=f"attribute/{ORIGINS}",
            level=Level.RECOMMENDED,
            title="Let people return to these applications: " + ", ".join(fresh),
            calls=(Call(ATTRIBUTE, ORIGINS, value),),
            was=was,
            put={"value": value},
        )
    ]


def proposals(clients: list[dict[str, Any]], target: Target) -> dict[str, str]:
    """Origins and the names of their applications. Patterns and plain http are left out, loopback development aside."""
    found: dict[str, str] = {}
    for client in sorted(clients, key=lambda one: str(one["clientId"])):
        if client["clientId"] in BUILT_IN or client["clientId"] in target.client_ids or not client.get("enabled"):
            continue
        for address in [client.get("baseUrl"), client.get("rootUrl"), *(client.get("redirectUris") or [])]:
            origin = exact_origin(address or "", target.loopback)
            if origin:
                found.setdefault(origin, _name(client))
    return found


def exact_origin(address: str, loopback: bool) -> str:
    """`https://host[:port]` of an address; empty for patterns, other schemes and, unless `loopback`, plain http."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    fits = parts.scheme == "https" or (parts.scheme == "http" and loopback and is_loopback(host))
    if not fits or not host or "*" in parts.netloc or parts.username is not None:
        return ""
    default = {"https": 443, "http": 80}[parts.scheme]
    literal = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{literal}" + (f":{port}" if port and port != default else "")


def _name(client: dict[str, Any]) -> str:
    name = " ".join(str(client.get("name") or "").split())
    return str(client["clientId"]) if not name or name.startswith("${") else name
