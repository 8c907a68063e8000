"""Organizations as JSON: found, made, changed, named, placed, deleted; and one's own membership."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from portal.actor import Actor
from portal.api.filling import TEXT, TEXTS, data, objects, of_form, valid
from portal.api.operations import Body, Operation
from portal.api.paging import Page, page
from portal.api.versions import unchanged
from portal.clients.orgs_types import Organization
from portal.details import actions as details
from portal.details import ending
from portal.details.forms import Details, Row, checked, wrong
from portal.details.merge import ATTRIBUTE, DISPLAY_NAME, URL, fields_of
from portal.errors import Conflict, Invalid
from portal.organizations import actions, creating, leaving, places
from portal.organizations.actions import Listed
from portal.organizations.forms import CreateForm, NameForm, ParentForm
from portal.standing import learn


@dataclass(frozen=True)
class OrganizationEntry:
    """An organization in a list. `roles` are the caller's there, null where they are not known."""

    id: str
    name: str
    label: str
    route: str
    roles: list[str] | None


@dataclass(frozen=True)
class OrganizationDocument:
    """An organization. `route` is its place in the hierarchy, `parent` the ID of the one above it.

    `record` names the change that is being answered, for taking it back; empty otherwise.
    """

    id: str
    name: str
    display_name: str
    url: str
    domains: list[str]
    attributes: Mapping[str, list[str]]
    route: str
    parent: str
    record: str = ""


@dataclass(frozen=True)
class MembershipDocument:
    """What the caller is in the organization."""

    organization: str
    member: bool
    roles: list[str]
    domains: list[str]


def listed(actor: Actor, body: Body) -> Page[OrganizationEntry]:
    """A page of those the caller may open."""
    known = actor if actor.standing.read else learn(actor)

    def fetch(first: int, maximum: int) -> Sequence[Listed]:
        return actions.listed(known, str(body.get("q", "")), first, maximum)

    found = page(body, "organizations", fetch, lambda each: each.id)
    hint = "" if found.items or "q" in body else _("There is no organization yet. Make one with POST /organizations.")
    return Page([_entry(each) for each in found.items], found.next, hint)


def _entry(each: Listed) -> OrganizationEntry:
    return OrganizationEntry(
        each.id, each.name, each.label, each.route, None if each.roles is None else sorted(each.roles)
    )


def create(actor: Actor, body: Body) -> OrganizationDocument:
    """Make one without members; its domains wait to be proved."""
    lines = "\n".join(body.get("domains", ()))
    made = creating.create(actor, valid(CreateForm(formdata=data({**body, "domains": lines}))))
    return _document(made, made.name, "")


def read(actor: Actor, _body: Body) -> OrganizationDocument:
    """The organization as Keycloak has it now."""
    return _told(actor, details.load(actor))


def _told(actor: Actor, found: Organization) -> OrganizationDocument:
    place = places.place(actor)
    return _document(found, place.route if place else found.name, (place.parent if place else "") or "")


def _document(found: Organization, route: str, parent: str) -> OrganizationDocument:
    shown = {key: sorted(values) for key, values in found.shown_attributes.items()}
    return OrganizationDocument(
        found.id, found.name, found.display_name, found.url, list(found.domains), shown, route, parent
    )


def change(actor: Actor, body: Body) -> OrganizationDocument:
    """Change what is named; an attribute of null or without values goes."""
    found = details.load(actor)
    unchanged(_told(actor, found))
    form = checked(_wanted(found, body))
    if wrong(form):
        rows = {f"attributes.{row.key}": row.error for row in form.rows if row.error}
        raise Invalid({**form.errors, **rows})
    saved = details.save(actor, form)
    if saved.clashes:
        raise Conflict(_("Somebody else changed the same in the meantime. Read it again, then decide."))
    return replace(_told(actor, details.load(actor)), record=saved.record)


