"""The pages of help over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.help import actions
from portal.web import actor, page, right

help_pages = Blueprint("help", __name__, url_prefix="/<realm>/help")


@help_pages.get("")
@right("help.read")
def index() -> Response:
    """Every topic."""
    return page("help/index.html", guides=actions.guides(actor().locale))


@help_pages.get("/<topic>")
@right("help.read")
def show(topic: str) -> Response:
    """The help of one section, and what it takes to act there."""
    return page("help/show.html", guide=actions.guide(topic, actor().locale), needs=actions.needs(actor(), topic))
