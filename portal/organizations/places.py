"""The hierarchy of organizations: rows of the portal's own, written by operators. A route is search text."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.errors import Invalid, NotFound
from portal.organizations.lock import names_locked
from portal.store.models_organizations import Place

LONGEST_ROUTE = 512


def place(actor: Actor) -> Place | None:
    """Where the organization of the request stands, None if it stands alone or on top."""
    with actor.services.store.read() as transaction:
        return transaction.get(Place, (actor.realm.name, actor.here.id))


def parent_name(actor: Actor) -> str:
    """What the organization above is called, empty without one."""
    found = place(actor)
    if found is None or not found.parent:
        return ""
    try:
        return actor.orgs.organization(found.parent).name
    except NotFound:
        return ""


def move(actor: Actor, parent: str) -> str:
    """Put the organization of the request below the one called `parent`, or on top; returns the new route.

    What is below it moves along. Raises `Invalid` for a parent that is unknown or below it, or for too long a route.
    """
    with names_locked(actor):
        above = _named(actor, parent) if parent else None
        present = place(actor)
        before = {"route": present.route if present else actor.here.name}
        with audited(actor, "organization.place", target=actor.here.id, before=before) as record:
            record.after["route"] = _moved(actor, above)
    return str(record.after["route"])


def _moved(actor: Actor, above: Organization | None) -> str:
    with actor.services.store.write() as transaction:
        return _move(transaction, actor.realm.name, actor.here, above)


def _named(actor: Actor, name: str) -> Organization:
    try:
        return actor.orgs.named(name)
    except NotFound as error:
        raise _refused(_("There is no organization of this name.")) from error


def _refused(reason: str) -> Invalid:
    return Invalid({"parent": reason})


def _move(transaction: Session, realm: str, organization: Organization, above: Organization | None) -> str:
    if above is None:
        return _on_top(transaction, realm, organization)
    if organization.id in _upwards(transaction, realm, above.id):
        raise _refused(_("%(name)s is this organization, or stands below it.", name=above.name))
    higher = transaction.get(Place, (realm, above.id))
    route = f"{higher.route if higher else above.name.lower()}/{organization.name.lower()}"
    transaction.merge(Place(realm=realm, organization=organization.id, parent=above.id, route=_short(route)))
    transaction.flush()
    _below(transaction, realm, organization.id, route)
    return route


def _on_top(transaction: Session, realm: str, organization: Organization) -> str:
    mine = delete(Place).where(Place.realm == realm, Place.organization == organization.id)
    transaction.execute(mine)
    _below(transaction, realm, organization.id, organization.name.lower())
    return organization.name.lower()


def _upwards(transaction: Session, realm: str, organization_id: str) -> list[str]:
    """The organization and those above it."""
    found: list[str] = []
    while organization_id and organization_id not in found:
        found.append(organization_id)
        row = transaction.get(Place, (realm, organization_id))
        organization_id = row.parent if row else ""
    return found


def _below(transaction: Session, realm: str, organization_id: str, route: str, *, strict: bool = True) -> None:
    """Let the routes below follow; too long ones are refused, or cut. There are no cycles: `move` refuses them."""
    rows = select(Place).where(Place.realm == realm, Place.parent == organization_id)
    for row in list(transaction.scalars(rows)):
        follows = f"{route}/{row.route.rpartition('/')[2]}"
        row.route = _short(follows) if strict else follows[:LONGEST_ROUTE]
        _below(transaction, realm, row.organization, row.route, strict=strict)


def _short(route: str) -> str:
    if len(route) > LONGEST_ROUTE:
        raise _refused(_("The path would be longer than %(most)d characters.", most=LONGEST_ROUTE))
    return route


def renamed(actor: Actor, organization: Organization) -> None:
    """The organization has another name: its route and those below follow."""
    realm = actor.realm.name
    with actor.services.store.write() as transaction:
        row = transaction.get(Place, (realm, organization.id))
        route = organization.name.lower()
        if row is not None:
            route = row.route = "/".join([*row.route.split("/")[:-1], route])[:LONGEST_ROUTE]
        _below(transaction, realm, organization.id, route, strict=False)


def gone(transaction: Session, realm: str, organization_id: str) -> None:
    """The organization is deleted: what stood directly below it stands on top."""
    rows = select(Place).where(Place.realm == realm, Place.parent == organization_id)
    for row in list(transaction.scalars(rows)):
        name = row.route.rpartition("/")[2]
        _below(transaction, realm, row.organization, name)
        transaction.delete(row)
    mine = delete(Place).where(Place.realm == realm, Place.organization == organization_id)
    transaction.execute(mine)
