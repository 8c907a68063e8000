"""The portal link: `return_to` from the host application is checked, kept in the session and taken off the address."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Response, g, redirect, request

from portal.errors import PortalError
from portal.realms import return_origins
from portal.settings import is_loopback
from portal.web.current import browser, services

PARAMETER = "return_to"


def accept() -> Response | None:
    """Keep an allowed `return_to` and redirect to the same page without it; None when there is none."""
    if request.method != "GET" or PARAMETER not in request.args:
        return None
    link = allowed(request.args[PARAMETER])
    if link:
        browser()["return_link"] = link
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != PARAMETER]
    return redirect(request.path + (f"?{urlencode(rest)}" if rest else ""), 302)  # type: ignore[return-value]


def allowed(address: str) -> dict[str, str] | None:
    """The link with the application's name, if its origin is on the realm's list (`portal.returnOrigins`)."""
    origin = _origin(address)
    return {"url": address, "name": _names().get(origin, "")} if origin and origin in _names() else None


def _origin(address: str) -> str:
    if len(address) > 2000 or any(ord(letter) <= 32 for letter in address) or "\\" in address:
        return ""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.username is not None or parts.password is not None or not host:
        return ""
    plain = parts.scheme == "http" and is_loopback(host) and services().settings.loopback
    if parts.scheme != "https" and not plain:
        return ""
    standard = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != standard else "")


def _names() -> dict[str, str]:
    try:
        return return_origins(services().realm_facts(g.realm.name).attributes)
    except PortalError:
        return {}
