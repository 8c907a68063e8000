"""The form of a new key."""

from __future__ import annotations

import re
import uuid
from ipaddress import ip_network

from flask_babel import gettext as _
from wtforms import Field, HiddenField, SelectMultipleField, StringField, TextAreaField, ValidationError

from portal.forms import BaseForm
from portal.keys.actions import Wanted
from portal.keys.scopes import SCOPES
from portal.organizations.forms import CONTROL

LONGEST_NAME, LONGEST_DAYS, MOST_LINES = 60, 365, 50
_FORM = re.compile(r"[0-9a-f]{32}")


def lines(text: str | None) -> list[str]:
    """The lines of a field, each once."""
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def network(text: str) -> str:
    """An address or network as it is kept. Raises `ValueError`."""
    return str(ip_network(text, strict=False))


class KeyForm(BaseForm):
    """What a key is for. `form` names the page it was filled in on: sent twice, it makes one key."""

    form = HiddenField()
    name = StringField(filters=[lambda value: (value or "").strip()])
    days = StringField(default="90", filters=[lambda value: (value or "").strip()])
    scopes = SelectMultipleField(choices=[(scope, scope) for scope in SCOPES])
    organizations = TextAreaField()
    networks = TextAreaField()

    def validate_form(self, field: Field) -> None:
        """Refuse what no page of ours sends."""
        if not _FORM.fullmatch(field.data or ""):
            raise ValidationError(_("This form is no longer valid"))

    def validate_name(self, field: Field) -> None:
        """A name by which people know what uses the key."""
        if not field.data or len(field.data) > LONGEST_NAME or CONTROL.search(field.data):
            raise ValidationError(_("Enter a name of at most %(most)d characters.", most=LONGEST_NAME))

    def validate_days(self, field: Field) -> None:
        """Every key ends."""
        right = field.data.isascii() and field.data.isdigit() and 1 <= int(field.data) <= LONGEST_DAYS
        if not right:
            raise ValidationError(_("Enter a whole number from 1 to %(most)d.", most=LONGEST_DAYS))

    def validate_scopes(self, field: Field) -> None:
        """A key without a scope opens nothing."""
        if not field.data:
            raise ValidationError(_("Choose at least one."))

    def validate_organizations(self, field: Field) -> None:
        """Not more than one can look after."""
        if len(lines(field.data)) > MOST_LINES:
            raise ValidationError(_("Give at most %(most)s values.", most=MOST_LINES))

    def validate_networks(self, field: Field) -> None:
        """Addresses and networks, as 192.0.2.7 or 192.0.2.0/24."""
        found = lines(field.data)
        if len(found) > MOST_LINES:
            raise ValidationError(_("Give at most %(most)s values.", most=MOST_LINES))
        for each in found:
            try:
                network(each)
            except ValueError as error:
                raise ValidationError(_("This is no address or network: %(what)s", what=each)) from error

    @property
    def wanted(self) -> Wanted:
        """What was entered, once it is valid."""
        return Wanted(
            self.form.data or "", self.name.data or "", tuple(self.scopes.data or ()), int(self.days.data or "0"),
            tuple(lines(self.organizations.data)), tuple(network(each) for each in lines(self.networks.data)),
        )  # fmt: skip


def blank() -> KeyForm:
    """A form that was not sent yet."""
    made = KeyForm(formdata=None)
    made.form.data = uuid.uuid4().hex
    return made
