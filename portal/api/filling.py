"""From JSON to the forms of the pages: the shape is checked here, what it says by the forms alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, HiddenField, IntegerField, SelectMultipleField
from wtforms.fields.core import UnboundField

from portal.api.operations import Body
from portal.errors import Invalid
from portal.forms import BaseForm

AnyForm = TypeVar("AnyForm", bound=BaseForm)
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
FLAG = {"type": "boolean"}
_KINDS = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}


def objects(required: tuple[str, ...] = (), /, **properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with these properties and no others."""
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def of_form(form: type[BaseForm], *required: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of what a form takes; files and confirmations are for pages."""
    fields = {name: getattr(form, name) for name in dir(form) if isinstance(getattr(form, name), UnboundField)}
    kinds = {name: field.field_class for name, field in fields.items() if name not in without}
    asked = {name: kind for name, kind in kinds.items() if not issubclass(kind, FileField | HiddenField)}
    ordered = sorted(asked, key=lambda name: fields[name].creation_counter)
    return objects(required, **{name: _schema(asked[name]) for name in ordered})


def _schema(kind: type) -> dict[str, Any]:
    if issubclass(kind, SelectMultipleField):
        return TEXTS
    if issubclass(kind, BooleanField):
        return FLAG
    return {"type": "integer"} if issubclass(kind, IntegerField) else TEXT


def data(body: Body) -> MultiDict[str, str]:
    """The values of a body as a form sends them; an array becomes several values, null none."""
    found: MultiDict[str, str] = MultiDict()
    for name, value in body.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None and each is not False:
                found.add(name, "yes" if each is True else str(each))
    return found


def valid(form: AnyForm) -> AnyForm:
    """The form, if what it holds is in order. Raises `Invalid` by field."""
    if not form.validate():
        raise Invalid({name: str(said[0]) for name, said in form.errors.items() if said})
    return form


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """Raise `Invalid`, naming the fields, unless the value has the shape of the schema."""
    if errors := _errors(value, schema, ""):
        raise Invalid({name or "body": said for name, said in errors.items()})


def _errors(value: Any, schema: Mapping[str, Any], at: str) -> dict[str, str]:
    if "oneOf" in schema:
        tried = [_errors(value, each, at) for each in schema["oneOf"]]
        return {} if {} in tried else tried[-1]
    if not _is(value, schema.get("type", "")):
        return {at: _("This has to be of type %(type)s.", type=schema.get("type", ""))}
    if "enum" in schema and value not in schema["enum"]:
        return {at: _("Choose one of: %(values)s.", values=", ".join(schema["enum"]))}
    if isinstance(value, list) and "items" in schema:
        return _merged(_errors(each, schema["items"], f"{at}.{place}".strip(".")) for place, each in enumerate(value))
    return _of_object(value, schema, at) if isinstance(value, dict) else {}


def _is(value: Any, kind: str) -> bool:
    if kind == "null":
        return value is None
    return kind not in _KINDS or (
        isinstance(value, _KINDS[kind]) and not (kind == "integer" and isinstance(value, bool))
    )


def _of_object(value: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> dict[str, str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    errors = {_named(at, name): _("This is needed.") for name in schema.get("required", ()) if name not in value}
    for name, each in value.items():
        if name in known or isinstance(others, Mapping):
            errors |= _errors(each, known.get(name, others), _named(at, name))
        elif not others:
            errors[_named(at, name)] = _("There is no such field.")
    return errors


def _named(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _merged(each: Any) -> dict[str, str]:
    return {name: said for errors in each for name, said in errors.items()}
