"""The forms about connections."""

from __future__ import annotations

from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from portal.forms import BaseForm, ConfirmForm


class ConnectionForm(BaseForm):
    """What a connection is called, and which verified domains lead to it."""

    name = StringField(validators=[InputRequired(), Length(max=255)])
    domains = SelectMultipleField(validate_choice=True)

    def __init__(self, choices: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domains.choices = [(each, each) for each in choices]


class OverrideForm(ConfirmForm):
    """Why an operator goes without a passed test."""

    reason = StringField(validators=[InputRequired(), Length(max=500)])
