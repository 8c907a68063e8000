"""Keycloak's message keys in the portal's own words, in the person's language.

Keycloak sends keys with parameters (`error-invalid-length|Phone|3|32`); the clients hand them on like that.
Sources: validators of the declarative user profile and `AccountRestService` of Keycloak 26.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext

_KEY = re.compile(r"^\$\{(.+)\}$")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_.\-]+")
Say = Callable[[str, str, str], str]


def text(encoded: str) -> str:
    """An error ready to show. What holds a blank is text already; an unknown key becomes a general sentence."""
    key, *params = str(encoded).split("|")
    if " " in key.strip():
        return str(encoded)
    name, first, second = [*params, "", "", ""][:3]
    say = _SENTENCES.get(key)
    return say(label(name) if name else _("This"), first, second) if say else _("This value is not accepted.")


def label(display_name: str, name: str = "") -> str:
    """A field label or heading: Keycloak's `${key}` in our words, an unknown one as readable words."""
    found = _KEY.match(display_name)
    if not found and display_name not in _LABELS:
        # A field without a display name comes with its own name in its place.
        return _readable(name) if display_name in {"", name} else display_name
    key = found[1] if found else display_name
    last = key.rpartition(".")[2]
    return str(_LABELS.get(key) or _LABELS.get(last) or _readable(name or last))


def _readable(name: str) -> str:
    words = " ".join(part for part in _WORDS.split(name) if part)
    return words[:1].upper() + words[1:].lower()


_LABELS = {
    "username": lazy_gettext("Username"),
    "email": lazy_gettext("Email"),
    "firstName": lazy_gettext("First name"),
    "lastName": lazy_gettext("Last name"),
    "fullName": lazy_gettext("Full name"),
    "locale": lazy_gettext("Language"),
    "address": lazy_gettext("Address"),
    "street": lazy_gettext("Street"),
    "locality": lazy_gettext("City"),
    "region": lazy_gettext("State or region"),
    "postal_code": lazy_gettext("Postal code"),
    "country": lazy_gettext("Country"),
    "phoneNumber": lazy_gettext("Phone"),
    "birthdate": lazy_gettext("Date of birth"),
    "gender": lazy_gettext("Gender"),
    "website": lazy_gettext("Website"),
    "picture": lazy_gettext("Picture"),
    "zoneinfo": lazy_gettext("Time zone"),
    "user-metadata": lazy_gettext("More about your account"),
    "user-metadata-description": lazy_gettext("What else is known of your account."),
}


def _between(least: str, most: str) -> str:
    if least and most and least != "0":
        return _("Use between %(least)s and %(most)s characters.", least=least, most=most)
    if most:
        return _("Use at most %(most)s characters.", most=most)
    return _("Use at least %(least)s characters.", least=least)


def _in_range(least: str, most: str) -> str:
    if least and most:
        return _("Enter a number from %(least)s to %(most)s.", least=least, most=most)
    return (
        _("Enter a number of at most %(most)s.", most=most)
        if most
        else _("Enter a number of at least %(least)s.", least=least)
    )


def _count(least: str, most: str) -> str:
    if least and most and least not in {"0", "1"}:
        return _("Give between %(least)s and %(most)s values.", least=least, most=most)
    return _("Give at most %(most)s values.", most=most) if most else _("Give at least one value.")


_SENTENCES: dict[str, Say] = {
    "error-rows-none": lambda *_a: _("There is no row to work on."),
    "error-rows-too-many": lambda _n, most, *_a: _("At most %(most)s rows can be worked on at once.", most=most),
    "error-json-object": lambda *_a: _("Send a JSON object."),
    "error-invalid-value": lambda *_a: _("This value is not accepted."),
    "error-invalid-blank": lambda *_a: _("Enter something here."),
    "error-empty": lambda *_a: _("Enter something here."),
    "error-user-attribute-required": lambda *_a: _("Enter something here."),
    "error-invalid-length": lambda _n, least, most: _between(least, most),
    "error-invalid-length-too-short": lambda _n, least, _most: _between(least, ""),
    "error-invalid-length-too-long": lambda _n, _least, most: _between("", most),
    "error-invalid-email": lambda *_a: _("Enter an email address like name@example.com."),
    "error-non-ascii-local-part-email": lambda *_a: _("Use only letters without accents before the @."),
    "error-invalid-number": lambda *_a: _("Enter a number."),
    "error-number-out-of-range": lambda _n, least, most: _in_range(least, most),
    "error-number-out-of-range-too-small": lambda _n, least, _most: _in_range(least, ""),
    "error-number-out-of-range-too-big": lambda _n, _least, most: _in_range("", most),
    "error-pattern-no-match": lambda *_a: _("This does not have the expected form."),
    "error-invalid-uri": lambda *_a: _("Enter a web address like https://example.com."),
    "error-invalid-uri-scheme": lambda *_a: _("The address must begin with https:// or http://."),
    "error-invalid-uri-fragment": lambda *_a: _("Leave out the part of the address after #."),
    "error-invalid-date": lambda *_a: _("Enter a date."),
    "error-invalid-multivalued-size": lambda _n, least, most: _count(least, most),
    "error-user-attribute-read-only": lambda name, *_a: _("%(name)s cannot be changed here.", name=name),
    "error-username-invalid-character": lambda *_a: _("The username contains a character that is not allowed."),
    "error-person-name-invalid-character": lambda *_a: _("The name contains a character that is not allowed."),
    "invalidEmailMessage": lambda *_a: _("Enter an email address like name@example.com."),
    "missingUsernameMessage": lambda *_a: _("Enter a username."),
    "missingEmailMessage": lambda *_a: _("Enter an email address."),
    "missingFirstNameMessage": lambda *_a: _("Enter a first name."),
    "missingLastNameMessage": lambda *_a: _("Enter a last name."),
    "usernameExistsMessage": lambda *_a: _("This username is taken."),
    "emailExistsMessage": lambda *_a: _("This email address belongs to another account."),
    "readOnlyUserMessage": lambda *_a: _("This account is kept in another system and cannot be changed here."),
    "readOnlyUsernameMessage": lambda *_a: _("The username cannot be changed."),
    "updateReadOnlyAttributesRejectedMessage": lambda *_a: _(
        "Something that cannot be changed here would have changed."
    ),
    "federatedIdentityRemovingLastProviderMessage": lambda *_a: _(
        "This is your only way of signing in. Set a password or link another account first."
    ),
    "federatedIdentityBoundOrganization": lambda *_a: _("Your organization manages this link, so it stays."),
    "federatedIdentityLinkNotActiveMessage": lambda *_a: _("This account is not linked any more."),
}
