"""The look of an organization over HTTP."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from portal.details import actions, look
from portal.details.look import OwnLook
from portal.styles.actions import picture_shown
from portal.styles.branding import HOUSE
from portal.styles.entry import address_error, uploaded
from portal.styles.pictures import MOST_BYTES, PictureRefused
from portal.web import actor, flash, page, right, see_other, takes

own_look = Blueprint("look", __name__, url_prefix="/<realm>/o/<organization>/details/look")


@own_look.get("")
@right("organization.look")
def show() -> Response:
    """What the organization overrides."""
    return _page(look.present(actions.load(actor())))


def _page(entered: OwnLook, status: int = 200) -> Response:
    shown = picture_shown(g.realm.name, "logo", entered.logo, actor().here.id)
    shade = entered.background or HOUSE["accent"]
    return page("details/look.html", status=status, look=entered, shown=shown, shade=shade)


@own_look.post("")
@right("organization.look")
@takes(MOST_BYTES + 64 * 1024)
def save() -> Response:
    """Save it."""
    entered = _with_logo(look.entered(request.form))
    if entered.errors:
        return _page(entered, 422)
    if look.save(actor(), entered):
        flash(_("The look of the organization is saved."))
    else:
        flash(_("Nothing was changed."), "note")
    return see_other("look.show")


def _with_logo(entered: OwnLook) -> OwnLook:
    file = request.files.get("logo_file")
    content = file.read() if file else b""
    if content:
        try:
            return replace(entered, logo=uploaded(actor(), "logo", content))
        except PictureRefused as error:
            said = _("This picture cannot be used: %(reason)s.", reason=str(error))
            return replace(entered, errors={**entered.errors, "logo_file": said})
    if request.form.get("logo_none") == "yes":
        return replace(entered, logo="")
    if entered.errors or entered.logo == look.present(actions.load(actor())).logo:
        return entered
    said = address_error(actor(), entered.logo)
    return replace(entered, errors={"logo": said} if said else {})
