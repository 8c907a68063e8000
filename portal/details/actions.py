"""Reading and changing the details of the organization of the request."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited, own, take_back
from portal.clients.orgs_types import Organization
from portal.details.forms import Details
from portal.details.merge import Clash, Fields, applied, fields_of, merged
from portal.errors import Conflict, Invalid, NotFound
from portal.organizations import places
from portal.organizations.lock import locked, names_locked
from portal.sso import renaming
from portal.standing import stale

TAG = "organization.edit"


@dataclass(frozen=True)
class Saved:
    """What a save did. With clashes nothing was written, and `present` is what stands there.

    `overwritten` names fields that somebody changed past the portal while it wrote; `record` can be undone.
    """

    changed: tuple[str, ...] = ()
    record: str = ""
    overwritten: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    present: Fields = field(default_factory=dict)


def load(actor: Actor) -> Organization:
    """The organization as Keycloak has it now. Raises `Denied`, `NotFound`, `Upstream`."""
    return actor.orgs.organization(actor.here.id)


def save(actor: Actor, details: Details) -> Saved:
    """Write what the person changed, unless somebody else changed the same in the meantime."""
    shown, mine = details.decided
    with locked(actor, actor.here.id):
        organization = load(actor)
        present = fields_of(organization)
        writes, clashes = merged(shown, mine, present)
        if clashes:
            return Saved(clashes=tuple(clashes), present=present)
        return _write(actor, organization, writes) if writes else Saved()


def _write(actor: Actor, organization: Organization, writes: Fields, **notes: str) -> Saved:
    present = fields_of(organization)
    before = {"values": {name: list(present.get(name, ())) for name in writes}}
    after = {"values": {name: list(values) for name, values in writes.items()}, **notes}
    with audited(actor, TAG, target=organization.id, before=before, after=after) as record:
        actor.orgs.save(applied(organization, writes))
        seen = fields_of(load(actor))
        lost = tuple(sorted(name for name, values in writes.items() if seen.get(name, ()) != values))
        record.after["overwritten"] = list(lost)
    stale(actor)
    return Saved(tuple(sorted(writes)), record.id, lost)


def undo(actor: Actor, record_id: str) -> Saved:
    """Take one save back, once, while what it wrote still stands. Raises `NotFound`, `Conflict`."""
    row = own(actor, record_id, TAG)
    if row.after.get("undoes") or row.organization != actor.here.id:
        raise NotFound("nothing to undo here")
    with locked(actor, actor.here.id):
        organization = load(actor)
        present = fields_of(organization)
        if any(present.get(name, ()) != tuple(values) for name, values in row.after["values"].items()):
            raise Conflict(_("The details were changed again since. Look at them and change what you want by hand."))
        take_back(actor, row)
        before = {name: tuple(values) for name, values in row.before["values"].items()}
        return _write(actor, organization, before, undoes=row.id)


def rename(actor: Actor, name: str) -> Organization:
    """Give the organization another name: its addresses change. Raises `Invalid` for a name that is taken."""
    with names_locked(actor), locked(actor, actor.here.id):
        organization = load(actor)
        if name == organization.name:
            return organization
        renamed = dataclasses.replace(organization, name=name)
        before, after = {"name": organization.name}, {"name": name}
        with audited(actor, "organization.rename", target=organization.id, before=before, after=after):
            try:
                actor.orgs.save(renamed)
            except Conflict as error:
                raise taken() from error
        places.renamed(actor, renamed)
        renaming.renamed(actor, renamed)
    stale(actor)
    return renamed


def taken() -> Invalid:
    """The name belongs to another organization."""
    return Invalid({"name": _("Another organization has this name.")})
