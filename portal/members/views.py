"""The list of members and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.members import actions
from portal.web import actor, page, right
from portal.web.listing import Listing, listing

members = Blueprint("members", __name__, url_prefix="/<realm>/o/<organization>/members")


@members.get("")
@right("members.view")
def index() -> Response:
    """Who belongs to the organization, with roles."""
    view = listing("members", "q")
    if not isinstance(view, Listing):
        return view
    search = view.filters.get("q", "")
    rows = actions.members(actor(), search, view.first, view.maximum)
    total = None if search else actions.count(actor())
    return page("members/list.html", view=view, rows=rows, total=total)


@members.get("/<member>")
@right("members.view")
def show(member: str) -> Response:
    """One member: who it is and which roles are held here."""
    return page("members/show.html", member=actions.find(actor(), member))
