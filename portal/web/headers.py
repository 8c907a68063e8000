"""Headers of every answer, the request's id, its log line, and compression."""

from __future__ import annotations

import time
import uuid
from typing import Any

import brotli
import structlog
from flask import Flask, Response, g, request

from portal.clients.http import PATIENCE, REQUEST_ID, Patience
from portal.web import metrics
from portal.web.assets import accepts

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "manifest-src 'self'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-store",
}
HSTS = "max-age=31536000; includeSubDomains"
COMPRESSED = ("text/html", "application/json", "application/problem+json")
SMALL = 900

log = structlog.get_logger("portal.request")


def init(app: Flask, *, secure: bool) -> None:
    """Number each request, and finish each answer."""
    # The first thing of all: even an address that names no realm gets its number.
    app.url_value_preprocessor(_begin)

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        # What the same thread does next, such as a command that tries pages, has patience of its own.
        PATIENCE.set(None)

    @app.after_request
    def _finish(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _policy())
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        response.headers["X-Request-ID"] = g.get("request_id", "")
        _compress(response)
        _tell(response)
        return response


def _policy() -> str:
    """The policy, with the one more script that this very page carries, if it does."""
    more = g.get("script_source")
    return POLICY.replace("script-src 'self'", f"script-src 'self' {more}") if more else POLICY


def _begin(_endpoint: str | None = None, _values: dict[str, Any] | None = None) -> None:
    g.request_id = uuid.uuid4().hex
    g.began = time.perf_counter()
    g.upstream, g.upstream_seconds = 0, 0.0
    REQUEST_ID.set(g.request_id)
    PATIENCE.set(Patience() if request.method in {"GET", "HEAD"} else None)
    g.realm = None


def _compress(response: Response) -> None:
    if response.mimetype not in COMPRESSED or response.direct_passthrough or "Content-Encoding" in response.headers:
        return
    response.headers.add("Vary", "Accept-Encoding")
    if accepts("br") and (response.content_length or 0) > SMALL:
        response.set_data(brotli.compress(response.get_data(), quality=5))
        response.headers["Content-Encoding"] = "br"


def _tell(response: Response) -> None:
    took = time.perf_counter() - g.get("began", time.perf_counter())
    metrics.request_done(request.endpoint or "none", request.method, response.status_code, took)
    if request.endpoint in {"site.healthz", "site.readyz", "assets.file"}:
        return
    person = g.get("actor")
    log.info(
        "request", request_id=g.get("request_id"), method=request.method, endpoint=request.endpoint,
        realm=g.realm.name if g.get("realm") else None, status=response.status_code, ms=round(took * 1000, 1),
        upstream=g.get("upstream"), upstream_ms=round(g.get("upstream_seconds", 0.0) * 1000, 1),
        sub=person.sub if person else None, ip=request.remote_addr,
    )  # fmt: skip
