"""What every call has in common: whose key, which right, which organization, once or again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, g, jsonify, request
from flask_babel import gettext as _

from portal.access import BY_NAME
from portal.actor import Actor
from portal.compat import ids
from portal.errors import Invalid, NotFound
from portal.keys.authenticate import key_actor
from portal.keys.once import HEADER, Answer, once
from portal.keys.scopes import needed
from portal.web import services
from portal.web.gate import admit
from portal.web.vendor import ScopeNeeded, Unknown


def caller() -> Actor:
    """Who calls; the key says in which realm. Raises `KeyRefused`."""
    about = {"ip_address": request.remote_addr or "", "request_id": g.request_id}
    found = key_actor(services(), request.headers.get("Authorization", ""), about)
    g.realm = found.realm
    return found


def admitted(someone: Actor, right: str, organization: str = "", field: str = "id") -> Actor:
    """The caller let through for a right, at an organization if one is named, as a program calls it.

    `field` is where the name came from. Raises `ScopeNeeded`, `Denied`, `Invalid` for what is no id, `Unknown`.
    """
    check_scope(someone, right)
    if not organization:
        return admit(BY_NAME[right], someone, cookie=False)
    g.organization_reference = keycloak_id(organization, field)
    try:
        return admit(BY_NAME[right], someone, cookie=False)
    except NotFound as error:
        raise Unknown("Organization", organization) from error


def check_scope(someone: Actor, right: str) -> None:
    """Raise `ScopeNeeded` where the key has none that opens this."""
    if someone.facts.only is not None and right not in someone.facts.only:
        raise ScopeNeeded(" or ".join(needed(right)) or right)


def keycloak_id(given: str, field: str) -> str:
    """Keycloak's id of an organization. Raises `Invalid` for the field."""
    try:
        return ids.keycloak_id(given)
    except ValueError as error:
        said = _("This is not the ID of an organization. IDs look like org_01H455VB4PEX5VSKNK084SN02Q.")
        raise Invalid({field: said}) from error


def text(sent: Mapping[str, Any], name: str, *, required: bool = False, longest: int = 2000) -> str:
    """A text of the body, empty where there is none. Raises `Invalid` naming the field."""
    value = sent.get(name)
    if value is None or value == "":
        if required:
            raise Invalid({name: _("This field is required: %(name)s.", name=name)})
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise Invalid({name: "error-invalid-value"})
    return value.strip()


def repeated(someone: Actor, sent: Any, run: Callable[[], Answer]) -> Response:
    """Answer a POST: once for each idempotency key."""
    given = request.headers.get(HEADER, "").strip()
    return written(once(someone, given, (request.method, request.path, sent), run))


def written(answer: Answer) -> Response:
    """An answer over HTTP."""
    if answer.body is None:
        return Response(status=answer.status)
    response = jsonify(answer.body)
    response.status_code = answer.status
    return response


def moment(at: datetime) -> str:
    """Naive UTC as programs read it, to the millisecond."""
    return at.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
