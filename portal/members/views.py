"""The list of members, the page of one, and the end of a membership."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from portal.clients.orgs_types import Member
from portal.forms import ConfirmForm
from portal.members import actions
from portal.members.rules import may_touch
from portal.organizations.words import described
from portal.web import actor, flash, page, right, see_other
from portal.web.listing import Listing, listing

members = Blueprint("members", __name__, url_prefix="/<realm>/o/<organization>/members")


@members.get("")
@right("members.view")
def index() -> Response:
    """Who belongs to the organization, with roles."""
    view = listing("members", "q")
    if not isinstance(view, Listing):
        return view
    search = view.filters.get("q", "")
    rows = actions.members(actor(), search, view.first, view.maximum)
    total = None if search else actions.count(actor())
    return page("members/list.html", view=view, rows=rows, total=total, touchable=_touchable)


def _touchable(member: Member) -> bool:
    return may_touch(actor(), member)


@members.get("/<member>")
@right("members.view")
def show(member: str) -> Response:
    """One member: who it is, how he came here, and which roles are held here."""
    found = actions.find(actor(), member)
    return page(
        "members/show.html", member=found, origin=actions.origin(actor(), found), touchable=_touchable,
        roles=described(found.roles), own=found.id == actor().sub,
    )  # fmt: skip


@members.get("/<member>/remove")
@right("members.remove")
def removing(member: str) -> Response:
    """The question before somebody is removed."""
    return _ask(actions.removable(actor(), member))


def _ask(member: Member, status: int = 200) -> Response:
    name, here = member.label, actor().here.label
    text = [
        _("%(name)s no longer sees or uses %(organization)s, and loses every role here.", name=name, organization=here),
        _("The account itself stays, with whatever else it belongs to. You can take this back for a while."),
    ]
    if actor().may("roles.view") and member.roles:
        text.insert(1, _("Roles that end: %(roles)s.", roles=", ".join(sorted(member.roles))))
    return page(
        "confirm.html", status=status, title=_("Remove %(name)s?", name=name), text=text, deed=_("Remove"),
        action=url_for("members.remove", member=member.id), cancel=url_for("members.index"),
    )  # fmt: skip


@members.post("/<member>/remove")
@right("members.remove")
def remove(member: str) -> Response:
    """End the membership."""
    found = actions.removable(actor(), member)
    if not ConfirmForm().validate():
        return _ask(found, 422)
    removed = actions.remove(actor(), member)
    said = _(
        "%(name)s does not belong to %(organization)s any more.", name=removed.name, organization=actor().here.label
    )
    flash(said, undo_url=url_for("members.restore", record=removed.record))
    return see_other("members.index")


@members.post("/restore/<record>")
@right("members.remove")
def restore(record: str) -> Response:
    """Take a removal back."""
    name = actions.restore(actor(), record)
    flash(_("%(name)s belongs to %(organization)s again.", name=name, organization=actor().here.label))
    return see_other("members.index")
