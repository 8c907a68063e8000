"""The settings of a realm over HTTP: confirming who one is, the switches of the sections."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import gettext as _

from portal.realm_settings import actions, sections
from portal.realm_settings.forms import accepted, kept, shown, tell
from portal.realm_settings.words import differences
from portal.realm_settings.writing import WholeRealm
from portal.signin import operator
from portal.signin.flow import Returned
from portal.web import actor, page, right, see_other
from portal.web.addresses import local

settings = Blueprint("settings", __name__, url_prefix="/<realm>/settings")
log = structlog.get_logger("portal.settings")


@settings.get("/confirm")
@right("settings.confirm")
def confirm() -> Response:
    """Off to Keycloak for the operator's own token; nobody sees a form while the sign-in is fresh."""
    return redirect(operator.begin(local(request.args.get("next", ""))), 302)  # type: ignore[return-value]


@settings.get("/callback")
@right("settings.finish")
def callback() -> Response:
    """Back from Keycloak."""
    try:
        wanted = operator.finish(request.args)
    except Returned as error:
        log.warning("operator refused", reason=str(error), request_id=g.request_id)
        return _not_confirmed(error.errand.next)
    return redirect(wanted or url_for("settings.sections"), 302)  # type: ignore[return-value]


def _not_confirmed(wanted: str) -> Response:
    return page(
        "error.html", status=400, title=_("It was not confirmed that it is you"),
        text=_("The sign-in was cancelled, took too long, or came back for another account. Nothing was changed."),
        actions=[
            {"label": _("Try again"), "url": url_for("settings.confirm", next=wanted), "kind": "primary"},
            {"label": _("To the start page"), "url": url_for("home.show"), "kind": ""},
        ],
        reference=g.request_id,
    )  # fmt: skip


@settings.get("")
@right("settings.view")
def index() -> Response:
    """To the first page of the settings."""
    return see_other("settings.sections")


@settings.get("/sections", endpoint="sections")
@right("settings.view")
def sections_page() -> Response:
    """All switches."""
    values = actions.present(actor())
    return _sections(values, sections.switches(values), writable=actions.writable(actor()))


def _sections(values: dict[str, str], switches: list[Any], status: int = 200, **more: Any) -> Response:
    context = {"writable": True, "connected": actions.connected(actor()), "clashes": (), "whole": False, **more}
    return page(
        "realm_settings/sections.html", status=status, switches=switches, kept=kept(values, sections.KEYS), **context
    )


@settings.post("/sections")
@right("settings.save")
def save_sections() -> Response:
    """Save the switches together."""
    seen = shown(request.form.get("shown", ""), sections.KEYS)
    wanted = sections.wanted(seen, set(request.form.getlist("on")))
    try:
        saved = actions.save(actor(), "sections", seen, wanted, accepted())
    except WholeRealm:
        return _sections(seen, sections.switches(wanted), 409, whole=True)
    if saved.clashes:
        return _sections(
            saved.present, sections.switches(wanted), 409, clashes=differences(saved.clashes), whole=accepted()
        )
    tell(saved, _("Sections saved."))
    return see_other("settings.sections")
