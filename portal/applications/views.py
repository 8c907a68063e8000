"""The page of applications."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from portal.applications import actions
from portal.clients.account_access import Application
from portal.forms import ConfirmForm
from portal.web import actor, flash, page, right, see_other

applications = Blueprint("applications", __name__, url_prefix="/<realm>/applications")


@applications.get("")
@right("applications.view")
def show() -> Response:
    """Which applications have access."""
    found = actions.applications(actor())
    return page(
        "applications/show.html", applications=found, revocable=actions.revocable, address=actions.address,
        own=actor().realm.client_id,
    )  # fmt: skip


@applications.get("/revoke/<path:client_id>")
@right("applications.revoke")
def revoking(client_id: str) -> Response:
    """Ask whether access shall be taken away."""
    return _ask(actions.find(actor(), client_id))


def _ask(application: Application, status: int = 200) -> Response:
    text = []
    if application.granted or application.scopes:
        text.append(_("It is signed out and loses what you granted. When you use it next, it asks you again."))
    if application.offline_access:
        text.append(_("What it does in the background while you are away stops."))
    return page(
        "confirm.html", status=status, title=_("Take access away from %(name)s?", name=application.name), text=text,
        deed=_("Take access away"), action=url_for("applications.revoke", client_id=application.client_id),
        cancel=url_for("applications.show"),
    )  # fmt: skip


@applications.post("/revoke/<path:client_id>")
@right("applications.revoke")
def revoke(client_id: str) -> Response:
    """Take access away."""
    application = actions.find(actor(), client_id)
    if not ConfirmForm().validate():
        return _ask(application, 422)
    actions.revoke(actor(), client_id)
    flash(_("%(name)s has no access any more.", name=application.name))
    return see_other("applications.show")
