"""What a setup link is asked for with: what to set up, and how it gets to whoever does it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import Field, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from portal.forms import BaseForm
from portal.invitations.forms import check_email, trimmed
from portal.links.inviting import MOST_CONTACTS, Wanted
from portal.return_addresses import LONGEST, LONGEST_LINK_DAYS

MAIL, COPY = "mail", "copy"


class FeaturesForm(BaseForm):
    """The first step."""

    intents = SelectMultipleField(choices=[], validate_choice=False)
    offered: tuple[str, ...] = ()

    def validate_intents(self, field: Field) -> None:
        """Refuse nothing at all, and what this person may not hand out."""
        if not field.data:
            raise ValidationError(_("Choose at least one thing to set up."))
        if set(field.data) - set(self.offered):
            raise ValidationError(_("You cannot hand this out."))

    def chosen(self) -> tuple[str, ...]:
        """What was chosen, in the order of the page."""
        return tuple(intent for intent in self.offered if intent in (self.intents.data or ()))


def addresses_of(text: str) -> list[str]:
    """The addresses in a text, each once; commas, semicolons, blanks and line ends part them."""
    for mark in ",;\t\r\n":
        text = text.replace(mark, " ")
    return list(dict.fromkeys(word.lower() for word in text.split()))


class DeliveryForm(FeaturesForm):
    """The second step."""

    way = SelectField(choices=[(MAIL, ""), (COPY, "")], default=MAIL)
    contacts = TextAreaField()
    locale = SelectField(choices=[])
    days = IntegerField()
    return_url = StringField(filters=[trimmed])
    success_url = StringField(filters=[trimmed])

    def validate_contacts(self, field: Field) -> None:
        """Refuse what is no address, and too many."""
        if self.way.data != MAIL:
            return
        found = addresses_of(field.data or "")
        if not found:
            raise StopValidation(_("Enter the address of whoever shall set this up."))
        if len(found) > MOST_CONTACTS:
            raise ValidationError(_("At most %(most)d addresses get a link.", most=MOST_CONTACTS))
        for address in found:
            if wrong := check_email(address):
                raise ValidationError(f"{address[:80]}: {wrong}")

    def validate_days(self, field: Field) -> None:
        """Refuse what is no number of days."""
        if not isinstance(field.data, int) or not 1 <= field.data <= LONGEST_LINK_DAYS:
            raise StopValidation(_("Enter a whole number from 1 to %(most)d.", most=LONGEST_LINK_DAYS))

    def validate_return_url(self, field: Field) -> None:
        """Refuse what is too long; the rest is checked against the realm's list."""
        if len(field.data or "") > LONGEST:
            raise ValidationError(_("Use at most %(most)s characters.", most=LONGEST))

    validate_success_url = validate_return_url

    def wanted(self) -> Wanted:
        """What is asked for."""
        contacts: Any = addresses_of(self.contacts.data or "") if self.way.data == MAIL else ()
        return Wanted(
            self.chosen(), tuple(contacts), int(self.days.data or 0), str(self.return_url.data or ""),
            str(self.success_url.data or ""), str(self.locale.data),
        )  # fmt: skip
