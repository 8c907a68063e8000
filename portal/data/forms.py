"""The typed confirmation."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import Field, StringField, ValidationError

from portal.forms import ConfirmForm


class DeleteForm(ConfirmForm):
    """The username, typed out: nobody deletes an account by a slip."""

    username = StringField(filters=[lambda value: (value or "").strip()])

    def __init__(self, expected: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._expected = expected

    def validate_username(self, field: Field) -> None:
        """Refuse anything but the very name."""
        if not field.data or field.data != self._expected:
            raise ValidationError(_("Type the username exactly as it stands above."))
