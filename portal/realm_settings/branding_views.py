"""The look of a realm over HTTP: colours, header, pictures, and the preview beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from portal.realm_settings import actions, branding, contrast
from portal.realm_settings.branding import Look
from portal.realm_settings.forms import accepted, kept, shown, tell
from portal.realm_settings.words import differences
from portal.realm_settings.writing import WholeRealm
from portal.styles.actions import picture_shown
from portal.styles.entry import address_error, uploaded
from portal.styles.pictures import MOST_BYTES, PictureRefused
from portal.web import actor, page, right, see_other, takes

looks = Blueprint("looks", __name__, url_prefix="/<realm>/settings/branding")
LARGEST_FORM = 2 * MOST_BYTES + 512 * 1024


@looks.get("")
@right("settings.view")
def show() -> Response:
    """The look as it is."""
    values = actions.present(actor())
    return _page(values, branding.look_of(values), writable=actions.writable(actor()))


def _page(values: dict[str, str], look: Look, status: int = 200, **more: Any) -> Response:
    context = {"writable": True, "connected": actions.connected(actor()), "clashes": (), "whole": False, **more}
    images = {kind: picture_shown(g.realm.name, kind, getattr(look, kind)) for kind in branding.PICTURES}
    return page(
        "realm_settings/branding.html", status=status, look=look, kept=kept(values, branding.KEYS), images=images,
        headers=_headers(), **_tried(look), **context,
    )  # fmt: skip


def _tried(look: Look) -> dict[str, Any]:
    """What the preview shows of a look."""
    brand = look.brand(g.realm.name)
    colours = {name: brand.effective(name) for name in branding.COLOURS}
    return {
        "colours": colours,
        "header": brand.header,
        "lines": contrast.lines(brand),
        "warnings": contrast.warnings(brand),
    }


def _headers() -> list[dict[str, str]]:
    return [
        {"value": "", "label": _("As it comes")}, {"value": "plain", "label": _("Plain, as the page")},
        {"value": "tinted", "label": _("Tinted")}, {"value": "filled", "label": _("Filled with the primary colour")},
    ]  # fmt: skip


@looks.get("/preview")
@right("settings.view")
def preview() -> Response:
    """The preview alone, for the colours of the address."""
    return page("realm_settings/branding.html", block="preview", **_tried(branding.entered(request.args)))


@looks.get("/preview.css")
@right("settings.view")
def preview_sheet() -> Response:
    """The colours of the address as a sheet that touches nothing but the preview."""
    brand = branding.entered(request.args).brand(g.realm.name)
    return Response(branding.preview_sheet(brand), content_type="text/css; charset=utf-8")


@looks.post("")
@right("settings.save")
@takes(LARGEST_FORM)
def save() -> Response:
    """Save the look; `do` = `try` only shows it."""
    seen = shown(request.form.get("shown", ""), branding.KEYS)
    look = branding.entered(request.form)
    if request.form.get("do") == "try":
        return _page(seen, look, tried=True)
    look = _with_pictures(look)
    if look.errors:
        return _page(seen, look, 422)
    try:
        saved = actions.save(actor(), "branding", seen, branding.wanted(seen, look), accepted())
    except WholeRealm:
        return _page(seen, look, 409, whole=True)
    if saved.clashes:
        return _page(saved.present, look, 409, clashes=differences(saved.clashes), whole=accepted())
    tell(saved, _("Branding saved."))
    return see_other("looks.show")


def _with_pictures(look: Look) -> Look:
    """The look with what was uploaded, taken away, or fetched from the addresses entered."""
    found, errors = {}, dict(look.errors)
    present = branding.look_of(actions.present(actor()))
    for kind in branding.PICTURES:
        file = request.files.get(f"{kind}_file")
        content = file.read() if file else b""
        try:
            source = uploaded(actor(), kind, content) if content else getattr(look, kind)
        except PictureRefused as error:
            errors[f"{kind}_file"] = _("This picture cannot be used: %(reason)s.", reason=str(error))
            continue
        found[kind] = "" if request.form.get(f"{kind}_none") == "yes" and not content else source
        if not content and found[kind] != getattr(present, kind):
            errors[kind] = address_error(actor(), found[kind])
    entered: dict[str, Any] = {**found, "errors": {key: said for key, said in errors.items() if said}}
    return replace(look, **entered)
