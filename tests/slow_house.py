"""An application under the portal's server with times of a test, for `gunicorn slow_house:answer`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from portal import arrivals

arrivals.TO_BEGIN = arrivals.TO_ARRIVE = arrivals.IN_THREAD = float(os.environ["SLOW_HOUSE"])


def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Tells how many bytes were sent; at `/unread` without reading them, at `/large` with very much."""
    path = environ["PATH_INFO"]
    said = b"x" * 64_000_000 if path == "/large" else b"%d bytes" % _length(environ, path)
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]


def _length(environ: dict[str, Any], path: str) -> int:
    body, total = environ["wsgi.input"], 0
    while path != "/unread" and (part := body.read(65536)):
        total += len(part)
    return total
