"""Figures for Prometheus, over all processes when the server gives them a common folder."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from flask import g, has_request_context
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("portal_requests_total", "Answers by endpoint and status", ["endpoint", "method", "status"])
SECONDS = Histogram("portal_request_seconds", "Time to answer", ["endpoint"], buckets=(0.005, 0.02, 0.1, 0.5, 2, 5))
UPSTREAM = Counter("portal_upstream_total", "Calls to other services by host and status", ["host", "status"])


def request_done(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count an answer."""
    REQUESTS.labels(endpoint, method, str(status)).inc()
    SECONDS.labels(endpoint).observe(seconds)


def upstream_done(_method: str, url: str, response: Any) -> None:
    """Count a call to another service, for the figures and, with its time, for the request that made it."""
    status = getattr(response, "status_code", 0)
    UPSTREAM.labels(urlsplit(url).netloc, str(status)).inc()
    if has_request_context():
        g.upstream = g.get("upstream", 0) + 1
        g.upstream_seconds = g.get("upstream_seconds", 0.0) + response.elapsed.total_seconds()


def exposition() -> tuple[bytes, str]:
    """The figures as text, with their content type."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
