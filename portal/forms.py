"""What all forms share. Forms are the only validators, for pages and for the JSON face alike."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, ValidationError
from wtforms.form import BaseForm as AnyForm

from portal.errors import Invalid
from portal.messages import text


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form. The gate has checked its token already."""

    class Meta:
        """WTForms' settings."""

        csrf = False


class ConfirmForm(BaseForm):
    """A deed without other input: it wants `confirm` = `yes`."""

    confirm = HiddenField()

    def validate_confirm(self, field: Field) -> None:
        """Refuse anything but a clear yes."""
        if field.data != "yes":
            raise ValidationError(_("Please confirm."))


def apply(form: AnyForm, error: Invalid) -> list[str]:
    """Put Keycloak's errors onto the fields of the same name; returns what belongs to no field, ready to show."""
    rest = [text(said) for said in error.form]
    for name, said in error.errors.items():
        field = _field(form, name)
        if field is None:
            rest.append(text(said))
        else:
            field.errors = [*field.errors, text(said)]
    return rest


def _field(form: AnyForm, name: str) -> Any:
    fields = form._fields
    return fields.get(name) or fields.get(f"attr.{name}")
