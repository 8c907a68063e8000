"""The style sheet editor over HTTP. The editor itself never wears the sheet; the preview does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from portal.realm_settings import actions, style_sheet
from portal.realm_settings.forms import accepted, kept, shown, tell
from portal.realm_settings.words import differences
from portal.realm_settings.writing import WholeRealm
from portal.styles.actions import brand
from portal.styles.branding import CSS
from portal.web import actor, flash, page, right, see_other
from portal.web.shell import SAFE_STYLE

sheets = Blueprint("sheets", __name__, url_prefix="/<realm>/settings/style-sheet")


@sheets.get("")
@right("settings.style")
def edit() -> Response:
    """The editor, with the draft if there is one."""
    values = actions.present(actor())
    draft = style_sheet.draft(actor())
    return _editor(values, draft or values.get(CSS, ""), drafted=bool(draft))


def _editor(values: dict[str, str], text: str, status: int = 200, **more: Any) -> Response:
    context = {"clashes": (), "whole": False, "drafted": False, **more}
    return page(
        "realm_settings/style_sheet.html", status=status, text=text, checked=style_sheet.check(text),
        kept=kept(values, style_sheet.KEYS), **context,
    )  # fmt: skip


@sheets.post("")
@right("settings.style")
def save() -> Response:
    """Save the sheet, or with `do` = `try` keep it as a draft to look at."""
    seen, text = shown(request.form.get("shown", ""), style_sheet.KEYS), style_sheet.normal(request.form.get("css", ""))
    if style_sheet.check(text).refused:
        return _editor(seen, text, 422)
    if request.form.get("do") == "try":
        style_sheet.keep_draft(actor(), text)
        return see_other("sheets.preview")
    # Line ends alone are no change.
    wanted = seen.get(CSS, "") if style_sheet.normal(seen.get(CSS, "")) == text else text
    try:
        saved = actions.save(actor(), "style sheet", seen, {CSS: wanted}, accepted())
    except WholeRealm:
        return _editor(seen, text, 409, whole=True)
    if saved.clashes:
        return _editor(saved.present, text, 409, clashes=differences(saved.clashes), whole=accepted())
    style_sheet.drop_draft(actor())
    tell(saved, _("Style sheet saved."))
    return see_other("sheets.edit")


@sheets.post("/draft")
@right("settings.style")
def drop() -> Response:
    """Forget the draft."""
    style_sheet.drop_draft(actor())
    flash(_("The draft is gone."))
    return see_other("sheets.edit")


@sheets.get("/preview")
@right("settings.view")
def preview() -> Response:
    """Sample elements that wear the draft; nobody else sees it."""
    worn = brand(g.realm.name)
    sheet = None if SAFE_STYLE in request.args else url_for("sheets.draft")
    return page("realm_settings/sample.html", brand=replace(worn, css_url=sheet))


@sheets.get("/draft.css")
@right("settings.view")
def draft() -> Response:
    """The author's own draft, checked as every sheet is."""
    return Response(style_sheet.draft_sheet(actor()), content_type="text/css; charset=utf-8")
