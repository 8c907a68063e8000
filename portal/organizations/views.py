"""Pages around organizations: the list, the way into one, and what the person is there."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _

from portal.access import operator
from portal.errors import Conflict, Invalid, NotFound
from portal.forms import ConfirmForm, apply
from portal.home.permissions import organization_rows
from portal.invitations.answering import notices
from portal.organizations import actions, creating, leaving
from portal.organizations.forms import CreateForm
from portal.organizations.words import described
from portal.sso import rules
from portal.standing import address
from portal.web import actor, flash, page, right, see_other
from portal.web.addresses import referer
from portal.web.listing import Listing, listing

organizations = Blueprint("organizations", __name__, url_prefix="/<realm>")


@organizations.get("/organizations")
@right("organizations.list")
def index() -> Response:
    """Every organization the person may open, with a search."""
    view = listing("organizations", "q")
    if not isinstance(view, Listing):
        return view
    try:
        rows = actions.listed(actor(), view.filters.get("q", ""), view.first, view.maximum)
    except NotFound:
        if not operator(actor().facts):
            raise
        return page("organizations/missing.html")
    invited = notices(actor()) if actor().may("invitations.received") else []
    return page("organizations/list.html", view=view, rows=rows, invited=invited)


@organizations.get("/organizations/new")
@right("organizations.create")
def new() -> Response:
    """The form for another organization."""
    return page("organizations/new.html", form=CreateForm())


@organizations.post("/organizations/new")
@right("organizations.create")
def create() -> Response:
    """Make an organization; with mistakes the same form comes back."""
    form = CreateForm()
    if not form.validate():
        return page("organizations/new.html", status=422, form=form)
    try:
        made = creating.create(actor(), form)
    except Invalid as error:
        return page("organizations/new.html", status=422, form=form, errors=apply(form, error))
    flash(_("%(name)s is there. It has no members yet.", name=made.label))
    if "view-organizations" in actor().facts.realm_roles:
        return see_other("details.show", organization=address(made))
    return see_other("organizations.index")


@organizations.get("/o/<organization>")
@right("organizations.open")
def show() -> Response:
    """The way into an organization: its members, or the first page the person may see there."""
    from portal.web.shell import organization_entries

    if rules.closed(actor()):
        return page("sso/closed.html", status=403)
    entries = organization_entries(actor())
    return see_other(entries[0].endpoint) if entries else see_other("organizations.membership")


@organizations.get("/o/<organization>/membership")
@right("organizations.open")
def membership() -> Response:
    """What the person is in this organization, what he may do there, and the way out."""
    if rules.closed(actor()):
        return page("sso/closed.html", status=403)
    roles = described(actor().facts.organization_roles)
    return page(
        "organizations/membership.html", roles=roles, domains=actions.domains(actor()), held=organization_rows(actor()),
        belongs=actor().facts.member,
    )  # fmt: skip


@organizations.get("/o/<organization>/leave")
@right("organizations.leave")
def asking_to_leave() -> Response:
    """Ask whether the person wants to leave, and say what is lost."""
    return _ask_to_leave()


def _ask_to_leave(status: int = 200) -> Response:
    stays = ""
    try:
        leaving.check(actor())
    except Conflict as error:
        stays, status = str(error), 409
    held = described(actor().facts.organization_roles)
    return page("organizations/leave.html", status=status, stays=stays, roles=held)


@organizations.post("/o/<organization>/leave")
@right("organizations.leave")
def leave() -> Response:
    """End the membership."""
    name = actor().here.label
    if not ConfirmForm().validate():
        return _ask_to_leave(422)
    try:
        leaving.leave(actor())
    except Conflict:
        return _ask_to_leave(409)
    flash(_("You left %(name)s.", name=name))
    return see_other("organizations.index")


@organizations.post("/o/<organization>/star")
@right("organizations.star")
def star() -> Response:
    """Star or unstar; back to where the button was."""
    on = request.form.get("on") == "yes"
    actions.star(actor(), on=on)
    return redirect(referer() or url_for("organizations.index"), 303)  # type: ignore[return-value]
