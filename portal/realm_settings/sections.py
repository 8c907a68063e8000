"""The switches of the sections: what each means, who notices, and under which attribute it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import SECTIONS

ON, OFF = "true", "false"


@dataclass(frozen=True)
class Switch:
    """One switch as shown. `part` says that it belongs to the whole above it."""

    section: str
    label: str
    meaning: str
    affected: str
    on: bool
    part: bool


def key_of(section: str) -> str:
    """The attribute of a section; the console of the organizations extension uses the same."""
    return f"_providerConfig.portal.{section}.enabled"


KEYS = tuple(key_of(section) for section in SECTIONS)


def is_on(value: str) -> bool:
    """Absent is on; otherwise only the exact text `true` is."""
    return value in {"", ON}


def switches(values: Mapping[str, str]) -> list[Switch]:
    """All switches in their order, as the values have them."""
    words = _words()
    return [
        Switch(section, *words[section], on=is_on(values.get(key_of(section), "")), part="." in section)
        for section in SECTIONS
    ]


def wanted(shown: Mapping[str, str], on: set[str]) -> dict[str, str]:
    """What the attributes shall be. One whose meaning stays keeps its very text."""
    found = {}
    for section in SECTIONS:
        present = shown.get(key_of(section), "")
        keeps = is_on(present) == (section in on)
        found[key_of(section)] = present if keeps else ON if section in on else OFF
    return found


def _words() -> dict[str, tuple[str, str, str]]:
    everybody = _("Everybody who signs in")
    return {
        "profile": (
            _("Profile"), _("Everything about one's own account: profile, security, devices, linked accounts."),
            everybody,
        ),
        "profile.password": (_("Change the password"), _("Setting and changing the password."), everybody),
        "profile.twofactor": (
            _("Second step"), _("Adding and removing authenticator apps, security keys and recovery codes."), everybody,
        ),
        "profile.passwordless": (_("Passkeys"), _("Adding and removing passkeys."), everybody),
        "profile.activity": (
            _("Devices and activity"), _("Where one is signed in, signing other devices out, recent activity."),
            everybody,
        ),
        "profile.linked": (_("Linked accounts"), _("Linking and unlinking other sign-ins."), everybody),
        "org": (
            _("Organizations"), _("Everything below. Off, only those who run the realm still see organizations."),
            _("Everybody who belongs to an organization"),
        ),
        "org.details": (
            _("Details"), _("The organization's names, addresses and attributes."),
            _("Those who may see the organization"),
        ),
        "org.members": (
            _("Members and roles"), _("Who belongs to it, and who may what."), _("Those who may see its members"),
        ),
        "org.invitations": (
            _("Invitations"), _("Inviting people, and answering an invitation."),
            _("Those who may invite, and those who are invited"),
        ),
        "org.domains": (
            _("Domains"), _("Proving that a domain belongs to the organization."),
            _("Those who may see the organization"),
        ),
        "org.sso": (
            _("Single sign-on"), _("Connecting the organization's own identity provider. Connections go on working."),
            _("Those who manage identity providers"),
        ),
        "org.events": (
            _("Events"), _("What happened in the organization, to read and to download."),
            _("Those who may see its members"),
        ),
    }  # fmt: skip


def label_of_section(section: str) -> str:
    """What a section is called."""
    return _words()[section][0]
