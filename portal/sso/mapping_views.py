"""The page on which attributes or claims are led into the fields of people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from wtforms import Field, StringField

from portal.errors import Conflict, Invalid
from portal.forms import BaseForm
from portal.messages import text
from portal.sso import mapping
from portal.sso.mapping import Mapping
from portal.sso.wizard_forms import check_name
from portal.web import actor, flash, page, right, see_other

attributes = Blueprint("attributes", __name__, url_prefix="/<realm>/o/<organization>/sso/<alias>/attributes")
PREFIX = "attr."


def _form(found: Mapping, *, sent: bool) -> BaseForm:
    """One field for each field of a person."""
    made: dict[str, Any] = {
        f"{PREFIX}{each.name}": StringField(validators=[_needed if each.name == "email" else _optional])
        for each in found.fields
    }
    kind: type[BaseForm] = type("NamesForm", (BaseForm,), made)
    if sent:
        return kind()
    return kind(formdata=None, data={f"{PREFIX}{field}": name for field, name in found.names.items()})


def _needed(_form: BaseForm, field: Field) -> None:
    check_name(field, needed=True)


def _optional(_form: BaseForm, field: Field) -> None:
    check_name(field)


@attributes.get("")
@right("sso.manage")
def show(alias: str) -> Response:
    """The fields with the names that feed them, and what the last test would have brought."""
    found = mapping.of(actor(), alias)
    return _show(found, _form(found, sent=False))


def _show(
    found: Mapping, form: BaseForm, status: int = 200, problems: list[str] | None = None, *, tried: bool = False
) -> Response:
    return page(
        "sso/attributes.html", status=status, row=found.row, mapping=found, tried=tried,
        fields=[(each, form[f"{PREFIX}{each.name}"]) for each in found.fields], problems=problems or [],
    )  # fmt: skip


@attributes.post("")
@right("sso.manage")
def save(alias: str) -> Response:
    """Try the names on what the last test sent, or save them."""
    found = mapping.of(actor(), alias)
    form = _form(found, sent=True)
    if not form.validate():
        return _show(found, form, 422)
    if request.form.get("deed") == "try":
        return _show(found, form, tried=True)
    names = {name.removeprefix(PREFIX): str(value or "") for name, value in form.data.items()}
    try:
        mapping.save(actor(), found, names)
    except Invalid as error:
        return _show(found, form, 422, [text(said) for said in (*error.form, *error.errors.values())])
    except Conflict as error:
        return _show(found, form, 409, [str(error)])
    flash(_("Saved. Test a sign-in to see what comes of it."))
    return see_other("attributes.show", alias=alias)
