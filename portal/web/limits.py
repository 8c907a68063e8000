"""Limits against floods, counted in each process. What must hold exactly is counted in the database instead."""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from werkzeug.exceptions import TooManyRequests

from portal.access import Right
from portal.store.counters import source
from portal.web.current import services


def init(app: Flask) -> None:
    """Give the application its counter."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter = Limiter(get_remote_address)
    limiter.init_app(app)
    app.extensions["portal.limiter"] = limiter


def check_flood() -> None:
    """Refuse an address that asks far more than a person can."""
    _hit(services().settings.flood_limit, "flood", source(request.remote_addr or ""))


def check(row: Right, who: str) -> None:
    """Refuse somebody who asks far more than a person can, from however many addresses, or more than the row allows."""
    _hit(services().settings.flood_limit, "flood of", who)
    if row.limit:
        _hit(row.limit, row.name, who)


def _hit(limit: str, *key: str) -> None:
    rate = parse(limit)
    if not current_app.extensions["portal.limiter"].limiter.hit(rate, *key):
        raise TooManyRequests(retry_after=int(rate.get_expiry()))
