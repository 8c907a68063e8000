"""What was sent, over HTTP: one delivery, and sending again."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.errors import Invalid
from portal.moments import aware
from portal.web import actor, flash, page, right, see_other
from portal.webhooks import actions, forms, words
from portal.webhooks.actions import Hook, Sent

sent = Blueprint("sent", __name__, url_prefix="/<realm>/settings/webhooks/<webhook>")


@sent.get("/deliveries/<number>")
@right("webhooks.view")
def show(webhook: str, number: str) -> Response:
    """One delivery with its body and the last answer."""
    row, each = _load(webhook, number)
    body = json.dumps(json.loads(each.body), ensure_ascii=False, indent=2) if each.body else ""
    return page("webhooks/delivery.html", row=row, each=each, body=body, words=words, utc=aware)


def _load(webhook: str, number: str) -> tuple[Hook, Sent]:
    row = actions.load(actor(), webhook)
    return row, actions.delivery(actor(), row, number)


@sent.get("/deliveries/<number>/replay")
@right("webhooks.manage")
def replaying(webhook: str, number: str) -> Response:
    """Ask before one is sent again."""
    return _ask(*_load(webhook, number))


def _ask(row: Hook, each: Sent, status: int = 200) -> Response:
    return page(
        "confirm.html", status=status, title=_("Send %(kind)s again?", kind=each.kind), danger=False,
        text=_("It is sent next, under the id it had: %(id)s.", id=each.event), deed=_("Send again"),
        action=url_for("sent.replay", webhook=row.id, number=each.number),
        cancel=url_for("sent.show", webhook=row.id, number=each.number),
    )  # fmt: skip


@sent.post("/deliveries/<number>/replay")
@right("webhooks.manage")
def replay(webhook: str, number: str) -> Response:
    """Send one again."""
    row, each = _load(webhook, number)
    if request.form.get("confirm") != "yes":
        return _ask(row, each, 422)
    actions.replay(actor(), row, each)
    flash(_("It is sent again now."))
    return see_other("webhooks.show", webhook=row.id)


@sent.get("/replay")
@right("webhooks.manage")
def replaying_since(webhook: str) -> Response:
    """The form for a moment from which everything is sent again."""
    return _since(actions.load(actor(), webhook))


def _since(row: Hook, status: int = 200, errors: Any = None) -> Response:
    entered = {name: request.form.get(name, "") for name in ("day", "time")}
    return page("webhooks/since.html", status=status, row=row, entered=entered, errors=errors or {})


@sent.post("/replay")
@right("webhooks.manage")
def replay_since(webhook: str) -> Response:
    """Send again everything from a moment on."""
    row = actions.load(actor(), webhook)
    try:
        at = forms.since(request.form)
    except Invalid as error:
        return _since(row, 422, error.errors)
    count = actions.replay_since(actor(), row, at)
    flash(_("%(count)d events are sent again, in their order.", count=count), "" if count else "note")
    return see_other("webhooks.show", webhook=row.id)