def _wanted(found: Organization, body: Body) -> Details:
    fields = fields_of(found)
    values = {key.removeprefix(ATTRIBUTE): list(held) for key, held in fields.items() if key.startswith(ATTRIBUTE)}
    values |= {key: list(new or ()) for key, new in body.get("attributes", {}).items()}
    rows = tuple(Row(key, value) for key, held in values.items() for value in held)
    texts = {name: str(body.get(name, "".join(fields.get(name, ())))).strip() for name in (DISPLAY_NAME, URL)}
    return Details(**texts, rows=rows, shown=fields)  # type: ignore[arg-type]


def undo(actor: Actor, _body: Body, record: str) -> OrganizationDocument:
    """Take one's own save back, once, while it still stands."""
    details.undo(actor, record)
    return read(actor, {})


def rename(actor: Actor, body: Body) -> OrganizationDocument:
    """Give it another name: its addresses change."""
    renamed = details.rename(actor, valid(NameForm(formdata=data(body))).name.data or "")
    return _told(replace(actor, organization=renamed), renamed)


def put(actor: Actor, body: Body) -> OrganizationDocument:
    """Put it below another, or on top."""
    places.move(actor, ParentForm(formdata=data(body)).parent.data or "")
    return read(actor, {})


def delete(actor: Actor, _body: Body) -> None:
    """Delete it for good."""
    ending.end(actor)


def membership(actor: Actor, _body: Body) -> MembershipDocument:
    """What the caller is here."""
    held = sorted(actor.facts.organization_roles)
    return MembershipDocument(actor.here.id, actor.facts.member, held, actions.domains(actor))


def leave(actor: Actor, _body: Body) -> None:
    """End one's own membership."""
    leaving.leave(actor)


HERE = "/organizations/<organization>"
DETAILS = objects(
    display_name=TEXT,
    url=TEXT,
    attributes={"type": "object", "additionalProperties": {"oneOf": [{"type": "null"}, TEXTS]}},
)
NEW = of_form(CreateForm, "name", without=("domains",))
NEW["properties"]["domains"] = TEXTS

OPERATIONS = (
    Operation(
        "GET", "/organizations", "organizations.list", "listOrganizations", "Organizations the caller may open",
        listed, OrganizationEntry, paged=True, query={"q": "Part of the name, the display name or the route"},
    ),
    Operation(
        "POST", "/organizations", "organizations.create", "createOrganization", "Make an organization", create,
        OrganizationDocument, body=NEW, code=201,
    ),
    Operation(
        "GET", HERE, "organization.view", "getOrganization", "One organization", read, OrganizationDocument,
        versioned=True,
    ),
    Operation(
        "PATCH", HERE, "organization.edit", "changeOrganization", "Change its details; what is not named stays", change,
        OrganizationDocument, body=DETAILS, versioned=True,
    ),
    Operation(
        "POST", f"{HERE}/changes/<record>/undo", "organization.edit", "undoOrganizationChange",
        "Take back a change of the details", undo, OrganizationDocument,
    ),
    Operation(
        "PUT", f"{HERE}/name", "organization.rename", "renameOrganization", "Give it another name", rename,
        OrganizationDocument, body=of_form(NameForm, "name"),
    ),
    Operation(
        "PUT", f"{HERE}/parent", "organization.place", "placeOrganization",
        "Put it below the organization of this name, or on top with an empty one", put, OrganizationDocument,
        body=of_form(ParentForm, "parent"),
    ),
    Operation(
        "DELETE", HERE, "organization.delete", "deleteOrganization", "Delete it for good", delete,
        for_keys="organization.erase",
    ),
    Operation(
        "GET", f"{HERE}/membership", "organizations.open", "getMembership", "What the caller is there", membership,
        MembershipDocument,
    ),
    Operation("DELETE", f"{HERE}/membership", "organizations.leave", "leaveOrganization", "Leave it", leave),
)  # fmt: skip
