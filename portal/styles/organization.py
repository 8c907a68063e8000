"""The look of one organization over that of its realm: logo, background colour, header style.

They are attributes of the organization, which its managers can write past the portal, so they are checked when read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.clients.orgs_types import LOOK_BACKGROUND, LOOK_HEADER, LOOK_LOGO
from portal.styles.branding import HEADER_STYLES, header_rules

BASE = "base"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LONGEST_SOURCE = 2000
# Lettering and marks keep 4.5 : 1 on it in both themes: lightness is bound, the hue is the organization's.
_GROUND = """:root {{ --brand-accent: {colour}; }}
@supports (color: light-dark(#000, #fff)) and (color: color(from #000 xyz-d65 x y z)) {{
  :root {{
    --canvas: light-dark(oklch(from {colour} max(l, .955) min(c, .03) h), oklch(from {colour} .19 min(c, .03) h));
  }}
}}
"""


@dataclass(frozen=True)
class Look:
    """What an organization overrides; empty where the realm's look stands. `background` is `#rrggbb`."""

    logo_url: str = ""
    background: str = ""
    header: str = ""

    @property
    def version(self) -> str:
        """The part of an address that says which sheet this is; empty if there is none."""
        if not (self.background or self.header):
            return ""
        return f"{self.background.removeprefix('#') or BASE}-{self.header or BASE}"


def look_of(values: Mapping[str, str]) -> Look:
    """From the attributes of an organization. What cannot be used is left out."""
    logo, background = values.get(LOOK_LOGO, "").strip(), values.get(LOOK_BACKGROUND, "").strip().lower()
    header = values.get(LOOK_HEADER, "").strip().lower()
    fetched = logo.lower().startswith(("https://", "http://", "data:image/")) and len(logo) <= _LONGEST_SOURCE
    return Look(
        logo if fetched else "", background if _COLOUR.fullmatch(background) else "",
        header if header in HEADER_STYLES else "",
    )  # fmt: skip


def look_of_address(background: str, header: str) -> Look:
    """From the parts of a sheet's address; one that no organization can have is left out."""
    return look_of({LOOK_BACKGROUND: f"#{background}", LOOK_HEADER: header})


def sheet(look: Look) -> str:
    """The style sheet of an organization: it comes after the realm's, and wins."""
    ground = _GROUND.format(colour=look.background) if look.background else ""
    return ground + header_rules(look.header)
