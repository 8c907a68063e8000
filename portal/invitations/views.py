"""The list of invitations, the form for one, and what can be done with each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.errors import Invalid
from portal.forms import ConfirmForm, apply
from portal.invitations import actions, words
from portal.invitations.forms import NO_ROLE, InviteForm
from portal.invitations.placing import Already, applications
from portal.organizations.words import described
from portal.web import actor, flash, page, right, see_other, services
from portal.web.language import locale_tag, offered
from portal.web.listing import Listing, listing

invitations = Blueprint("invitations", __name__, url_prefix="/<realm>/o/<organization>/invitations")


@invitations.get("")
@right("invitations.view")
def index() -> Response:
    """Who was invited, and what became of it."""
    view = listing("invitations", "q", "state")
    if not isinstance(view, Listing):
        return view
    states = dict(words.states())
    state = view.filters.get("state", "")
    rows, total = actions.listed(
        actor(), view.filters.get("q", "").lower(), state if state in states else "", view.first, view.maximum
    )
    return page("invitations/list.html", view=view, rows=rows, total=total, states=words.states(), words=words)


@invitations.get("/new")
@right("invitations.create")
def new() -> Response:
    """The form, filled in with what an ended invitation asked for if it names one."""
    given: dict[str, Any] = {"locale": locale_tag()}
    if request.args.get("like"):
        known = actions.find(actor(), request.args["like"])
        names = {"first_name": known.first_name, "last_name": known.last_name}
        given.update(email=known.email, roles=known.roles, message=known.message, **names)
    return _form(_made(**given))


def _made(**given: Any) -> InviteForm:
    form = InviteForm(data=given) if given else InviteForm()
    form.offer(offered(), applications(services(), actor().realm.name))
    known = actions.roles(actor())
    mine = actions.given(actor(), known)
    form.names = [role.name for role in known]
    form.given = described(mine, known)
    return form


def _form(form: InviteForm, problems: list[str] | None = None, status: int = 200, already: str = "") -> Response:
    none = {"value": NO_ROLE, "label": _("No role"), "hint": _("Sees the name of the organization and its domains")}
    return page(
        "invitations/new.html", status=status, form=form, problems=problems or [], already=already,
        roles=[none, *form.given],
    )  # fmt: skip


@invitations.post("/new")
@right("invitations.create")
def create() -> Response:
    """Invite one person."""
    form = _made()
    if not form.validate():
        return _form(form, status=422)
    try:
        actions.invite(actor(), form.wanted())
    except Already as error:
        return _already(form, error)
    except Invalid as error:
        return _form(form, apply(form, error), 422)
    flash(_("The invitation for %(email)s is on its way.", email=form.email.data))
    return see_other("invitations.index")


def _already(form: InviteForm, error: Already) -> Response:
    member = error.kind == "member"
    said = _("This person is a member already.") if member else _("This address is invited already.")
    form.email.errors = [said]
    if member:
        return _form(form, status=422, already=url_for("members.index", q=form.email.data))
    known = url_for("invitations.show", invitation=error.invitation) if error.invitation else ""
    return _form(form, status=422, already=known or url_for("invitations.index", q=form.email.data))


@invitations.get("/<invitation>")
@right("invitations.view")
def show(invitation: str) -> Response:
    """Everything about one invitation."""
    return page("invitations/show.html", each=actions.find(actor(), invitation), words=words)


@invitations.post("/<invitation>/resend")
@right("invitations.manage")
def resend(invitation: str) -> Response:
    """Send it again with a new link."""
    if not ConfirmForm().validate():
        return page("invitations/show.html", status=422, each=actions.find(actor(), invitation), words=words)
    sent = actions.resend(actor(), invitation)
    flash(_("A new mail to %(email)s is on its way. The old link is dead.", email=sent.email))
    return see_other("invitations.index")


@invitations.get("/<invitation>/delete")
@right("invitations.manage")
def deleting(invitation: str) -> Response:
    """Ask whether it shall be taken back."""
    return _ask(actions.find(actor(), invitation))


def _ask(each: actions.Listed, status: int = 200) -> Response:
    return page(
        "confirm.html", status=status, title=_("Take back the invitation of %(email)s?", email=each.email),
        text=[_("The link in the mail stops working at once."), _("You can invite the person again at any time.")],
        deed=_("Take back"), action=url_for("invitations.delete", invitation=each.id),
        cancel=url_for("invitations.index"),
    )  # fmt: skip


@invitations.post("/<invitation>/delete")
@right("invitations.manage")
def delete(invitation: str) -> Response:
    """Take it back."""
    if not ConfirmForm().validate():
        return _ask(actions.find(actor(), invitation), 422)
    gone = actions.revoke(actor(), invitation)
    flash(_("The invitation of %(email)s is taken back.", email=gone.email))
    return see_other("invitations.index")
