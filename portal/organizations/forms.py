"""What an organization may be called and what may be said of it, and the form that makes one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_babel import gettext as _
from wtforms import Field, StringField, TextAreaField, ValidationError

from portal.forms import BaseForm
from portal.standing import ID, NAME

# Columns of the back end.
LONGEST = 255
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def text_error(text: str) -> str:
    """What is wrong with a line of text, or nothing."""
    if len(text) > LONGEST:
        return _("Use at most %(most)s characters.", most=LONGEST)
    return _("Leave out line breaks and other control characters.") if CONTROL.search(text) else ""


def url_error(text: str) -> str:
    """What is wrong with a web address, or nothing. An empty one is fine."""
    return text_error(text) or (
        "" if not text or web_address(text) else _("Enter a web address like https://example.com.")
    )


def web_address(text: str) -> bool:
    """Whether this is an http(s) address of some host, without a password in it."""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return False
    return bool(plain) and not any(letter.isspace() or letter in '\\"<>' for letter in text)


def name_error(name: str) -> str:
    """What is wrong with the name of an organization, or nothing (it stands in addresses)."""
    if not NAME.fullmatch(name):
        return _("Use small letters, digits and hyphens, at most 63, and begin with a letter or a digit.")
    return _("This looks like an ID. Choose a name.") if ID.fullmatch(name) else ""


class NameForm(BaseForm):
    """The name of an organization."""

    name = StringField(filters=[lambda value: (value or "").strip()])

    def validate_name(self, field: Field) -> None:
        """Refuse what may not stand in an address."""
        if said := name_error(field.data):
            raise ValidationError(said)


class ParentForm(BaseForm):
    """The name of the organization above; empty to stand on top."""

    parent = StringField(filters=[lambda value: (value or "").strip()])


class CreateForm(NameForm):
    """A new organization."""

    display_name = StringField(filters=[lambda value: (value or "").strip()])
    url = StringField(filters=[lambda value: (value or "").strip()])
    domains = TextAreaField(filters=[lambda value: (value or "").strip()])

    def validate_display_name(self, field: Field) -> None:
        """Refuse what is too long."""
        if said := text_error(field.data):
            raise ValidationError(said)

    def validate_url(self, field: Field) -> None:
        """Refuse what is no web address."""
        if said := url_error(field.data):
            raise ValidationError(said)

    @property
    def domain_names(self) -> list[str]:
        """The lines of the field, as entered."""
        return [line.strip() for line in (self.domains.data or "").splitlines() if line.strip()]
