"""What is filled in during a wizard: one form per group of fields. Forms are the only validators."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import gettext as _
from wtforms import Field, FileField, PasswordField, StringField, TextAreaField, ValidationError

from portal.errors import Invalid
from portal.forms import BaseForm, apply
from portal.sso.guide_types import Guide

LARGEST = 2 * 1024 * 1024
LONGEST = 255
# Fields under which errors of whole documents come.
DOCUMENTS = ("metadata", "discovery")
# Keycloak keeps attribute values of a mapper in 255 characters; claims may be nested by dots.
_NAME = re.compile(r"[^\s<>\"'&]{1,255}")


class MetadataForm(BaseForm):
    """What the identity provider tells about itself, in one of the ways that the guide offers."""

    way = StringField()
    url = StringField()
    file = FileField()
    text = TextAreaField()
    entity_id = StringField()
    sso = StringField()
    slo = StringField()
    binding = StringField()
    certificate = TextAreaField()
    issuer = StringField()
    authorization_endpoint = StringField()
    token_endpoint = StringField()
    userinfo_endpoint = StringField()
    jwks_uri = StringField()
    end_session_endpoint = StringField()

    def stands_for(self, error: Invalid) -> list[str]:
        """Put errors beside the fields; what is said of the document goes beside the field it came by.

        A private key that was pasted by mistake is not shown again.
        """
        for field in (self.certificate, self.text):
            field.data = "" if "PRIVATE KEY" in (field.data or "") else field.data
        by_way = {"url": "url", "file": "file", "text": "text"}.get(self.way.data or "", "entity_id")
        moved = {by_way if name in DOCUMENTS else name: said for name, said in error.errors.items()}
        return apply(self, Invalid(moved, error.form))


class ClientForm(BaseForm):
    """The client that was registered for this portal at the identity provider (OpenID Connect)."""

    client_id = StringField()
    client_secret = PasswordField()
    kept = False

    def validate_client_id(self, field: Field) -> None:
        """It is needed, and one word."""
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError(_("Enter the client ID."))
        if len(field.data) > LONGEST or re.search(r"\s", field.data):
            raise ValidationError(_("A client ID has no blanks and at most %(most)d characters.", most=LONGEST))

    def validate_client_secret(self, field: Field) -> None:
        """It is needed once; left empty later, the one entered before stays."""
        field.data = (field.data or "").strip()
        if not field.data and not self.kept:
            raise ValidationError(_("Enter the client secret."))
        if len(field.data) > 4096 or re.search(r"\s", field.data):
            raise ValidationError(_("This does not look like a client secret: it contains blanks or is too long."))
        if re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", field.data) and self._vendor == "entra":
            raise ValidationError(_("This is the ID of the secret. Copy the column “Value”, not “Secret ID”."))

    _vendor = ""

    def of(self, guide: Guide, *, kept: bool) -> ClientForm:
        """The form for a guide; `kept`: a secret was entered before."""
        self._vendor, self.kept = guide.vendor, kept
        return self


class AttributesForm(BaseForm):
    """Under which name the identity provider sends each field of a person."""

    email = StringField()
    firstName = StringField()
    lastName = StringField()
    username = StringField()

    def validate_email(self, field: Field) -> None:
        """Nobody can sign in without an address."""
        check_name(field, needed=True)

    def validate_firstName(self, field: Field) -> None:
        """An attribute's or claim's name."""
        check_name(field)

    def validate_lastName(self, field: Field) -> None:
        """An attribute's or claim's name."""
        check_name(field)

    def validate_username(self, field: Field) -> None:
        """Empty: people are called by their address."""
        check_name(field)

    def names(self) -> dict[str, str]:
        """Field in Keycloak -> name sent."""
        return {name: value for name, value in self.data.items() if value and name in ATTRIBUTES}


ATTRIBUTES = ("email", "firstName", "lastName", "username")


def check_name(field: Field, *, needed: bool = False) -> None:
    """The name of an attribute or claim. Raises `ValidationError`."""
    field.data = (field.data or "").strip()
    if said := name_error(field.data, needed=needed):
        raise ValidationError(said)


def name_error(name: str, *, needed: bool = False) -> str:
    """What is wrong with the name of an attribute or claim; empty if nothing is."""
    if not name:
        return _("Without an email address nobody can sign in.") if needed else ""
    if _NAME.fullmatch(name):
        return ""
    return _("A name has no blanks, quotes or angle brackets, and at most 255 characters.")


def attributes_form(guide: Guide, values: Mapping[str, str], *, sent: bool) -> AttributesForm:
    """The form with what was entered before, or what the guide tells people to send."""
    if sent:
        return AttributesForm()
    start = dict(values) or {name: told for name, told in guide.attributes.items() if name in ATTRIBUTES}
    return AttributesForm(formdata=None, data=start)
