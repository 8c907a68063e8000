"""The details of an organization, and the decisions about it as a whole."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.clients.orgs_types import Organization
from portal.details import actions, ending
from portal.details.forms import DeleteForm, Details, checked, of, one_row_more_or_less, overtaken, sent, wrong
from portal.details.words import kept_apart, label_of
from portal.errors import Invalid
from portal.forms import apply
from portal.organizations import places
from portal.organizations.forms import NameForm, ParentForm, web_address
from portal.standing import address
from portal.web import actor, flash, page, right, see_other

details = Blueprint("details", __name__, url_prefix="/<realm>/o/<organization>/details")


@details.get("")
@right("organization.view")
def show() -> Response:
    """Everything the organization says of itself, to read or to edit."""
    found = actions.load(actor())
    return _page(found, of(found))


def _page(found: Organization, form: Details, status: int = 200) -> Response:
    return page(
        "details/show.html", status=status, found=found, form=form, place=places.place(actor()), label_of=label_of,
        apart=kept_apart(found), web_address=web_address, wrong=wrong(form),
    )  # fmt: skip


@details.post("")
@right("organization.edit")
def save() -> Response:
    """Save what was changed; with mistakes, or where others changed the same, the form comes back whole."""
    if "_add" in request.form or "_remove" in request.form:
        return _page(actions.load(actor()), sent(one_row_more_or_less(request.form)))
    form = checked(sent(request.form))
    if wrong(form):
        return _page(actions.load(actor()), form, 422)
    saved = actions.save(actor(), form)
    if saved.clashes:
        return _page(actions.load(actor()), overtaken(form, saved.present, saved.clashes), 409)
    _tell(saved)
    return see_other("details.show")


def _tell(saved: actions.Saved) -> None:
    if not saved.changed:
        flash(_("Nothing was changed."), "note")
    elif saved.overwritten:
        names = ", ".join(label_of(name) for name in saved.overwritten)
        flash(_("Saved, but something else changed this at the same moment: %(names)s.", names=names), "warn")
    else:
        flash(_("Details saved."), undo_url=url_for("details.undo", record=saved.record))


@details.post("/undo/<record>")
@right("organization.edit")
def undo(record: str) -> Response:
    """Take the last save back."""
    actions.undo(actor(), record)
    flash(_("The details are as they were."))
    return see_other("details.show")


@details.get("/name")
@right("organization.rename")
def naming() -> Response:
    """Ask for another name."""
    return _ask_name(NameForm(name=actor().here.name))


def _ask_name(form: NameForm, status: int = 200) -> Response:
    return page("details/name.html", status=status, form=form, name=actor().here.name)


@details.post("/name")
@right("organization.rename")
def rename() -> Response:
    """Give the organization another name."""
    form = NameForm()
    if not form.validate():
        return _ask_name(form, 422)
    try:
        renamed = actions.rename(actor(), form.name.data or "")
    except Invalid as error:
        apply(form, error)
        return _ask_name(form, 422)
    flash(_("It is called %(name)s now.", name=renamed.name))
    return see_other("details.show", organization=address(renamed))


@details.get("/place")
@right("organization.place")
def placing() -> Response:
    """Ask below which organization it stands."""
    return _ask_place(ParentForm(parent=places.parent_name(actor())))


def _ask_place(form: ParentForm, status: int = 200) -> Response:
    return page("details/place.html", status=status, form=form)


@details.post("/place")
@right("organization.place")
def put() -> Response:
    """Put the organization below another, or on top."""
    form = ParentForm()
    try:
        route = places.move(actor(), form.parent.data or "")
    except Invalid as error:
        apply(form, error)
        return _ask_place(form, 422)
    flash(_("Its path is %(route)s now.", route=route))
    return see_other("details.show")


@details.get("/delete")
@right("organization.delete")
def deleting() -> Response:
    """Ask, say what is lost, and have the name typed."""
    return _ask_end(DeleteForm(actor().here.name))


def _ask_end(form: DeleteForm, status: int = 200) -> Response:
    here = actor().here
    error = next(iter(form.name.errors), "")
    return page(
        "confirm.html", status=status, title=_("Delete %(name)s?", name=here.label), text=_consequences(),
        deed=_("Delete the organization"), action=url_for("details.delete"), cancel=url_for("details.show"),
        typed={"label": _("Type %(name)s to confirm", name=here.name), "name": "name", "error": error},
    )  # fmt: skip


def _consequences() -> list[str]:
    lost = ending.loss(actor())
    said = [_("This cannot be undone. Details, roles and settings of the organization are deleted for good.")]
    if lost.members is not None:
        said.append(_members(lost.members))
    if lost.invitations:
        said.append(ngettext("%(num)d invitation is void.", "%(num)d invitations are void.", lost.invitations))
    if lost.domains:
        said.append(ngettext("%(num)d domain is given up.", "%(num)d domains are given up.", lost.domains))
    if lost.connections:
        said.append(_connections(lost.connections))
    return said


def _members(count: int) -> str:
    return ngettext(
        "%(num)d member loses the membership and the roles held here; the account stays.",
        "%(num)d members lose their membership and the roles held here; their accounts stay.", count,
    )  # fmt: skip


def _connections(count: int) -> str:
    return ngettext(
        "%(num)d single sign-on connection loses its organization and is left to those who run the portal.",
        "%(num)d single sign-on connections lose their organization and are left to those who run the portal.", count,
    )  # fmt: skip


@details.post("/delete")
@right("organization.delete")
def delete() -> Response:
    """Delete the organization."""
    name = actor().here.label
    form = DeleteForm(actor().here.name)
    if not form.validate():
        return _ask_end(form, 422)
    ending.end(actor())
    flash(_("%(name)s is deleted.", name=name))
    return see_other("organizations.index")
