"""The look of a realm as an operator enters it: colours, header, logo and favicon, and the attributes they become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from portal.styles.branding import (
    ACCENT,
    FAVICON,
    HEADER,
    HEADER_STYLES,
    LOGO,
    PRIMARY,
    SECONDARY,
    Brand,
    brand_of,
)
from portal.styles.colour import Colour

_ASSET = "_providerConfig.assets.portal."
_WHITE, _BLACK = Colour((1.0, 1.0, 1.0)), Colour((0.0, 0.0, 0.0))
# The other shades of the vendor's portal: the share of the chosen colour, and what it is mixed with.
_PRIMARY_SHADES = {
    "100": (0.12, _WHITE), "200": (0.25, _WHITE), "400": (0.6, _WHITE), "500": (0.8, _WHITE), "700": (0.85, _BLACK),
    "900": (0.6, _BLACK),
}  # fmt: skip
_SECONDARY_SHADES = {"900": (0.8, _BLACK)}
SHADES = (*(f"{_ASSET}primaryColor{number}" for number in _PRIMARY_SHADES), f"{_ASSET}secondaryColor900")
KEYS = (PRIMARY, SECONDARY, ACCENT, HEADER, LOGO, FAVICON, *SHADES)
COLOURS = {"primary": PRIMARY, "secondary": SECONDARY, "accent": ACCENT}
PICTURES = {"logo": LOGO, "favicon": FAVICON}
HEADERS = ("", *HEADER_STYLES)
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Look:
    """What is entered, and what is wrong with it by field. Empty texts stand for the house's own."""

    primary: str = ""
    secondary: str = ""
    accent: str = ""
    header: str = ""
    logo: str = ""
    favicon: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def brand(self, name: str) -> Brand:
        """The look as pages would wear it; what cannot be used is left out."""
        entered = {PRIMARY: self.primary, SECONDARY: self.secondary, ACCENT: self.accent, HEADER: self.header}
        return brand_of(entered, name)


def look_of(values: Mapping[str, str]) -> Look:
    """What the attributes say; somebody else's mistakes are shown as they stand."""
    colours = {name: values.get(key, "").strip().lower() for name, key in COLOURS.items()}
    pictures = {name: values.get(key, "").strip() for name, key in PICTURES.items()}
    found: dict[str, Any] = {**colours, **pictures, "header": values.get(HEADER, "").strip().lower()}
    return Look(**found)


def entered(form: Mapping[str, str]) -> Look:
    """What somebody entered, with what is wrong."""
    texts = {name: form.get(name, "").strip() for name in (*COLOURS, *PICTURES, "header")}
    colours = {name: texts[name].lower() for name in COLOURS}
    errors = {
        name: _("Enter a colour as # and six digits or letters a to f, like #2a56c6, or nothing for the house's own.")
        for name, value in colours.items()
        if value and not _COLOUR.fullmatch(value)
    }
    if texts["header"] not in HEADERS:
        errors["header"] = _("Choose one of these.")
    return Look(**{**texts, **colours}, errors=errors)


def wanted(shown: Mapping[str, str], look: Look) -> dict[str, str]:
    """What the attributes shall be. A colour that stays keeps the vendor's shades as they are."""
    found = {key: shown.get(key, "") for key in KEYS}
    present = look_of(shown)
    for name, key in (*COLOURS.items(), *PICTURES.items(), ("header", HEADER)):
        if getattr(look, name) != getattr(present, name):
            found[key] = getattr(look, name)
    if look.primary != present.primary:
        found |= _shades("primaryColor", look.primary, _PRIMARY_SHADES)
    if look.secondary != present.secondary:
        found |= _shades("secondaryColor", look.secondary, _SECONDARY_SHADES)
    return found


def _shades(name: str, colour: str, shares: Mapping[str, tuple[float, Colour]]) -> dict[str, str]:
    return {
        f"{_ASSET}{name}{number}": Colour.of(colour).mixed(share, other).hex if colour else ""
        for number, (share, other) in shares.items()
    }


def preview_sheet(brand: Brand) -> str:
    """The colours that are being tried out, for the preview alone."""
    lines = "".join(f" --brand-{name}: {brand.effective(name)};" for name in COLOURS)
    ground, lettering = HEADER_STYLES.get(brand.header, ("transparent", "currentColor"))
    return f"[data-brand=preview] {{{lines} --top: {ground}; --on-top: {lettering}; }}\n"
