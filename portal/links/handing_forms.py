"""What a hand-over is asked for with."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.validators import StopValidation

from portal.invitations.forms import check_email, lowered
from portal.links.inviting_forms import COPY, MAIL, FeaturesForm

__all__ = ["COPY", "MAIL", "HandingForm"]


class HandingForm(FeaturesForm):
    """Which part, and to whom."""

    way = SelectField(choices=[(MAIL, ""), (COPY, "")], default=MAIL)
    contact = StringField(filters=[lowered])
    locale = SelectField(choices=[])

    def validate_contact(self, field: Field) -> None:
        """Refuse what is no address."""
        if self.way.data != MAIL:
            return
        if not field.data:
            raise StopValidation(_("Enter the address of whoever shall set this up."))
        if wrong := check_email(field.data):
            raise ValidationError(wrong)
