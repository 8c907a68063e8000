"""Making an organization."""

from __future__ import annotations

import dataclasses
import uuid

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Organization
from portal.domains.actions import claim_of, held_text
from portal.domains.forms import read
from portal.domains.names import DomainName
from portal.domains.proving import rival
from portal.errors import Conflict, Invalid
from portal.organizations.forms import CreateForm
from portal.organizations.lock import names_locked
from portal.standing import learn


def create(actor: Actor, form: CreateForm) -> Organization:
    """Make an organization without members; its domains wait to be proved. Raises `Invalid` by field."""
    made = Organization(str(uuid.uuid4()), form.name.data or "", form.display_name.data or "", form.url.data or "")
    there = _there(actor, made)
    wanted = _parsed(there, form.domain_names)
    about = {
        "name": made.name, "display_name": made.display_name, "url": made.url,
        "domains": [each.ascii for each in wanted],
    }  # fmt: skip
    with names_locked(actor), audited(there, "organization.create", target=made.id, after=about):
        try:
            actor.orgs.create(made)
        except Conflict as error:
            raise Invalid({"name": _("Another organization has this name.")}) from error
        _claim(there, wanted)
    learn(actor)
    return made


def _there(actor: Actor, organization: Organization) -> Actor:
    """The actor at the organization that is being made: its records and rows begin here."""
    return dataclasses.replace(actor, organization=organization)


def _parsed(there: Actor, texts: list[str]) -> list[DomainName]:
    """The names, each once. Raises `Invalid` with what is wrong with each line."""
    found, refused = {}, []
    for text in texts:
        try:
            each = _parse(there, text)
            found[each.ascii] = each
        except Invalid as error:
            refused.append(f"{text}: {error.errors['domain']}")
    if refused:
        raise Invalid({"domains": " ".join(refused)})
    return list(found.values())


def _parse(there: Actor, text: str) -> DomainName:
    name = read(there, text)
    if rival(there, name.ascii):
        raise Invalid({"domain": held_text()})
    return name


def _claim(there: Actor, names: list[DomainName]) -> None:
    """Rows that the room of domains proves: nothing is listed in Keycloak before its record was seen."""
    with there.services.store.write() as transaction:
        transaction.add_all(claim_of(there, each.ascii) for each in names)
