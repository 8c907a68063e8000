"""Which attributes or claims fill the fields of people, and connections that were made elsewhere, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.actor import Actor
from portal.api.connections import ONE, ConnectionDocument
from portal.api.connections import read as read_connection
from portal.api.filling import TEXT, objects
from portal.api.operations import Body, Operation
from portal.errors import Invalid
from portal.sso import adopting, mapping
from portal.sso.wizard_forms import name_error


@dataclass(frozen=True)
class FieldsDocument:
    """`fields` are those of a person that can be filled, `names` the attributes or claims that fill them."""

    fields: list[str]
    names: Mapping[str, str]


def read(actor: Actor, _body: Body, connection: str) -> FieldsDocument:
    """What fills which field now."""
    found = mapping.of(actor, connection)
    return FieldsDocument([each.name for each in found.fields], found.names)


def save(actor: Actor, body: Body, connection: str) -> FieldsDocument:
    """Let these names fill the fields, and no others."""
    found = mapping.of(actor, connection)
    names = {field: str(name).strip() for field, name in body["names"].items()}
    known = {each.name for each in found.fields}
    errors = {f"names.{field}": "error-invalid-value" for field in names if field not in known}
    for field in known:
        if said := name_error(names.get(field, ""), needed=field == "email"):
            errors[f"names.{field}"] = said
    if errors:
        raise Invalid(errors)
    mapping.save(actor, found, names)
    return read(actor, {}, connection)


def adopt(actor: Actor, _body: Body, connection: str) -> ConnectionDocument:
    """Bring one that was made elsewhere under the portal's rules."""
    adopting.adopt(actor, adopting.prospect(actor, connection))
    return read_connection(actor, {}, connection)


FIELDS = f"{ONE}/fields"
NAMES = objects(("names",), names={"type": "object", "additionalProperties": TEXT})

OPERATIONS = (
    Operation(
        "GET", FIELDS, "sso.manage", "getConnectionFields", "What fills the fields of people", read, FieldsDocument
    ),
    Operation(
        "PUT", FIELDS, "sso.manage", "changeConnectionFields", "Say what fills the fields of people", save,
        FieldsDocument, body=NAMES,
    ),
    Operation(
        "POST", f"{ONE}/adopt", "sso.manage", "adoptConnection", "Bring one made elsewhere under the rules", adopt,
        ConnectionDocument,
    ),
)  # fmt: skip
