"""A realm's look, read from its attributes: name, three colours, style sheet, where logo and favicon are.

Every value is checked here, when it is read: the vendor's console and the admin API write the same attributes.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.styles.css import check_css

PRIMARY = "_providerConfig.assets.portal.primaryColor600"
SECONDARY = "_providerConfig.assets.portal.secondaryColor800"
ACCENT = "portal.accentColor"
CSS = "_providerConfig.assets.portal.css"
LOGO = "_providerConfig.assets.logo.url"
FAVICON = "_providerConfig.assets.favicon.url"
HEADER = "portal.headerStyle"
READ = (PRIMARY, SECONDARY, ACCENT, CSS, LOGO, FAVICON, HEADER)

# Ground and lettering of the bar on top.
HEADER_STYLES = {
    "plain": ("transparent", "var(--text)"),
    "tinted": ("var(--tint)", "var(--text)"),
    "filled": ("var(--primary)", "var(--on-primary)"),
}

HOUSE = {"primary": "#2a56c6", "secondary": "#0e7566", "accent": "#f3f0e8"}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LONGEST_SOURCE = 300_000


@dataclass(frozen=True)
class Finding:
    """Something in an attribute that was not taken as it stands.

    `code` is one of colour, address, header, css-refused, css-removed; `detail` says which limit or which construct.
    """

    attribute: str
    code: str
    detail: str = ""


@dataclass(frozen=True)
class Brand:
    """A realm's look. Colours are `#rrggbb` in lower case, None where the house colour stands."""

    name: str
    primary: str | None = None
    secondary: str | None = None
    accent: str | None = None
    css: str = ""
    logo_url: str = ""
    favicon_url: str = ""
    header: str = ""
    version: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def colors(self) -> str:
        """Colours and header style as a sheet; empty when all are the house's."""
        named = {"primary": self.primary, "secondary": self.secondary, "accent": self.accent}
        lines = "".join(f" --brand-{name}: {value};" for name, value in named.items() if value)
        return (f":root {{{lines} }}\n" if lines else "") + header_rules(self.header)

    @property
    def sheet(self) -> str:
        """The colours and, after them, the tenant's own rules."""
        return self.colors + self.css

    def effective(self, name: str) -> str:
        """The colour `primary`, `secondary` or `accent` in use, the house's where none is set."""
        return getattr(self, name) or HOUSE[name]


def brand_of(attributes: Mapping[str, str], realm_display_name: str) -> Brand:
    """Read the look of a realm from its attributes. What cannot be used is left out and told in `findings`."""
    return _brand(realm_display_name, tuple(attributes.get(key) or "" for key in READ))


@functools.lru_cache(maxsize=64)
def _brand(name: str, values: tuple[str, ...]) -> Brand:
    findings: list[Finding] = []
    css, logo, favicon, header = values[3:]
    primary, secondary, accent = (_colour(key, value, findings) for key, value in zip(READ[:3], values, strict=False))
    sheet = _sheet(css, findings)
    return Brand(
        name,
        primary,
        secondary,
        accent,
        css=sheet,
        logo_url=_source(LOGO, logo, findings),
        favicon_url=_source(FAVICON, favicon, findings),
        header=_header(header, findings),
        version=_version(primary or "", secondary or "", accent or "", sheet, header_rules(header.strip().lower())),
        findings=tuple(findings),
    )


def _colour(key: str, value: str, findings: list[Finding]) -> str | None:
    value = value.strip().lower()
    if not value:
        return None
    if _COLOUR.fullmatch(value):
        return value
    findings.append(Finding(key, "colour", "#rrggbb"))
    return None


def header_rules(style: str) -> str:
    """The bar on top in one of `HEADER_STYLES`, nothing for an empty one."""
    ground, lettering = HEADER_STYLES.get(style, ("", ""))
    # A logo in the very colour of the bar stands on a plate; one of an organization's overrides it again.
    plate = "#fff" if style == "filled" else "initial"
    return f":root {{ --top: {ground}; --on-top: {lettering}; --plate: {plate}; }}\n" if ground else ""


def _header(value: str, findings: list[Finding]) -> str:
    value = value.strip().lower()
    if not value or value in HEADER_STYLES:
        return value
    findings.append(Finding(HEADER, "header", ", ".join(HEADER_STYLES)))
    return ""


def _sheet(css: str, findings: list[Finding]) -> str:
    if not css.strip():
        return ""
    checked = check_css(css)
    if checked.refused:
        findings.append(Finding(CSS, "css-refused", checked.refused))
    findings += [Finding(CSS, "css-removed", what) for what in checked.removed]
    return checked.text


def _source(key: str, value: str, findings: list[Finding]) -> str:
    value = value.strip()
    if not value:
        return ""
    if value.lower().startswith(("https://", "http://", "data:image/")) and len(value) <= _LONGEST_SOURCE:
        return value
    findings.append(Finding(key, "address"))
    return ""


def _version(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
