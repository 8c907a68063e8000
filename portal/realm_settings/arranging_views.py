"""The layout, the reach of the style sheet and the additional script over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from portal.realm_settings import actions, arranging
from portal.realm_settings.arranging import Arrangement
from portal.realm_settings.forms import accepted, kept, shown, tell
from portal.realm_settings.words import differences
from portal.realm_settings.writing import WholeRealm
from portal.web import actor, page, right, see_other

layouts = Blueprint("layouts", __name__, url_prefix="/<realm>/settings/layout")


@layouts.get("")
@right("settings.view")
def show() -> Response:
    """The arrangement as it is."""
    values = actions.present(actor())
    return _page(values, arranging.of(values), writable=actions.writable(actor()))


def _page(values: dict[str, str], found: Arrangement, status: int = 200, **more: Any) -> Response:
    context = {"writable": True, "connected": actions.connected(actor()), "clashes": (), "whole": False, **more}
    return page(
        "realm_settings/layout.html", status=status, found=found, kept=kept(values, arranging.KEYS),
        layouts=arranging.layouts(), targets=arranging.targets(), alone=arranging.alone(actor()), **context,
    )  # fmt: skip


@layouts.post("")
@right("settings.style")
def save() -> Response:
    """Save them together."""
    seen = shown(request.form.get("shown", ""), arranging.KEYS)
    found = arranging.entered(actor(), request.form, arranging.of(seen))
    if found.errors:
        return _page(seen, found, 422)
    try:
        saved = actions.save(actor(), "layout", seen, arranging.wanted(seen, found), accepted())
    except WholeRealm:
        return _page(seen, found, 409, whole=True)
    if saved.clashes:
        return _page(saved.present, found, 409, clashes=differences(saved.clashes), whole=accepted())
    tell(saved, _("Layout saved."))
    return see_other("layouts.show")
