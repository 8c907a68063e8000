"""What the contrast check says to an operator, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from portal.styles.branding import Brand
from portal.styles.contrast import Pair, Side, contrast_report

# Which of the three colours a pair comes from.
_COLOURS = {
    "button": "primary", "link": "primary", "here": "secondary", "text": "accent", "muted": "accent", "edge": "accent",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One theme of one pair: the figure, and ok, warn or bad with a word."""

    ratio: str
    kind: str
    word: str


@dataclass(frozen=True)
class Line:
    """One use of a colour."""

    label: str
    light: Cell
    dark: Cell


def lines(brand: Brand) -> list[Line]:
    """The table."""
    return [Line(_label(pair), _cell(pair, pair.light), _cell(pair, pair.dark)) for pair in contrast_report(brand)]


def warnings(brand: Brand) -> list[str]:
    """Each pair that fails by itself, named, with what becomes of it. The house's own colours were looked at."""
    chosen = [pair for pair in contrast_report(brand) if getattr(brand, _COLOURS[pair.where])]
    return [sentence for pair in chosen for sentence in _warnings(pair)]


def _warnings(pair: Pair) -> Iterator[str]:
    for theme, side in ((_("light"), pair.light), (_("dark"), pair.dark)):
        figures = {"what": _label(pair), "theme": theme, "needed": _ratio(pair.needed)}
        if side.ratio < pair.needed:
            yield _(
                "%(what)s, %(theme)s: %(ratio)s, needed is %(needed)s. Choose another colour.",
                ratio=_ratio(side.ratio), **figures,
            )  # fmt: skip
        elif side.adjusted and side.as_chosen < pair.needed:
            yield _(
                "%(what)s, %(theme)s: as chosen %(ratio)s, needed is %(needed)s. Another shade of it is used there.",
                ratio=_ratio(side.as_chosen), **figures,
            )  # fmt: skip


def _label(pair: Pair) -> str:
    return {
        "button": _("Lettering on buttons (primary)"), "link": _("Links (primary)"),
        "here": _("Where you are (secondary)"), "text": _("Text on the tinted grounds (accent)"),
        "muted": _("Small text on the tinted grounds (accent)"), "edge": _("Edges of inputs (accent)"),
    }[pair.where]  # fmt: skip


def _cell(pair: Pair, side: Side) -> Cell:
    if side.ratio < pair.needed:
        return Cell(_ratio(side.ratio), "bad", _("Fails"))
    if side.adjusted and side.as_chosen < pair.needed:
        return Cell(_ratio(side.ratio), "warn", _("Adjusted"))
    return Cell(_ratio(side.ratio), "ok", "AA")


def _ratio(value: float) -> str:
    return f"{format_decimal(value, '0.0')} : 1"
