"""The operator's overview over HTTP: health, mending, organizations."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.doctor.finding import Finding
from portal.errors import NotFound
from portal.overview import health, organizations, words
from portal.web import actor, flash, page, right, see_other
from portal.web.listing import Listing, listing

overview = Blueprint("overview", __name__, url_prefix="/<realm>/overview")


@overview.get("")
@right("overview.view")
def show() -> Response:
    """Health as it was found less than a minute ago, and organizations. With scripts, an older one is renewed after."""
    return _show(health.last(actor()))


@overview.get("/health")
@right("overview.view")
def look() -> Response:
    """Look now, unless somebody has within the last moments."""
    report = health.current(actor(), again="again" in request.args)
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        return page("overview/show.html", block="health", **_about(report))
    return _show(report)


def _about(report: health.Report | None) -> dict[str, Any]:
    return {
        "report": report, "states": words.finding_states(), "checks": words.checks(),
        "can_mend": actor().may("overview.mend"),
    }  # fmt: skip


def _show(report: health.Report | None) -> Response:
    view = listing("overview", "q", "state") if actor().may("overview.organizations") else None
    if view is not None and not isinstance(view, Listing):
        return view
    return page("overview/show.html", view=view, **_about(report), **(_table(view) if view else {}))


def _table(view: Listing) -> dict[str, Any]:
    try:
        found = organizations.page(
            actor(), view.filters.get("q", ""), view.filters.get("state", ""), view.first, view.maximum
        )
    except NotFound:
        return {"found": None}
    return {
        "found": found, "kinds": words.organization_states(), "connections": words.connection_states(),
        "most": organizations.MOST,
    }  # fmt: skip


@overview.get("/mend/<finding>")
@right("overview.mend")
def asking(finding: str) -> Response:
    """Ask before something is mended, and say how."""
    return _ask(health.finding(actor(), finding))


def _ask(found: Finding, status: int = 200) -> Response:
    said = found.text[:1].upper() + found.text[1:]
    text = [said, _("The portal does this with your own rights, as these commands would:")]
    return page(
        "confirm.html", status=status, title=_("Mend this?"), text=[*text, *health.commands(actor(), found)],
        deed=_("Mend it"), action=url_for("overview.mend", finding=found.id), cancel=url_for("overview.show"),
        danger=False,
    )  # fmt: skip


@overview.post("/mend/<finding>")
@right("overview.mend")
def mend(finding: str) -> Response:
    """Mend it."""
    if request.form.get("confirm") != "yes":
        return _ask(health.finding(actor(), finding), 422)
    health.mend(actor(), finding)
    flash(_("That is mended; Keycloak was asked again."))
    return see_other("overview.look")
