"""The layout of the pages, the reach of the style sheet and the additional script as JSON, for operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.actor import Actor
from portal.api.filling import FLAG, TEXT, objects
from portal.api.operations import Body, Operation
from portal.api.settings import save
from portal.api.versions import unchanged
from portal.errors import Invalid
from portal.realm_settings import actions, arranging
from portal.styles.extras import LAYOUTS, TARGETS


@dataclass(frozen=True)
class LayoutDocument:
    """`layout` is empty (navigation at the side) or top; `target` is empty, organization or account: where the style
    sheet counts. `script` is the address of an additional script and `integrity` its hash; empty without one.
    """

    layout: str
    target: str
    script: str
    integrity: str


def read(actor: Actor, _body: Body) -> LayoutDocument:
    """As it is."""
    return _document(actions.present(actor))


def _document(values: Mapping[str, str]) -> LayoutDocument:
    found = arranging.of(values)
    return LayoutDocument(found.layout, found.target, found.script, found.integrity)


def change(actor: Actor, body: Body) -> LayoutDocument:
    """Save what is named. A new script is fetched once and compared with its hash."""
    values = actor.attributes.read()
    unchanged(_document(values))
    present = arranging.of(values)
    texts = {name: str(body.get(name, getattr(present, name))) for name in arranging.FIELDS}
    if (texts["script"], texts["integrity"]) != (present.script, present.integrity) and not arranging.alone(actor):
        raise Invalid({"script": _("A script needs a portal that serves this realm only.")})
    found = arranging.entered(actor, texts, present)
    if found.errors:
        raise Invalid(found.errors)
    shown = {key: values[key] for key in arranging.KEYS if values.get(key)}
    save(actor, "layout", shown, arranging.wanted(shown, found), whole=bool(body.get("whole")))
    return _document(actor.attributes.read())


WANTED = objects(
    layout={"type": "string", "enum": list(LAYOUTS)}, target={"type": "string", "enum": list(TARGETS)}, script=TEXT,
    integrity=TEXT, whole=FLAG,
)  # fmt: skip

OPERATIONS = (
    Operation(
        "GET", "/settings/layout", "settings.view", "getLayout", "Layout and additional script", read, LayoutDocument,
        versioned=True,
    ),
    Operation(
        "PATCH", "/settings/layout", "settings.style", "changeLayout", "Save layout and additional script", change,
        LayoutDocument, body=WANTED, versioned=True,
    ),
)  # fmt: skip
