"""Addresses outside realms: health, readiness, figures, robots, and the way to the default realm."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from portal.errors import NotFound
from portal.events.figures import exposition as figures_of_events
from portal.web import metrics
from portal.web.current import services
from portal.web.rights import right

site = Blueprint("site", __name__)


@site.get("/")
@right("entry.open")
def root() -> Response:
    """To the default realm."""
    name = services().settings.default_realm
    if not name:
        raise NotFound("no default realm")
    return redirect(url_for("home.show", realm=name), 302)  # type: ignore[return-value]


@site.get("/healthz")
@right("health.read")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain")


@site.get("/readyz")
@right("health.read")
def readyz() -> Response:
    """The database answers and has the right shape. Keycloak may be down: the portal then says so to people."""
    try:
        ready = services().store.current()
    except SQLAlchemyError:
        ready = False
    return Response(
        "ready\n" if ready else "the database is not ready\n", 200 if ready else 503, content_type="text/plain"
    )


@site.get("/metrics")
@right("metrics.read")
def figures() -> Response:
    """Figures, for the configured networks only; for everybody else there is no such address."""
    caller = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104
    if not any(caller in ipaddress.ip_network(network) for network in services().settings.metrics_networks):
        raise NotFound("metrics")
    body, content_type = metrics.exposition()
    body += figures_of_events(services().store)
    return Response(body, content_type=content_type)


@site.get("/favicon.ico")
@right("health.read")
def favicon() -> Response:
    """Pages name their own icon; what asks here anyway is told that there is none, for a day."""
    return Response("", 404, {"Cache-Control": "public, max-age=86400"})


@site.get("/robots.txt")
@right("health.read")
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", content_type="text/plain")
