"""The profile page."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from portal.audit import note
from portal.clients.account_types import Profile
from portal.errors import Invalid
from portal.forms import apply
from portal.profile import actions
from portal.profile.forms import PREFIX, form_of, sections
from portal.signin.journey import arrived, start
from portal.web import actor, flash, page, right, see_other, services
from portal.web.current import browser

profile = Blueprint("profile", __name__, url_prefix="/<realm>/profile")


@profile.get("")
@right("profile.view")
def show() -> Response:
    """Everything the realm keeps of the person, to read or to edit."""
    loaded = actions.load(actor())
    return _page(loaded, form_of(loaded))


def _page(loaded: Profile, form: BaseForm, errors: list[str] | None = None, status: int = 200) -> Response:
    found = sections(loaded, actions.texts(actor()))
    pending = actions.pending_email(actor())
    return page(
        "profile/show.html", status=status, sections=found, form=form, profile=loaded, pending=pending,
        errors=errors or [],
    )  # fmt: skip


@profile.post("")
@right("profile.edit")
def save() -> Response:
    """Save what was changed; with mistakes the same form comes back with everything in it."""
    loaded = actions.load(actor())
    if "_add" in request.form or "_remove" in request.form:
        return _page(loaded, form_of(loaded, _one_row_more_or_less(request.form)))
    try:
        saved = actions.save(actor(), loaded, request.form)
    except Invalid as error:
        return _refused(loaded, error)
    if not saved.changed:
        flash(_("Nothing was changed."), "note")
        return see_other("profile.show")
    _remember(actions.load(actor()))
    flash(_("Profile saved."), undo_url=url_for("profile.undo", record=saved.record))
    return see_other("profile.show")


@profile.post("/undo/<record>")
@right("profile.edit")
def undo(record: str) -> Response:
    """Take the last save back."""
    actions.undo(actor(), record)
    _remember(actions.load(actor()))
    flash(_("Your profile is as it was."))
    return see_other("profile.show")


def _refused(loaded: Profile, error: Invalid) -> Response:
    form = form_of(loaded, request.form)
    texts = actions.texts(actor())
    said = Invalid({name: texts.message(each) for name, each in error.errors.items()}, error.form)
    return _page(loaded, form, apply(form, said), 422)


def _one_row_more_or_less(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What "Add" and "Remove" of a list of values mean without scripts."""
    changed = MultiDict(sent)
    if name := sent.get("_add"):
        changed.add(name, "")
    name, _colon, place = sent.get("_remove", "").rpartition(":")
    values = changed.getlist(name)
    if place.isdigit() and int(place) < len(values):
        changed.setlist(name, values[: int(place)] + values[int(place) + 1 :])
    return changed


def _remember(loaded: Profile) -> None:
    """The person's menu shows the new name at once."""
    row = browser().row
    if row is not None:
        services().sessions.claims(row, **actions.shown_name(loaded))


@profile.get("/email")
@right("profile.change_email")
def email() -> Response:
    """Change the address at Keycloak, which mails a link to the new one."""
    loaded = actions.load(actor())
    before = {"email": loaded.value("email"), "pending": actions.pending_email(actor())}
    actions.ask_for_email(actor())
    return start("UPDATE_EMAIL", "profile.email_done", before)


@profile.get("/email/done")
@right("profile.change_email")
def email_done() -> Response:
    """Back from Keycloak: tell what is seen now."""
    trip = arrived("UPDATE_EMAIL")
    if trip is None:
        return see_other("profile.show")
    loaded = actions.load(actor())
    if loaded.value("email") != trip.snapshot["email"]:
        note(actor(), "profile.change_email", target=actor().sub, after={"pending": False})
        _remember(loaded)
        flash(_("Your email address is now %(email)s.", email=loaded.value("email")))
    elif (pending := actions.pending_email(actor())) and pending != trip.snapshot["pending"]:
        note(actor(), "profile.change_email", target=actor().sub, after={"pending": True})
        flash(_("A link is on its way to %(email)s.", email=pending), "note")
    else:
        flash(_("Your email address was not changed."), "note")
    return see_other("profile.show")


__all__ = ["PREFIX", "profile"]
