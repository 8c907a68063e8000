"""The page of recent activity."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.activity import actions
from portal.web import actor, page, right

activity = Blueprint("activity", __name__, url_prefix="/<realm>/activity")


@activity.get("")
@right("activity.view")
def show() -> Response:
    """A page of what happened, all of it or one kind."""
    only = request.args.get("only", "all")
    number = max(1, min(400, request.args.get("page", 1, type=int)))
    found = actions.recent(actor(), only, number)
    return page("activity/show.html", activity=found, only=only, tabs=_tabs(only), where=_where(only, number, found))


def _tabs(only: str) -> list[dict[str, object]]:
    labels = {"all": _("All"), "sign-ins": _("Sign-ins"), "changes": _("Changes"), "failures": _("Failures")}
    return [
        {"label": label, "url": url_for("activity.show", only=name if name != "all" else None), "current": name == only}
        for name, label in labels.items()
    ]


def _where(only: str, number: int, found: actions.Activity) -> dict[str, str]:
    chosen = only if only != "all" else None
    before = url_for("activity.show", only=chosen, page=number - 1 if number > 2 else None) if number > 1 else ""
    after = url_for("activity.show", only=chosen, page=number + 1) if found.more else ""
    return {"previous": before, "next": after}
