"""The only renderer: a page, or one of its blocks for htmx."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, redirect, url_for

from portal.web.current import browser
from portal.web.shell import shell

KINDS = {"ok", "note", "warn", "bad"}


def page(template: str, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render a template, or only its `block`, inside the shell's context."""
    loaded = current_app.jinja_env.get_template(template)
    everything = {**shell(), **context}
    rendered = "".join(loaded.blocks[block](loaded.new_context(everything))) if block else loaded.render(everything)
    response = Response(rendered, status=status, content_type="text/html; charset=utf-8")
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def flash(text: str, kind: str = "ok", undo_url: str = "") -> None:
    """A toast on the next page this browser gets."""
    data = browser()
    data["toasts"] = [*data.get("toasts", []), {"text": str(text), "kind": kind, "undo_url": undo_url}]


def see_other(endpoint: str, **values: Any) -> Response:
    """303 to an endpoint: what follows a form that did its work."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[return-value]
