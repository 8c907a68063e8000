"""Making an organization."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import datetime
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select

from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.domains.names import DomainName, parse
from portal.errors import Conflict, Invalid
from portal.organizations.forms import CreateForm
from portal.organizations.lock import names_locked
from portal.standing import learn
from portal.store import now
from portal.store.models_organizations import Domain

PENDING, VERIFIED = "pending", "verified"


def create(actor: Actor, form: CreateForm) -> Organization:
    """Make an organization without members; its domains wait to be proved. Raises `Invalid` by field."""
    wanted = _parsed(actor, form.domain_names)
    made = Organization(str(uuid.uuid4()), form.name.data or "", form.display_name.data or "", form.url.data or "")
    about = {
        "name": made.name, "display_name": made.display_name, "url": made.url,
        "domains": [each.ascii for each in wanted],
    }  # fmt: skip
    with names_locked(actor), audited(_there(actor, made), "organization.create", target=made.id, after=about):
        try:
            actor.orgs.create(made)
        except Conflict as error:
            raise Invalid({"name": _("Another organization has this name.")}) from error
        _claim(actor, made.id, wanted)
    learn(actor)
    return made


def _there(actor: Actor, organization: Organization) -> Actor:
    """The actor at the organization that is being made, so that its events begin with this record."""
    return dataclasses.replace(actor, organization=organization)


def _parsed(actor: Actor, texts: list[str]) -> list[DomainName]:
    """Raises `Invalid` with the first refusal of each line."""
    settings = actor.services.settings
    hosts = {urlsplit(each).hostname or "" for each in (settings.public_url, actor.realm.keycloak_url)}
    found, refused = {}, []
    for text in texts:
        try:
            each = parse(text, own_hosts=hosts, allow_test=settings.demo)
            found[each.ascii] = each
        except Invalid as error:
            refused.append(f"{text}: {error.errors['domain']}")
    refused += [_("%(name)s belongs to another organization.", name=each) for each in _proved(actor, list(found))]
    if refused:
        raise Invalid({"domains": " ".join(refused)})
    return list(found.values())


def _proved(actor: Actor, names: list[str]) -> list[str]:
    others = select(Domain.name).where(Domain.realm == actor.realm.name, Domain.name.in_(names))
    with actor.services.store.read() as transaction:
        return sorted(transaction.scalars(others.where(Domain.state == VERIFIED)))


def _claim(actor: Actor, organization_id: str, names: list[DomainName]) -> None:
    """Rows that the rooms of domains prove: nothing is listed in Keycloak before its record was seen."""
    with actor.services.store.write() as transaction:
        transaction.add_all(_row(actor, organization_id, each.ascii, now()) for each in names)


def _row(actor: Actor, organization_id: str, name: str, at: datetime) -> Domain:
    return Domain(
        realm=actor.realm.name, organization=organization_id, name=name, state=PENDING, added=at, due=at,
        added_by=actor.sub, added_by_name=actor.label,
    )  # fmt: skip
