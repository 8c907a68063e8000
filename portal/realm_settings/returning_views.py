"""Where people return to, how long links live and which languages are offered, over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from portal.realm_settings import actions, returning
from portal.realm_settings.forms import accepted, kept, shown, tell
from portal.realm_settings.returning import Returning
from portal.realm_settings.words import differences, intent_label
from portal.realm_settings.writing import WholeRealm
from portal.return_addresses import INTENTS
from portal.web import actor, page, right, see_other
from portal.web.language import spoken

returns = Blueprint("returns", __name__, url_prefix="/<realm>/settings/return")


@returns.get("")
@right("settings.view")
def show() -> Response:
    """The addresses, times and languages as they are."""
    values = actions.present(actor())
    return _page(values, returning.of(values), writable=actions.writable(actor()))


def _page(values: dict[str, str], found: Returning, status: int = 200, **more: Any) -> Response:
    context = {"writable": True, "connected": actions.connected(actor()), "clashes": (), "whole": False, **more}
    intents = [(intent, intent_label(intent)) for intent in INTENTS]
    return page(
        "realm_settings/returning.html", status=status, found=found, kept=kept(values, returning.KEYS),
        intents=intents, languages=spoken(), loopback=actions.loopback(actor()), **context,
    )  # fmt: skip


@returns.post("")
@right("settings.save")
def save() -> Response:
    """Save them together."""
    seen = shown(request.form.get("shown", ""), returning.KEYS)
    tags = [tag for tag, _label in spoken() if tag in request.form.getlist("languages")]
    found = returning.entered(request.form, tags, loopback=actions.loopback(actor()))
    if found.errors:
        return _page(seen, found, 422)
    try:
        saved = actions.save(actor(), "return", seen, returning.wanted(seen, found), accepted())
    except WholeRealm:
        return _page(seen, found, 409, whole=True)
    if saved.clashes:
        return _page(saved.present, found, 409, clashes=differences(saved.clashes), whole=accepted())
    tell(saved, _("Return addresses, links and languages saved."))
    return see_other("returns.show")
