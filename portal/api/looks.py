"""An organization's own look as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from portal.actor import Actor
from portal.api.filling import TEXT, objects
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.versions import unchanged
from portal.clients.orgs_types import Organization
from portal.details import actions, look
from portal.errors import Invalid
from portal.styles.entry import address_error


@dataclass(frozen=True)
class LookDocument:
    """What the organization overrides of its realm's look; empty where it does not. `logo` is an address."""

    logo: str
    background: str
    header: str


def read(actor: Actor, _body: Body) -> LookDocument:
    """The look as it is."""
    return _document(actions.load(actor))


def _document(found: Organization) -> LookDocument:
    present = look.present(found)
    return LookDocument(present.logo, present.background, present.header)


def save(actor: Actor, body: Body) -> LookDocument:
    """Change what is named. A logo is fetched once from its address and shown from the portal's own."""
    present = read(actor, {})
    unchanged(present)
    entered = look.entered({**vars(present), **body})
    errors = dict(entered.errors)
    if "logo" not in errors and entered.logo != present.logo and (said := address_error(actor, entered.logo)):
        errors["logo"] = said
    if errors:
        raise Invalid(errors)
    look.save(actor, entered)
    return read(actor, {})


LOOK = f"{HERE}/look"

OPERATIONS = (
    Operation(
        "GET", LOOK, "organization.look", "getOrganizationLook", "Its own look", read, LookDocument, versioned=True
    ),
    Operation(
        "PATCH", LOOK, "organization.look", "changeOrganizationLook", "Change its own look", save, LookDocument,
        body=objects(logo=TEXT, background=TEXT, header=TEXT), versioned=True,
    ),
)  # fmt: skip
