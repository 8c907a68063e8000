"""The page of linked accounts."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from portal.audit import note
from portal.clients.account_access import LinkedAccount
from portal.forms import ConfirmForm
from portal.linked import actions
from portal.signin.journey import arrived, start
from portal.web import actor, flash, page, right, see_other

linked = Blueprint("linked", __name__, url_prefix="/<realm>/linked")


@linked.get("")
@right("linked.view")
def show() -> Response:
    """Linked providers, and those that may be linked."""
    return page("linked/show.html", accounts=actions.accounts(actor()))


@linked.get("/<alias>/link")
@right("linked.link")
def link(alias: str) -> Response:
    """Link at Keycloak."""
    actions.find(actor(), alias, connected=False)
    return start(f"idp_link:{alias}", "linked.link_done", {"alias": alias})


@linked.get("/done")
@right("linked.link")
def link_done() -> Response:
    """Back from Keycloak: tell what is seen now."""
    trip = arrived("idp_link")
    if trip is None:
        return see_other("linked.show")
    alias = trip.snapshot["alias"]
    found = next((each for each in actions.accounts(actor()) if each.alias == alias and each.connected), None)
    if found:
        note(actor(), "linked.link", target=alias, after={"username": found.username})
        flash(_("%(name)s is linked.", name=found.name))
    else:
        flash(_("Cancelled. Nothing was linked.") if trip.cancelled else _("Nothing was linked."), "note")
    return see_other("linked.show")


@linked.get("/<alias>/unlink")
@right("linked.unlink")
def unlinking(alias: str) -> Response:
    """Ask whether the link shall go."""
    return _ask(actions.find(actor(), alias, connected=True))


def _ask(account: LinkedAccount, status: int = 200) -> Response:
    return page(
        "confirm.html", status=status, title=_("Unlink %(name)s?", name=account.name),
        text=[
            _("You cannot sign in with it here any more. The account there stays as it is."),
            _("You can link it again at any time."),
        ],
        deed=_("Unlink"), action=url_for("linked.unlink", alias=account.alias), cancel=url_for("linked.show"),
    )  # fmt: skip


@linked.post("/<alias>/unlink")
@right("linked.unlink")
def unlink(alias: str) -> Response:
    """Take the link away."""
    account = actions.find(actor(), alias, connected=True)
    if not ConfirmForm().validate():
        return _ask(account, 422)
    actions.unlink(actor(), alias)
    flash(_("%(name)s is not linked any more.", name=account.name))
    return see_other("linked.show")
