"""Your data: the page, the download, and the way to the end of the account."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from portal.data import actions
from portal.data.forms import DeleteForm
from portal.signin.journey import arrived, start
from portal.web import actor, flash, page, right, see_other

data = Blueprint("data", __name__, url_prefix="/<realm>/data")


@data.get("")
@right("data.download")
def show() -> Response:
    """What there is to download, and what deleting means."""
    return page("data/show.html", incomplete=actions.lacked(actor()))


@data.get("/download")
@right("data.download")
def download() -> Response:
    """One JSON file."""
    body = json.dumps(actions.collect(actor()), indent=2, ensure_ascii=False)
    name = f"{actor().realm.name}-{datetime.now(UTC):%Y-%m-%d}.json"
    response = Response(body, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{name}"'
    return response


@data.get("/delete")
@right("account.delete")
def deleting() -> Response:
    """Ask, say what is lost, and have the username typed."""
    return _ask(DeleteForm(actor().username))


def _ask(form: DeleteForm, status: int = 200) -> Response:
    name = actor().username
    error = next(iter(form.username.errors), "")
    return page(
        "confirm.html", status=status, title=_("Delete your account?"),
        text=[
            _("This cannot be undone. Your profile, your sign-in methods and your memberships are deleted for good."),
            _("Applications you used may keep what they stored about you; ask them about it."),
            _("If you want a copy of your data, download it first."),
        ],
        deed=_("Continue"), action=url_for("data.delete"), cancel=url_for("data.show"),
        typed={"label": _("Type %(name)s to confirm", name=name), "name": "username", "error": error},
    )  # fmt: skip


@data.post("/delete")
@right("account.delete")
def delete() -> Response:
    """The name was typed: one more page of ours, whose link leads to Keycloak."""
    form = DeleteForm(actor().username)
    if not form.validate():
        return _ask(form, 422)
    return page("data/last.html", go=url_for("data.leave"), cancel=url_for("data.show"))


@data.get("/delete/leave")
@right("account.delete")
def leave() -> Response:
    """To Keycloak, which asks for the last time and ends on a page of its own."""
    actions.leaving(actor())
    return start("delete_account", "data.stayed")


@data.get("/stayed")
@right("account.delete")
def stayed() -> Response:
    """Back without having deleted anything."""
    if arrived("delete_account"):
        flash(_("Your account stays as it is."), "note")
    return see_other("data.show")
