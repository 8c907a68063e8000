"""The devices page."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.clients.account_access import Device
from portal.devices import actions
from portal.forms import ConfirmForm
from portal.web import actor, flash, page, right, see_other

devices = Blueprint("devices", __name__, url_prefix="/<realm>/devices")


@devices.get("")
@right("devices.view")
def show() -> Response:
    """All sessions, one by one."""
    found = actions.devices(actor())
    return page("devices/show.html", devices=found, name_of=actions.name_of)


@devices.get("/<session_id>/end")
@right("devices.end")
def ending(session_id: str) -> Response:
    """Ask whether a session shall end."""
    return _ask(actions.other(actor(), session_id))


def _ask(device: Device, status: int = 200) -> Response:
    name = actions.name_of(device)
    text = [_("Whoever uses it has to sign in again. Applications opened there may take a moment to notice.")]
    if device.offline_access:
        text.append(_("An application that works there while you are away stops."))
    return page(
        "confirm.html", status=status, title=_("Sign %(name)s out?", name=name), text=text,
        deed=_("Sign out"), action=url_for("devices.end", session_id=device.id), cancel=url_for("devices.show"),
    )  # fmt: skip


@devices.post("/<session_id>/end")
@right("devices.end")
def end(session_id: str) -> Response:
    """End a session."""
    device = actions.other(actor(), session_id)
    if not ConfirmForm().validate():
        return _ask(device, 422)
    actions.end(actor(), session_id)
    flash(_("%(name)s is signed out.", name=actions.name_of(device)))
    return see_other("devices.show")


@devices.get("/others/end")
@right("devices.end")
def ending_others() -> Response:
    """Ask whether all other sessions shall end."""
    return _ask_others()


def _ask_others(status: int = 200) -> Response:
    return page(
        "confirm.html", status=status, title=_("Sign all other devices out?"),
        text=_("You stay signed in here. Everywhere else you have to sign in again."),
        deed=_("Sign all others out"), action=url_for("devices.end_others"), cancel=url_for("devices.show"),
    )  # fmt: skip


@devices.post("/others/end")
@right("devices.end")
def end_others() -> Response:
    """End all other sessions."""
    if not ConfirmForm().validate():
        return _ask_others(422)
    gone, left = actions.end_others(actor())
    if gone:
        flash(ngettext("%(num)d device is signed out.", "%(num)d devices are signed out.", gone))
    if left:
        flash(ngettext("%(num)d device is still signed in.", "%(num)d devices are still signed in.", left), "warn")
    if not gone and not left:
        flash(_("There was no other device."), "note")
    return see_other("devices.show")
