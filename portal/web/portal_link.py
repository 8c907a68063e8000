"""The portal link: `return_to` from the host application is checked, kept in the session and taken off the address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, g, redirect, request

from portal import return_addresses
from portal.errors import PortalError
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
    return return_addresses.allowed(_attributes(), address, loopback=services().settings.loopback)


def usual() -> dict[str, str] | None:
    """Where those return to who came without an address of their own."""
    return return_addresses.return_default(_attributes(), loopback=services().settings.loopback)


def _attributes() -> Mapping[str, str]:
    try:
        return services().realm_facts(g.realm.name).attributes
    except PortalError:
        return {}
