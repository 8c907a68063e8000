"""Setting up single sign-on as JSON: a guide is chosen, its values are pasted at the vendor, a draft is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.api.connections import ConnectionDocument
from portal.api.connections import read as read_connection
from portal.api.filling import TEXT, TEXTS, data, objects, of_form
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.errors import Invalid
from portal.sso import pasted, setups, wizard
from portal.sso.guide_types import Guide
from portal.sso.guides import every, guide
from portal.sso.wizard_forms import LARGEST, AttributesForm, ClientForm, MetadataForm
from portal.store.models_sso import Setup
from portal.web.language import locale_tag


@dataclass(frozen=True)
class GuideDocument:
    """How to connect one vendor. `ways` are those in which it can tell about itself, `groups` what is filled in."""

    id: str
    name: str
    protocol: str
    ways: list[str]
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class SetupDocument:
    """A set-up under way. `values` are to be pasted at the vendor."""

    id: str
    connection: str
    guide: str
    protocol: str
    state: str
    by: str
    created: datetime
    values: Mapping[str, str]


def guides(_actor: Actor, _body: Body) -> list[GuideDocument]:
    """All guides."""
    return [
        GuideDocument(each.key, each.name, each.protocol, list(each.ways), dict(each.attributes))
        for each in every(locale_tag())
    ]


def listed(actor: Actor, _body: Body) -> list[SetupDocument]:
    """What was begun and neither saved nor discarded."""
    return [_document(actor, each) for each in setups.open_ones(actor)]


def _document(actor: Actor, row: Setup) -> SetupDocument:
    values = pasted.values(actor.services.settings.public_url, actor.realm, row.alias, actor.here.label)
    return SetupDocument(
        row.id, row.alias, row.guide, guide(row.guide).protocol, row.state, row.by_name, row.created, values
    )


def begin(actor: Actor, body: Body) -> SetupDocument:
    """Begin with a vendor's guide."""
    if body["guide"] not in {each.key for each in every()}:
        raise Invalid({"guide": _("There is no such guide.")})
    return _document(actor, setups.begin(actor, body["guide"]))


def read(actor: Actor, _body: Body, setup: str) -> SetupDocument:
    """One set-up."""
    return _document(actor, setups.find(actor, setup))


def save(actor: Actor, body: Body, setup: str) -> ConnectionDocument:
    """Save the draft of a connection from what the identity provider tells about itself."""
    row = setups.find(actor, setup)
    values, hidden = _entered(actor, row, body)
    setups.finish_step(actor, row, "api", values, **hidden)
    wizard.save(actor, setups.find(actor, setup), body.get("domains", ()))
    return read_connection(actor, {}, row.alias)


def _entered(actor: Actor, row: Setup, body: Body) -> tuple[dict[str, Any], dict[str, str]]:
    """What the forms of the steps hold. Raises `Invalid`, naming group and field."""
    values: dict[str, Any] = {}
    hidden: dict[str, str] = {}
    errors: dict[str, str] = {}
    for group, form in _forms(guide(row.guide), body):
        if not wizard.read(actor, row, form, values, hidden):
            errors |= {f"{group}.{name}": str(said[0]) for name, said in form.errors.items() if said}
    if errors:
        raise Invalid(errors)
    return values, hidden


def _forms(chosen: Guide, body: Body) -> Iterator[tuple[str, Any]]:
    given = body["metadata"]
    way = given.get("way") or ("url" if given.get("url") else "text" if given.get("text") else "manual")
    yield "metadata", MetadataForm(formdata=data({**given, "way": way}))
    if chosen.protocol == "oidc":
        yield "client", ClientForm(formdata=data(body.get("client", {}))).of(chosen, kept=False)
    if "attributes" in body:
        yield "attributes", AttributesForm(formdata=data(body["attributes"]))


def discard(actor: Actor, _body: Body, setup: str) -> None:
    """Discard what has made no connection."""
    setups.drop(actor, setups.find(actor, setup))


SETUPS = f"{HERE}/connection-setups"
METADATA = of_form(MetadataForm)
DRAFT = objects(
    ("metadata",), metadata=METADATA, client=of_form(ClientForm), attributes=of_form(AttributesForm), domains=TEXTS
)

OPERATIONS = (
    Operation(
        "GET", f"{HERE}/connection-guides", "sso.setup", "listConnectionGuides", "Vendors and how they connect", guides,
        GuideDocument, many=True,
    ),
    Operation(
        "GET", SETUPS, "sso.setup", "listConnectionSetups", "Set-ups under way", listed, SetupDocument, many=True
    ),
    Operation(
        "POST", SETUPS, "sso.setup", "beginConnectionSetup", "Begin with a vendor", begin, SetupDocument,
        body=objects(("guide",), guide=TEXT), code=201,
    ),
    Operation("GET", f"{SETUPS}/<setup>", "sso.setup", "getConnectionSetup", "One set-up", read, SetupDocument),
    Operation(
        "POST", f"{SETUPS}/<setup>/save", "sso.setup", "saveConnectionSetup", "Save it as a draft of a connection",
        save, ConnectionDocument, body=DRAFT, code=201, takes=LARGEST + 64 * 1024,
    ),
    Operation("DELETE", f"{SETUPS}/<setup>", "sso.setup", "discardConnectionSetup", "Discard a set-up", discard),
)  # fmt: skip
