"""Logs: one JSON object a line on standard error. No query, header, cookie, token or form ever goes in."""

from __future__ import annotations

import logging
import sys

import structlog


def init(level: str) -> None:
    """Set the log up, once per process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            _without_locals,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        # In one piece: processes and threads share the stream, which may be exchanged while the process lives.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_locals(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Values of variables may be secrets: a traceback keeps places, not values."""
    for trace in event.get("exception") or []:
        for frame in trace.get("frames", []):
            frame.pop("locals", None)
        trace["exc_value"] = ""
    return event
