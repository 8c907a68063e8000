"""What may be entered about roles."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from wtforms import Field, SelectMultipleField, StringField, ValidationError

from portal.forms import BaseForm

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LONGEST_DESCRIPTION = 1024


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


class RolesForm(BaseForm):
    """The roles that are ticked, and those that were when the form was shown. Whether they exist is decided later."""

    roles = SelectMultipleField(validate_choice=False)
    shown = SelectMultipleField(validate_choice=False)


class DescriptionForm(BaseForm):
    """What a role says of itself."""

    description = StringField(filters=[_trimmed])

    def validate_description(self, field: Field) -> None:
        """Keycloak keeps 1,024 characters."""
        if len(field.data) > LONGEST_DESCRIPTION:
            raise ValidationError(_("At most %(number)s characters.", number=LONGEST_DESCRIPTION))


class RoleForm(DescriptionForm):
    """A role of the organization's own."""

    name = StringField(filters=[_trimmed])

    def validate_name(self, field: Field) -> None:
        """What applications can compare and an address can carry."""
        if not field.data:
            raise ValidationError(_("A role needs a name, such as billing."))
        if not NAME.fullmatch(field.data):
            raise ValidationError(_("Use letters, digits, dots, hyphens and underscores, 64 at most, such as billing."))
