"""The keys of a realm over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.errors import Conflict, Invalid
from portal.forms import ConfirmForm, apply
from portal.keys import actions
from portal.keys.forms import KeyForm, blank
from portal.keys.scopes import SCOPES, givable
from portal.keys.words import of_key, scope_choices
from portal.web import actor, flash, page, right, see_other

keys = Blueprint("keys", __name__, url_prefix="/<realm>/settings/keys")


@keys.get("")
@right("keys.view")
def index() -> Response:
    """All keys, without what opens anything."""
    return page("keys/list.html", keys=[of_key(row) for row in actions.listed(actor())])


@keys.get("/new")
@right("keys.manage")
def new() -> Response:
    """The form of a new key."""
    return _form(blank())


def _form(form: KeyForm, errors: list[str] | None = None) -> Response:
    choices = scope_choices([scope for scope in SCOPES if givable(scope, actor().facts)])
    status = 422 if request.method == "POST" else 200
    return page("keys/new.html", status=status, form=form, choices=choices, errors=errors or [])


@keys.post("")
@right("keys.manage")
def create() -> Response:
    """Make it, and show it this one time."""
    form = KeyForm()
    if not form.validate():
        return _form(form, [str(said) for said in form.form.errors])
    try:
        row, secret = actions.create(actor(), form.wanted)
    except Conflict:
        flash(_("This form has made a key already. What was not copied then cannot be shown again."), "warn")
        return see_other("keys.index")
    except Invalid as error:
        return _form(form, apply(form, error))
    return page("keys/made.html", key=of_key(row), secret=secret)


@keys.get("/<key>/revoke")
@right("keys.manage")
def revoking(key: str) -> Response:
    """Ask first."""
    return _ask_revoke(key)


def _ask_revoke(key: str, status: int = 200) -> Response:
    row = actions.find(actor(), key)
    return _ask(
        status, title=_("Revoke the key “%(name)s”?", name=row.name),
        text=_("Whatever uses it is refused from its next request on. A revoked key cannot be brought back."),
        deed=_("Revoke it"), action=url_for("keys.revoke", key=key), danger=True,
    )  # fmt: skip


def _ask(status: int, **about: Any) -> Response:
    return page("confirm.html", status=status, cancel=url_for("keys.index"), **about)


@keys.post("/<key>/revoke")
@right("keys.manage")
def revoke(key: str) -> Response:
    """End it."""
    if not ConfirmForm().validate():
        return _ask_revoke(key, 422)
    row = actions.revoke(actor(), key)
    flash(_("The key “%(name)s” is revoked.", name=row.name), "ok")
    return see_other("keys.index")


@keys.get("/<key>/adopt")
@right("keys.manage")
def adopting(key: str) -> Response:
    """Ask first."""
    return _ask_adopt(key)


def _ask_adopt(key: str, status: int = 200) -> Response:
    row = of_key(actions.find(actor(), key))
    said = [
        _("It was made by %(name)s and works again at once, with your rights in place of theirs.", name=row.owner),
        _("It may: %(what)s", what=", ".join(row.scopes)),
    ]
    return _ask(
        status, title=_("Adopt the key “%(name)s”?", name=row.name), text=said, deed=_("Adopt it"),
        action=url_for("keys.adopt", key=key),
    )  # fmt: skip


@keys.post("/<key>/adopt")
@right("keys.manage")
def adopt(key: str) -> Response:
    """Take it over."""
    if not ConfirmForm().validate():
        return _ask_adopt(key, 422)
    row = actions.adopt(actor(), key)
    flash(_("The key “%(name)s” is yours now.", name=row.name), "ok")
    return see_other("keys.index")
