"""Theme and language of the person's menu."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.errors import Invalid
from portal.preferences import actions
from portal.web import actor, flash, right
from portal.web.addresses import referer
from portal.web.current import browser
from portal.web.language import offered

preferences = Blueprint("preferences", __name__, url_prefix="/<realm>/preferences")


@preferences.post("/theme")
@right("preferences.set")
def theme() -> Response:
    """Light, dark, or as the system has it."""
    wanted = request.form.get("theme", "")
    if wanted not in actions.THEMES:
        raise Invalid(form=[_("Choose system, light or dark.")])
    actions.keep(actor(), "theme", wanted)
    browser()["theme"] = wanted
    return Response("", 204) if request.headers.get("Sec-Fetch-Mode") == "cors" else _back()


@preferences.post("/language")
@right("preferences.set")
def language() -> Response:
    """One of the languages offered; the answer speaks it already."""
    wanted = request.form.get("locale", "")
    if wanted not in {tag for tag, _name in offered()}:
        raise Invalid(form=[_("Choose one of the languages offered.")])
    actions.set_language(actor(), wanted)
    browser()["locale"] = wanted
    with force_locale(wanted):
        flash(_("Language changed."))
    return _back()


def _back() -> Response:
    return redirect(referer() or url_for("home.show"), 303)  # type: ignore[return-value]
