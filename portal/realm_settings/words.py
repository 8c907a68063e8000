"""Attributes and their values in words, for what differs and for the history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import SECTIONS
from portal.realm_settings.actions import Clash
from portal.realm_settings.arranging import layouts, targets
from portal.realm_settings.branding import SHADES
from portal.realm_settings.sections import is_on, key_of, label_of_section
from portal.return_addresses import API_MINUTES, INTENTS, LANGUAGES, LINK_DAYS, ORIGINS, RETURN_DEFAULT, success_key
from portal.styles.branding import ACCENT, CSS, FAVICON, HEADER, LOGO, PRIMARY, SECONDARY
from portal.styles.extras import LAYOUT, SCRIPT, TARGET

LONGEST = 300
_SECTIONS = {key_of(section): section for section in SECTIONS}
_INTENTS = {success_key(intent): intent for intent in INTENTS}


@dataclass(frozen=True)
class Difference:
    """One attribute in words."""

    label: str
    shown: str
    mine: str
    theirs: str


def differences(clashes: Iterable[Clash]) -> list[Difference]:
    """What differs, for the page that asks what shall stand. The vendor's shades follow their colour unnamed."""
    told = [clash for clash in clashes if clash.key not in SHADES] or list(clashes)
    return [Difference(label_of(c.key), *(said(c.key, value) for value in (c.shown, c.mine, c.theirs))) for c in told]


def label_of(key: str) -> str:
    """What an attribute is called on the pages."""
    if key in _SECTIONS:
        return label_of_section(_SECTIONS[key])
    if key in _INTENTS:
        return _("After: %(intent)s", intent=intent_label(_INTENTS[key]))
    return _labels().get(key, key)


def _labels() -> dict[str, str]:
    return {
        PRIMARY: _("Primary"), SECONDARY: _("Secondary"), ACCENT: _("Background accent"), HEADER: _("Bar on top"),
        LOGO: _("Logo"), FAVICON: _("Favicon"), CSS: _("Style sheet"), ORIGINS: _("Applications"),
        RETURN_DEFAULT: _("Return address"), LINK_DAYS: _("Days of setup links"),
        API_MINUTES: _("Minutes of links made by programs"), LANGUAGES: _("Languages"), LAYOUT: _("Layout"),
        TARGET: _("Where the style sheet counts"), SCRIPT: _("Additional script"),
    }  # fmt: skip


def intent_label(intent: str) -> str:
    """What a set-up is about."""
    return {
        "sso": _("Single sign-on"), "domain_verification": _("Domains"),
        "certificate_renewal": _("Certificates"), "audit_logs": _("Events"), "dsync": _("Directory sync"),
        "log_streams": _("Log streams"),
    }[intent]  # fmt: skip


def said(key: str, value: str) -> str:
    """A value in words."""
    if key in _SECTIONS:
        return _("On") if is_on(value) else _("Off")
    if key in {LAYOUT, TARGET}:
        choices = layouts() if key == LAYOUT else targets()
        return next((choice["label"] for choice in choices if choice["value"] == value), value)
    if not value:
        return _("Not set")
    if key == CSS:
        return _("%(number)d characters", number=len(value))
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
