"""What an invitation asks for. The same checks hold for one and for thousands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from portal.errors import Invalid
from portal.forms import BaseForm
from portal.invitations.placing import Wanted
from portal.mail.letter import mailbox
from portal.organizations.words import Shown

NO_ROLE = "none"
LONGEST_NAME, LONGEST_MESSAGE, LONGEST_LIFE = 255, 1000, 30


def trimmed(value: str | None) -> str:
    """Without blanks around it."""
    return (value or "").strip()


def lowered(value: str | None) -> str:
    """An address as the back end keeps it."""
    return trimmed(value).lower()


def check_email(address: str) -> str:
    """Empty for an address that can get mail, otherwise what is wrong with it."""
    try:
        mailbox(address)
    except Invalid:
        return _("This is not an email address.")
    if len(address) > LONGEST_NAME:
        return _("Use at most %(most)s characters.", most=LONGEST_NAME)
    return "" if "." in address.rpartition("@")[2] else _("The address has no ending such as “.com”.")


def _is_plain(_form: BaseForm, field: Field) -> None:
    if any(ord(letter) < 32 and letter not in "\r\n\t" for letter in field.data or ""):
        raise ValidationError(_("This holds characters that cannot be sent."))


def _one_line(_form: BaseForm, field: Field) -> None:
    if not (field.data or "").isprintable():
        raise ValidationError(_("Write this on one line."))


def _needed(_form: BaseForm, field: Field) -> None:
    if not field.data:
        raise StopValidation(_("Enter something here."))


def _life(_form: BaseForm, field: Field) -> None:
    if not isinstance(field.data, int) or not 1 <= field.data <= LONGEST_LIFE:
        raise StopValidation(_("Enter a number from 1 to %(most)s.", most=LONGEST_LIFE))


def _short(_form: BaseForm, field: Field) -> None:
    if len(field.data or "") > LONGEST_NAME:
        raise ValidationError(_("Use at most %(most)s characters.", most=LONGEST_NAME))


def _not_long(_form: BaseForm, field: Field) -> None:
    # A browser counts a line end as one character and sends two.
    if len((field.data or "").replace("\r\n", "\n")) > LONGEST_MESSAGE:
        raise ValidationError(_("Use at most %(most)s characters.", most=LONGEST_MESSAGE))


def beyond_text(roles: list[str]) -> str:
    """Why some roles cannot be given."""
    return _("You cannot give: %(roles)s.", roles=", ".join(roles))


def unknown_text(role: str) -> str:
    """That there is no such role."""
    return _("There is no role “%(name)s”.", name=role[:60])


class LetterForm(BaseForm):
    """What every invitation of a form shares: language, life in days, words, application."""

    locale = SelectField(choices=[])
    days = IntegerField(default=7, validators=[_life])
    message = TextAreaField(validators=[_not_long, _is_plain])
    client = SelectField(choices=[], default="")

    def offer(self, locales: list[tuple[str, str]], clients: dict[str, str]) -> None:
        """Set what may be chosen."""
        self.locale.choices = locales
        self.client.choices = [("", ""), *clients.items()]

    def letter(self) -> dict[str, Any]:
        """The shared part, as JSON."""
        message = trimmed(self.message.data).replace("\r\n", "\n")
        return {"locale": self.locale.data, "days": self.days.data, "message": message, "client": self.client.data}


class InviteForm(LetterForm):
    """One invitation. `names` are the roles there are; `given` those on offer."""

    email = StringField(validators=[_needed], filters=[lowered])
    first_name = StringField(validators=[_needed, _short, _one_line], filters=[trimmed])
    last_name = StringField(validators=[_needed, _short, _one_line], filters=[trimmed])
    roles = SelectMultipleField(choices=[], validate_choice=False)
    names: Collection[str] = ()
    given: Sequence[Shown] = ()

    def validate_email(self, field: Field) -> None:
        """Refuse what is no address."""
        if wrong := check_email(field.data):
            raise ValidationError(wrong)

    def validate_roles(self, field: Field) -> None:
        """Refuse what is no role, nothing at all, and no role together with roles."""
        chosen = set(field.data or [])
        if unknown := sorted(chosen - {NO_ROLE, *self.names}):
            raise ValidationError(unknown_text(unknown[0]))
        if not chosen:
            raise ValidationError(_("Choose at least one role, or “No role”."))
        if NO_ROLE in chosen and len(chosen) > 1:
            raise ValidationError(_("Choose roles, or “No role” alone."))

    def wanted(self) -> Wanted:
        """What is asked for."""
        roles = tuple(sorted(set(self.roles.data or []) - {NO_ROLE}))
        names = str(self.first_name.data), str(self.last_name.data)
        return Wanted(str(self.email.data), *names, roles, **self.letter())
