"""The realm's entry and the generated page of who may what."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for

from portal.home.permissions import rows
from portal.web import actor, page, right
from portal.web.shell import entries, realm_entries

home = Blueprint("home", __name__, url_prefix="/<realm>")


@home.get("/")
@right("home.open")
def show() -> Response:
    """To the first room this person may enter."""
    rooms = entries(actor()) or realm_entries(actor())
    if not rooms:
        return page("home/nothing.html")
    return redirect(url_for(rooms[0].endpoint), 302)  # type: ignore[return-value]


@home.get("/permissions")
@right("permissions.read")
def permissions() -> Response:
    """What the person may do here, and what it takes."""
    return page("home/permissions.html", rows=rows(actor()))
