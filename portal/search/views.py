"""The page of the search; with scripts its hits stand in the palette that Ctrl-K opens."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal.search.actions import find
from portal.web import actor, page, right

LONGEST = 255

search = Blueprint("search", __name__, url_prefix="/<realm>/search")


@search.get("")
@right("organizations.search")
def show() -> Response:
    """Organizations and pages that match; the palette asks for the hits alone."""
    text, inside = request.args.get("q", "")[:LONGEST], request.args.get("in", "")[:64]
    block = "hits" if request.headers.get("HX-Request") and "X-Palette" in request.headers else None
    return page("search/show.html", block=block, text=text, inside=inside, found=find(actor(), text, inside))
