"""The roles of a member, and the roles an organization has."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from portal.access import MANAGE_ROLES, VIEW_ROLES
from portal.clients.orgs_types import Member, Role
from portal.errors import Conflict, Invalid
from portal.forms import ConfirmForm, apply
from portal.members.actions import find
from portal.members.rules import check_rank
from portal.organizations.words import Shown, shown
from portal.roles import actions
from portal.roles.forms import DescriptionForm, RoleForm, RolesForm
from portal.web import actor, flash, page, right, see_other

roles = Blueprint("roles", __name__, url_prefix="/<realm>/o/<organization>")


@roles.get("/members/<member>/roles")
@right("roles.grant")
def edit(member: str) -> Response:
    """The roles somebody holds, to tick and untick."""
    found = find(actor(), member)
    check_rank(actor(), found)
    return _form(found, found.roles)


def _form(member: Member, ticked: frozenset[str], errors: list[str] | None = None, status: int = 200) -> Response:
    known = actions.roles(actor())
    reach = actions.within_reach(actor(), [role.name for role in known])
    return page(
        "roles/edit.html", status=status, member=member, ticked=ticked, errors=errors or [], reach=reach,
        own=member.id == actor().sub, groups=_groups(known),
    )  # fmt: skip


def _groups(known: list[Role]) -> list[tuple[str, list[Shown]]]:
    kinds = (
        (_("See"), [role for role in known if role.name in VIEW_ROLES]),
        (_("Manage"), [role for role in known if role.name in MANAGE_ROLES]),
        (_("Own roles of this organization"), [role for role in known if role.name not in actions.STANDARD]),
    )
    return [(title, [shown(role.name, role.description) for role in found]) for title, found in kinds if found]


@roles.post("/members/<member>/roles")
@right("roles.grant")
def change(member: str) -> Response:
    """Give what was ticked, take what was unticked, and say what each came to."""
    form = RolesForm()
    wanted, shown = frozenset(form.roles.data or ()), frozenset(form.shown.data or ())
    try:
        changed = actions.change(actor(), member, wanted, shown)
    except Conflict as error:
        return _form(find(actor(), member), wanted, [str(error)], 409)
    except Invalid as error:
        return _form(find(actor(), member), wanted, list(error.errors.values()), 422)
    _tell(changed)
    return see_other("members.show", member=member) if actor().may("members.view") else see_other("members.index")


def _tell(changed: actions.Changed) -> None:
    if not (changed.granted or changed.revoked or changed.refused):
        flash(_("Nothing was changed."), "note")
        return
    said = _("Roles of %(name)s changed.", name=changed.name)
    if changed.refused:
        refused = ", ".join(sorted(changed.refused))
        said = _("Keycloak refused %(roles)s; the other changes were made.", roles=refused)
    undoable = changed.granted or changed.revoked
    flash(said, "warn" if changed.refused else "ok", url_for("roles.undo", record=changed.record) if undoable else "")


@roles.post("/members/roles/undo/<record>")
@right("roles.grant")
def undo(record: str) -> Response:
    """Take one's last change of somebody's roles back."""
    changed = actions.undo(actor(), record)
    flash(_("The roles of %(name)s are as they were, as far as you may give them.", name=changed.name))
    return see_other("members.index")


@roles.get("/roles")
@right("roles.view")
def index() -> Response:
    """Every role of the organization and what it lets people do."""
    known = actions.roles(actor())
    return page("roles/list.html", groups=_groups(known), own=[r for r in known if r.name not in actions.STANDARD])


@roles.get("/roles/new")
@right("roles.manage")
def new() -> Response:
    """The form for a role of the organization's own."""
    return page("roles/new.html", form=RoleForm())


@roles.post("/roles/new")
@right("roles.manage")
def create() -> Response:
    """Make the role."""
    form = RoleForm()
    if not form.validate():
        return page("roles/new.html", status=422, form=form)
    try:
        actions.create(actor(), str(form.name.data), str(form.description.data))
    except Invalid as error:
        apply(form, error)
        return page("roles/new.html", status=422, form=form)
    flash(_("Role %(name)s is there. Give it to people on their pages.", name=form.name.data))
    return see_other("roles.index")


@roles.get("/roles/<role>/describe")
@right("roles.manage")
def describing(role: str) -> Response:
    """The form for what a role says of itself."""
    found = actions.find_role(actor(), role)
    return page("roles/describe.html", role=found, form=DescriptionForm(data={"description": found.description}))


@roles.post("/roles/<role>/describe")
@right("roles.manage")
def describe(role: str) -> Response:
    """Save it."""
    found, form = actions.find_role(actor(), role), DescriptionForm()
    if not form.validate():
        return page("roles/describe.html", status=422, role=found, form=form)
    actions.describe(actor(), role, str(form.description.data))
    flash(_("Description saved."))
    return see_other("roles.index")


@roles.get("/roles/<role>/delete")
@right("roles.manage")
def deleting(role: str) -> Response:
    """The question before a role goes."""
    return _ask(actions.find_role(actor(), role))


def _ask(role: Role, status: int = 200) -> Response:
    return page(
        "confirm.html", status=status, title=_("Delete the role %(name)s?", name=role.name),
        text=_("Whoever holds it holds it no more. Applications that ask for it will no longer find it. "
               "This cannot be taken back."),
        deed=_("Delete"), action=url_for("roles.delete", role=role.name), cancel=url_for("roles.index"),
    )  # fmt: skip


@roles.post("/roles/<role>/delete")
@right("roles.manage")
def delete(role: str) -> Response:
    """Delete it."""
    found = actions.find_role(actor(), role)
    if not ConfirmForm().validate():
        return _ask(found, 422)
    actions.delete(actor(), role)
    flash(_("Role %(name)s is deleted.", name=role))
    return see_other("roles.index")
