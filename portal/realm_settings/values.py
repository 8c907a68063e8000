"""Settings by the names of their attributes, for those who bring no form: checked as the pages check them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.access import SECTIONS
from portal.errors import Invalid
from portal.realm_settings import arranging, branding, returning, sections, style_sheet
from portal.return_addresses import API_MINUTES, INTENTS, LANGUAGES, LINK_DAYS, ORIGINS, RETURN_DEFAULT, success_key
from portal.styles.branding import CSS, HEADER
from portal.styles.extras import LAYOUT, SCRIPT, TARGET
from portal.web.language import OURS as SPOKEN

# The shades of the vendor's portal follow the colours; nobody sets them.
AREAS: dict[str, tuple[str, ...]] = {
    "sections": sections.KEYS,
    "branding": tuple(key for key in branding.KEYS if key not in branding.SHADES),
    "style sheet": style_sheet.KEYS,
    "layout": arranging.KEYS,
    "return": returning.KEYS,
}
KEYS = tuple(key for keys in AREAS.values() for key in keys)
_LOOKS = {**{key: name for name, key in (*branding.COLOURS.items(), *branding.PICTURES.items())}, HEADER: "header"}
_RETURNS = {
    ORIGINS: "origins", RETURN_DEFAULT: "default", LINK_DAYS: "days", API_MINUTES: "minutes", LANGUAGES: "languages",
    **{success_key(intent): f"success.{intent}" for intent in INTENTS},
}  # fmt: skip
_ARRANGED = {"layout": LAYOUT, "target": TARGET, "script": SCRIPT, "integrity": SCRIPT}
Values = Mapping[str, str]


def of(attributes: Values) -> dict[str, str]:
    """Every setting that is set, in the order of the pages."""
    return {key: attributes[key] for key in KEYS if attributes.get(key)}


def wanted(present: Values, given: Values, *, loopback: bool) -> dict[str, dict[str, str]]:
    """By area, what the attributes shall be when `given` is set and the rest stays. An empty text unsets.

    Raises `Invalid` by attribute, for an unknown one too.
    """
    unknown = {key: _("This is not a setting of the portal.") for key in given if key not in KEYS}
    if unknown:
        raise Invalid(unknown)
    errors: dict[str, str] = {}
    found = {}
    for area, keys in AREAS.items():
        mine = {key: given[key] for key in keys if key in given}
        if mine:
            unset = {key: "" for key, value in mine.items() if not value}
            found[area] = {**_CHECKS[area](present, mine, errors, loopback), **unset}
    if errors:
        raise Invalid(errors)
    return found


def _sections(present: Values, given: Values, errors: dict[str, str], _loopback: bool) -> dict[str, str]:
    for key, value in given.items():
        if value not in {"", sections.ON, sections.OFF}:
            errors[key] = _("Write true or false.")
    values = {**present, **given}
    on = {section for section in SECTIONS if sections.is_on(values.get(sections.key_of(section), ""))}
    return sections.wanted(present, on)


def _branding(present: Values, given: Values, errors: dict[str, str], _loopback: bool) -> dict[str, str]:
    values = {**present, **given}
    look = branding.entered({name: values.get(key, "") for key, name in _LOOKS.items()})
    errors |= _by_key(look.errors, _LOOKS)
    return branding.wanted(present, look)


def _style_sheet(_present: Values, given: Values, errors: dict[str, str], _loopback: bool) -> dict[str, str]:
    text = style_sheet.normal(given[CSS])
    if refused := style_sheet.check(text).refused:
        errors[CSS] = refused
    return {CSS: text}


def _layout(present: Values, given: Values, errors: dict[str, str], loopback: bool) -> dict[str, str]:
    found = arranging.of({**present, **given})
    said = arranging.errors_of(found, arranging.of(present), loopback=loopback)
    errors |= {_ARRANGED[name]: text for name, text in said.items()}
    return arranging.wanted(present, found)


def _returning(present: Values, given: Values, errors: dict[str, str], loopback: bool) -> dict[str, str]:
    shown = returning.of({**present, **given})
    form = {"origins": shown.origins, "default": shown.default, "days": shown.days, "minutes": shown.minutes}
    form |= {f"success.{intent}": address for intent, address in shown.success.items()}
    # What stands for "not set" is entered as what it means; anything else as it was given.
    form |= {_RETURNS[key]: value for key, value in given.items() if value and key != LANGUAGES}
    look = returning.entered(form, list(shown.languages), loopback=loopback)
    errors |= _by_key(look.errors, _RETURNS)
    unspoken = [tag for tag in shown.languages if tag not in SPOKEN]
    if unspoken and LANGUAGES in given:
        errors[LANGUAGES] = _("The portal does not speak %(tags)s.", tags=", ".join(unspoken))
    return returning.wanted(present, look)


def _by_key(errors: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by attribute; a mistake of others in the same area keeps it from being saved too."""
    return {key: errors[name] for key, name in names.items() if name in errors}


_CHECKS = {
    "sections": _sections, "branding": _branding, "style sheet": _style_sheet, "layout": _layout, "return": _returning
}  # fmt: skip
