"""Colour arithmetic as browsers do it: sRGB, XYZ (D65), Oklab and OKLCH (CSS Color 4), and WCAG contrast."""

from __future__ import annotations

import math
from dataclasses import dataclass

Triple = tuple[float, float, float]

_TO_XYZ = (
    (0.41239079926595934, 0.357584339383878, 0.1804807884018343),
    (0.21263900587151027, 0.715168678767756, 0.07219231536073371),
    (0.01933081871559182, 0.11919477979462598, 0.9505321522496607),
)
_FROM_XYZ = (
    (3.2409699419045226, -1.537383177570094, -0.4986107602930034),
    (-0.9692436362808796, 1.8759675015077202, 0.04155505740717559),
    (0.05563007969699366, -0.20397695888897652, 1.0569715142428786),
)
_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


@dataclass(frozen=True)
class Colour:
    """A colour as linear-light sRGB. Components may lie outside 0…1 until shown."""

    linear: Triple

    @classmethod
    def of(cls, text: str) -> Colour:
        """Read `#rrggbb`."""
        r, g, b = (_expand(int(text[at : at + 2], 16) / 255) for at in (1, 3, 5))
        return cls((r, g, b))

    @classmethod
    def oklab(cls, lab: Triple) -> Colour:
        """From Oklab."""
        long, medium, short = _times(_FROM_LAB, lab)
        return cls(_times(_FROM_LMS, (long**3, medium**3, short**3)))

    @classmethod
    def oklch(cls, lightness: float, chroma: float, hue: float) -> Colour:
        """From OKLCH; the hue is in radians."""
        return cls.oklab((lightness, chroma * math.cos(hue), chroma * math.sin(hue)))

    @classmethod
    def xyz(cls, xyz: Triple) -> Colour:
        """From XYZ (D65)."""
        return cls(_times(_FROM_XYZ, xyz))

    def to_xyz(self) -> Triple:
        """As XYZ (D65); the second value is the relative luminance."""
        return _times(_TO_XYZ, self.linear)

    def to_oklab(self) -> Triple:
        """As Oklab."""
        long, medium, short = (math.cbrt(value) for value in _times(_TO_LMS, self.linear))
        return _times(_TO_LAB, (long, medium, short))

    def to_oklch(self) -> Triple:
        """As OKLCH; the hue is in radians."""
        lightness, a, b = self.to_oklab()
        return lightness, math.hypot(a, b), math.atan2(b, a)

    def mixed(self, share: float, other: Colour) -> Colour:
        """`color-mix(in oklab, self share, other)`."""
        mine, theirs = self.to_oklab(), other.to_oklab()
        lightness, a, b = (share * x + (1 - share) * y for x, y in zip(mine, theirs, strict=True))
        return Colour.oklab((lightness, a, b))

    def shown(self) -> Colour:
        """What a screen shows: each component within its range."""
        r, g, b = (min(1.0, max(0.0, value)) for value in self.linear)
        return Colour((r, g, b))

    @property
    def hex(self) -> str:
        """As `#rrggbb`."""
        return "#" + "".join(f"{round(_compress(value) * 255):02x}" for value in self.shown().linear)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2 contrast ratio of two colours as shown, 1…21."""
    dark, light = sorted(colour.shown().to_xyz()[1] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _expand(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _compress(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    a, b, c = (sum(x * y for x, y in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c
