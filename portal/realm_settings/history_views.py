"""The history of a realm's settings over HTTP, and taking a save back."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.moments import aware
from portal.realm_settings import actions
from portal.realm_settings.branding import SHADES
from portal.realm_settings.forms import accepted
from portal.realm_settings.words import label_of, said
from portal.realm_settings.writing import WholeRealm
from portal.web import actor, flash, page, right, see_other

changes = Blueprint("changes", __name__, url_prefix="/<realm>/settings/changes")
SHOWN = 25


@changes.get("")
@right("settings.view")
def index() -> Response:
    """Saves, newest first."""
    number = request.args.get("page", "1")
    at = int(number) if re.fullmatch("[0-9]{1,3}", number) and int(number) else 1
    rows = actions.history(actor(), (at - 1) * SHOWN, SHOWN + 1)
    return page(
        "realm_settings/history.html", changes=[_told(row) for row in rows[:SHOWN]], at=at,
        previous=url_for("changes.index", page=at - 1) if at > 1 else "",
        following=url_for("changes.index", page=at + 1) if len(rows) > SHOWN else "",
    )  # fmt: skip


def _told(row: Any) -> dict[str, Any]:
    keys = [key for key in row.after if key not in SHADES] or list(row.after)
    return {
        "id": row.id, "at": aware(row.at), "by": row.by_name, "undone": bool(row.undone),
        "undoes": bool(row.undoes),
        "values": [
            (label_of(key), said(key, row.before.get(key, "")), said(key, row.after[key]),
             said(key, row.found[key]) if key in row.found else "")
            for key in keys
        ],
    }  # fmt: skip


@changes.get("/<change>/undo")
@right("settings.save")
def undoing(change: str) -> Response:
    """Ask before a save is taken back."""
    return _ask(actions.change(actor(), change))


def _ask(row: Any, status: int = 200, *, whole: bool = False) -> Response:
    told = _told(row)
    text = [_("%(what)s: back to “%(before)s”.", what=label, before=before) for label, before, *_rest in told["values"]]
    if whole:
        text.append(_("This Keycloak can only be written to as a whole; what others save in that moment is lost."))
    return page(
        "confirm.html", status=status, title=_("Take this change back?"), text=text, deed=_("Take it back"),
        action=url_for("changes.undo", change=row.id), cancel=url_for("changes.index"), danger=False,
        fields={"accept": "whole"} if whole else {},
    )  # fmt: skip


@changes.post("/<change>/undo")
@right("settings.save")
def undo(change: str) -> Response:
    """Take a save back."""
    row = actions.change(actor(), change)
    if request.form.get("confirm") != "yes":
        return _ask(row, 422)
    try:
        actions.undo(actor(), change, accepted())
    except WholeRealm:
        return _ask(row, 409, whole=True)
    flash(_("The settings are as they were before."))
    return see_other("changes.index")
