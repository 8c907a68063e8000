"""The kinds of sign-in methods the portal knows, by Keycloak's credential types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

PASSWORD, PASSKEY, KEY, APP, CODES = "password", "webauthn-passwordless", "webauthn", "otp", "recovery-authn-codes"


@dataclass(frozen=True)
class Kind:
    """One kind. `slug` stands in addresses, `right` guards adding and removing, `one` names a single method.

    `add` and `more` name the deed for the first one and for further ones; of a `single` kind there is one at most.
    """

    type: str
    slug: str
    right: str
    icon: str
    title: Any
    text: Any
    one: Any
    add: Any
    more: Any
    none: Any
    single: bool = False


TWO_FACTOR, PASSWORDLESS = "security.twofactor", "security.passwordless"

KINDS = (
    Kind(
        PASSKEY, "passkey", PASSWORDLESS, "fingerprint",
        lazy_gettext("Passkeys"),
        lazy_gettext("Sign in with a fingerprint, your face, a phone or a key. Nothing to type, nothing to phish."),
        lazy_gettext("Passkey"), lazy_gettext("Add a passkey"), lazy_gettext("Add another passkey"),
        lazy_gettext("You have no passkey"),
    ),
    Kind(
        KEY, "security-key", TWO_FACTOR, "key",
        lazy_gettext("Security keys"),
        lazy_gettext("A key you plug in or hold to your phone, asked for after your password."),
        lazy_gettext("Security key"), lazy_gettext("Add a security key"), lazy_gettext("Add another security key"),
        lazy_gettext("You have no security key"),
    ),
    Kind(
        APP, "app", TWO_FACTOR, "phone",
        lazy_gettext("Authenticator apps"),
        lazy_gettext("A short code from an app on your phone, asked for after your password."),
        lazy_gettext("Authenticator app"), lazy_gettext("Add an authenticator app"),
        lazy_gettext("Add another authenticator app"), lazy_gettext("You have no authenticator app"),
    ),
    Kind(
        CODES, "recovery-codes", TWO_FACTOR, "lock",
        lazy_gettext("Recovery codes"),
        lazy_gettext("Codes to print or keep in a safe place, for when nothing else is at hand. Each works once."),
        lazy_gettext("Recovery codes"), lazy_gettext("Create recovery codes"), lazy_gettext("Make new codes"),
        lazy_gettext("You have no recovery codes"), single=True,
    ),
)  # fmt: skip
BY_TYPE = {kind.type: kind for kind in KINDS}
BY_SLUG = {kind.slug: kind for kind in KINDS}


def right_of(type_: str) -> str:
    """The right that guards changing a method of this type; also the tag of its audit records."""
    return BY_TYPE[type_].right if type_ in BY_TYPE else "security.password"
