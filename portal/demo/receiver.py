"""The sample application's end of a webhook: takes what it is sent and shows it, as a page and as JSON."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, render_template, request

MOST = 2000


def receiver() -> Blueprint:
    """`POST /webhooks` takes a delivery, `GET` shows the last ones, with `Accept: application/json` for programs."""
    pages = Blueprint("receiver", __name__, url_prefix="/webhooks")
    kept: deque[Mapping[str, object]] = deque(maxlen=MOST)
    lock = threading.Lock()

    @pages.post("")
    def take() -> tuple[str, int]:
        heads = {name.lower(): value for name, value in request.headers if name.lower().startswith("webhook-")}
        with lock:
            kept.appendleft({"headers": heads, "body": request.get_data(as_text=True)})
        return "", 204

    @pages.get("")
    def index() -> Response | str:
        with lock:
            found = list(kept)
        if request.accept_mimetypes.best == "application/json":
            return jsonify(found)
        return render_template("webhooks.html", deliveries=found[:50])

    return pages
