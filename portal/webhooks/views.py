"""Webhooks over HTTP: the list, making and changing one, and what is decided about one."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.errors import Conflict, NotFound
from portal.moments import aware
from portal.web import actor, flash, page, right, see_other
from portal.web.listing import Listing, listing
from portal.webhooks import actions, forms, words
from portal.webhooks.actions import Hook
from portal.webhooks.forms import Entry

webhooks = Blueprint("webhooks", __name__, url_prefix="/<realm>/settings/webhooks")
DEEDS = ("test", "rotate", "disable", "enable", "adopt", "skip", "delete")
_ID = re.compile(r"[0-9a-f]{32}")


@webhooks.get("")
@right("webhooks.view")
def index() -> Response:
    """All of the realm."""
    return page("webhooks/list.html", rows=actions.listed(actor()), state=words.state)


@webhooks.get("/new")
@right("webhooks.manage")
def new() -> Response:
    """The form for another one."""
    return _form(Entry(contact=actor().email), made=actions.new_id())


def _form(entry: Entry, status: int = 200, *, row: Hook | None = None, made: str = "") -> Response:
    known: dict[str, Any] = {"groups": words.groups(), "kinds": words.kinds()}
    return page("webhooks/form.html", status=status, entry=entry, row=row, made=made, **known)


@webhooks.post("/new")
@right("webhooks.manage")
def create() -> Response:
    """Make it and show its secret. The same form sent again leads to what it made."""
    made = request.form.get("made", "")
    if not _ID.fullmatch(made):
        raise NotFound("no id for a webhook")
    entry = forms.entered(actor(), request.form, request.form.getlist("groups"))
    if entry.errors:
        return _form(entry, 422, made=made)
    try:
        secret = actions.create(actor(), made, entry)
    except Conflict:
        if actions.exists(actor(), made):
            return see_other("webhooks.show", webhook=made)
        raise
    return _secret(actions.load(actor(), made), secret, _("%(name)s is on", name=entry.name))


def _secret(row: Hook, secret: str, title: str) -> Response:
    return page("webhooks/secret.html", row=row, secret=secret, title=title)


@webhooks.get("/<webhook>")
@right("webhooks.view")
def show(webhook: str) -> Response:
    """One, with what was sent to it."""
    row = actions.load(actor(), webhook)
    view = listing(f"webhook {row.id}", "state")
    if not isinstance(view, Listing):
        return view
    wanted = view.filters.get("state", "")
    sent = actions.log(actor(), row, wanted if wanted in dict(words.states()) else "", view.first, view.maximum)
    return page(
        "webhooks/show.html", row=row, view=view, sent=sent, waiting=actions.waiting(actor(), row), words=words,
        deeds=_deeds(row),
        kinds=[words.groups().get(each, each) for each in row.groups], utc=aware,
    )  # fmt: skip


def _deeds(row: Hook) -> dict[str, str]:
    return {deed: url_for("webhooks.deciding", webhook=row.id, deed=deed) for deed in DEEDS}


@webhooks.get("/<webhook>/edit")
@right("webhooks.manage")
def editing(webhook: str) -> Response:
    """The form with what stands there."""
    row = actions.load(actor(), webhook)
    return _form(forms.of(row), row=row)


@webhooks.post("/<webhook>/edit")
@right("webhooks.manage")
def edit(webhook: str) -> Response:
    """Save it."""
    row = actions.load(actor(), webhook)
    entry = forms.entered(actor(), request.form, request.form.getlist("groups"))
    if entry.errors:
        return _form(entry, 422, row=row)
    actions.edit(actor(), row, entry)
    flash(_("The webhook is saved."))
    return see_other("webhooks.show", webhook=row.id)


@webhooks.get("/<webhook>/<any(test, rotate, disable, enable, adopt, skip, delete):deed>")
@right("webhooks.manage")
def deciding(webhook: str, deed: str) -> Response:
    """Ask before something is done with one."""
    return _ask(actions.load(actor(), webhook), deed)


def _ask(row: Hook, deed: str, status: int = 200) -> Response:
    asked = words.question(deed, row)
    return page(
        "confirm.html", status=status, title=asked.title, text=asked.text, deed=asked.deed, danger=asked.danger,
        action=url_for("webhooks.decide", webhook=row.id, deed=deed), cancel=url_for("webhooks.show", webhook=row.id),
        leave=deed == "rotate",
    )  # fmt: skip


@webhooks.post("/<webhook>/<any(test, rotate, disable, enable, adopt, skip, delete):deed>")
@right("webhooks.manage")
def decide(webhook: str, deed: str) -> Response:
    """Do it."""
    row = actions.load(actor(), webhook)
    if request.form.get("confirm") != "yes":
        return _ask(row, deed, 422)
    if deed == "rotate":
        secret = actions.rotate(actor(), row)
        return _secret(actions.load(actor(), webhook), secret, _("A new secret for %(name)s", name=row.name))
    flash(*_done(row, deed))
    return see_other("webhooks.index") if deed == "delete" else see_other("webhooks.show", webhook=row.id)


def _done(row: Hook, deed: str) -> tuple[Any, ...]:
    """Do what a page needs no more for than a sentence."""
    if deed == "test":
        sent = actions.test(actor(), row)
        if sent.state == "delivered":
            return (_("The test event was taken: %(status)d, %(took)d ms.", status=sent.status, took=sent.took),)
        return _("The test event was not taken: %(answer)s.", answer=words.answer(sent)), "note"
    if deed == "skip":
        return (_("%(count)d events are left out.", count=actions.skip(actor(), row)),)
    {"disable": actions.disable, "enable": actions.enable, "adopt": actions.adopt, "delete": actions.delete}[deed](
        actor(), row
    )
    return (
        {
            "disable": _("%(name)s is off.", name=row.name), "enable": _("%(name)s is on.", name=row.name),
            "adopt": _("%(name)s is yours now.", name=row.name), "delete": _("%(name)s is deleted.", name=row.name),
        }[deed],
    )  # fmt: skip
