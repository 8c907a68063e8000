"""Which attribute or claim fills which field of a person, for a connection that exists."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.clients.connections_types import PersonField
from portal.messages import label
from portal.sso import rule_preview, saving, trial_report
from portal.sso.judgement import Attribute
from portal.store import connections
from portal.store.models_sso import Connection

# Keycloak takes these over at the first sign-in alone.
ONCE = frozenset({"email", "username"})


@dataclass(frozen=True)
class Mapping:
    """A connection with the fields that can be fed, the names that feed them now, and what the last test sent."""

    row: Connection
    fields: tuple[PersonField, ...]
    names: dict[str, str]
    sent: tuple[Attribute, ...]

    def label(self, field: PersonField) -> str:
        """What people call it."""
        return label(field.label, field.name)

    def came(self, name: str) -> str:
        """The value that this name would have brought in the last test."""
        return trial_report.value(self.sent, name)

    def hint(self, field: PersonField, name: str) -> str:
        """What would become of the field with this name, as far as the last test tells."""
        if name and self.sent:
            value = self.came(name)
            return _("In the last test: %(value)s", value=value) if value else _("Not sent in the last test.")
        return _("Taken over at the first sign-in alone.") if field.name in ONCE else ""


def of(actor: Actor, alias: str) -> Mapping:
    """The mapping of a connection of the portal's own. Raises `NotFound`."""
    row = connections.get(actor.services.store, actor.realm.name, actor.here.id, alias)
    granted, known = grant(actor, "sso.view", actor.here.id, alias), actor.services.connections
    present = known.mappers(granted, actor.here.id, alias)
    seen = rule_preview.last(actor, alias)
    return Mapping(
        row, tuple(known.fields(granted)), trial_report.feeding(present), seen.attributes if seen else (),
    )  # fmt: skip


def save(actor: Actor, found: Mapping, names: dict[str, str]) -> None:
    """Let these names feed the fields, and nothing else of the portal's: whole or not at all.

    A field that the realm does not let people fill in stays out. Raises `Conflict` or `Invalid` with the step.
    """
    known = {each.name for each in found.fields}
    wanted = {field: name for field, name in names.items() if name and field in known}
    saving.change(actor, found.row.alias, attributes=wanted)
