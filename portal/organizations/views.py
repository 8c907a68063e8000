"""Pages around organizations: the list, the way into one, and what the person is there."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for

from portal.access import operator
from portal.errors import NotFound
from portal.home.permissions import organization_rows
from portal.organizations import actions
from portal.organizations.words import described
from portal.web import actor, page, right, see_other
from portal.web.addresses import referer
from portal.web.listing import Listing, listing

organizations = Blueprint("organizations", __name__, url_prefix="/<realm>")


@organizations.get("/organizations")
@right("organizations.list")
def index() -> Response:
    """Every organization the person may open, with a search."""
    view = listing("organizations", "q")
    if not isinstance(view, Listing):
        return view
    try:
        rows = actions.listed(actor(), view.filters.get("q", ""), view.first, view.maximum)
    except NotFound:
        if not operator(actor().facts):
            raise
        return page("organizations/missing.html")
    return page("organizations/list.html", view=view, rows=rows)


@organizations.get("/o/<organization>")
@right("organizations.open")
def show() -> Response:
    """The way into an organization: its members, or the first page the person may see there."""
    from portal.web.shell import organization_entries

    entries = organization_entries(actor())
    return see_other(entries[0].endpoint) if entries else see_other("organizations.membership")


@organizations.get("/o/<organization>/membership")
@right("organizations.open")
def membership() -> Response:
    """What the person is in this organization, what he may do there, and the way out."""
    roles = described(actor().facts.organization_roles)
    return page(
        "organizations/membership.html", roles=roles, domains=actions.domains(actor()), held=organization_rows(actor()),
    )  # fmt: skip


@organizations.post("/o/<organization>/star")
@right("organizations.star")
def star() -> Response:
    """Star or unstar; back to where the button was."""
    on = request.form.get("on") == "yes"
    actions.star(actor(), on=on)
    return redirect(referer() or url_for("organizations.index"), 303)  # type: ignore[return-value]
