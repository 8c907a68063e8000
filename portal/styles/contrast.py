"""How well a brand can be read: the shades that `tokens.css` derives from its colours, and their contrast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.styles.branding import Brand
from portal.styles.colour import Colour, contrast

AA_TEXT, AA_EDGE = 4.5, 3.0
_WHITE, _BLACK = Colour.xyz((0.9505, 1.0, 1.089)), Colour((0.0, 0.0, 0.0))
_PAPER = Colour((1.0, 1.0, 1.0))
# The luminance up to which white lettering reads 4.5 : 1; above it stands black, which reads better still.
_TIE = 0.183


@dataclass(frozen=True)
class Side:
    """One theme: the lowest contrast met, the shade in use, and what the chosen colour alone would reach on it."""

    ratio: float
    shade: str
    as_chosen: float
    adjusted: bool


@dataclass(frozen=True)
class Pair:
    """One use of a colour. `where` is one of button, link, here, text, muted, edge."""

    where: str
    needed: float
    light: Side
    dark: Side

    @property
    def passes(self) -> bool:
        """Whether both themes reach WCAG AA."""
        return min(self.light.ratio, self.dark.ratio) >= self.needed

    @property
    def adjusted(self) -> bool:
        """Whether a theme had to take another shade than the chosen one."""
        return self.light.adjusted or self.dark.adjusted


@dataclass(frozen=True)
class Palette:
    """The derived shades of one theme, named as in `tokens.css`."""

    canvas: Colour
    surface: Colour
    raised: Colour
    sunken: Colour
    text: Colour
    muted: Colour
    edge: Colour
    primary: Colour
    on_primary: Colour
    primary_over: Colour
    link: Colour
    here: Colour

    @property
    def grounds(self) -> tuple[Colour, ...]:
        """What lettering stands on."""
        return self.canvas, self.surface, self.raised, self.sunken


def contrast_report(brand: Brand) -> list[Pair]:
    """The contrast of every use of the brand's colours, in both themes."""
    chosen = {name: Colour.of(brand.effective(name)) for name in ("primary", "secondary", "accent")}
    light, dark = palettes(brand)
    primary, secondary = chosen["primary"], chosen["secondary"]

    def pair(where: str, needed: float, own: Colour | None = None) -> Pair:
        return Pair(where, needed, _side(light, where, own), _side(dark, where, own))

    return [
        pair("button", AA_TEXT, primary),
        pair("link", AA_TEXT, primary),
        pair("here", AA_TEXT, secondary),
        pair("text", AA_TEXT),
        pair("muted", AA_TEXT),
        pair("edge", AA_EDGE),
    ]


def palettes(brand: Brand) -> tuple[Palette, Palette]:
    """The light and the dark palette."""
    primary, secondary, accent = (Colour.of(brand.effective(name)) for name in ("primary", "secondary", "accent"))
    return _light(primary, secondary, accent), _dark(primary, secondary, accent)


def _light(primary: Colour, secondary: Colour, accent: Colour) -> Palette:
    lightness, chroma, hue = primary.to_oklch()
    fill = Colour.oklch(min(lightness, 0.9), chroma, hue)
    return Palette(
        canvas=_grey(accent, max(accent.to_oklab()[0], 0.976), 0.007),
        surface=_PAPER,
        raised=_PAPER,
        sunken=_grey(accent, 0.962, 0.008),
        text=_grey(accent, 0.23, 0.01),
        muted=_grey(accent, 0.47, 0.012),
        edge=_grey(accent, 0.645, 0.012),
        primary=fill,
        on_primary=_lettering(fill),
        primary_over=_over(fill),
        link=_dimmed(primary),
        here=_dimmed(secondary),
    )


def _dark(primary: Colour, secondary: Colour, accent: Colour) -> Palette:
    lightness, chroma, hue = primary.to_oklch()
    fill = Colour.oklch(max(lightness, 0.52, min(0.9, (0.28 - lightness) * 1e5)), chroma, hue)
    return Palette(
        canvas=_grey(accent, 0.175, 0.005),
        surface=_grey(accent, 0.21, 0.005),
        raised=_grey(accent, 0.25, 0.006),
        sunken=_grey(accent, 0.262, 0.006),
        text=_grey(accent, 0.945, 0.008),
        muted=_grey(accent, 0.745, 0.012),
        edge=_grey(accent, 0.56, 0.01),
        primary=fill,
        on_primary=_lettering(fill),
        primary_over=_over(fill),
        link=_lifted(primary),
        here=_lifted(secondary),
    )


def _grey(accent: Colour, lightness: float, strength: float) -> Colour:
    _, chroma, hue = accent.to_oklch()
    return Colour.oklch(lightness, min(chroma, strength), hue)


def _lettering(fill: Colour) -> Colour:
    return _WHITE if fill.to_xyz()[1] < _TIE else _BLACK


def _over(fill: Colour) -> Colour:
    return fill.mixed(0.86, Colour.oklch(1 - _lettering(fill).to_oklab()[0], 0, 0))


def _dimmed(colour: Colour) -> Colour:
    x, y, z = colour.to_xyz()
    share = min(1.0, 0.14 / y) if y else 1.0
    return Colour.xyz((x * share, y * share, z * share))


def _lifted(colour: Colour) -> Colour:
    lightness, chroma, hue = colour.to_oklch()
    return Colour.oklch(max(lightness, 0.78), min(chroma, 0.12), hue)


def _side(palette: Palette, where: str, chosen: Colour | None) -> Side:
    if where == "button":
        fills = (palette.primary, palette.primary_over)
        return _measured(palette.on_primary, fills, palette.primary, chosen)
    shade = getattr(palette, where)
    grounds = (palette.canvas, palette.surface) if where == "edge" else palette.grounds
    return _measured(shade, grounds, shade, chosen)


def _measured(letters: Colour, grounds: Iterable[Colour], shade: Colour, chosen: Colour | None) -> Side:
    ground = list(grounds)
    ratio = min(contrast(letters, one) for one in ground)
    own = chosen or shade
    as_chosen = contrast(_lettering(own), own) if letters is not shade else min(contrast(own, one) for one in ground)
    return Side(round(ratio, 2), shade.hex, round(as_chosen, 2), own.hex != shade.hex)
