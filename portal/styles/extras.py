"""What goes beyond colours: the layout of the pages, where the style sheet counts, and an additional script.

Every value is checked when it is read: consoles and the admin API write the same attributes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.return_addresses import origin_of

LAYOUT, TARGET, SCRIPT = "portal.layout", "portal.styleSheetTarget", "portal.script"
LAYOUTS = ("", "top")
TARGETS = ("", "organization", "account")
LONGEST = 500
_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
# What may stand in a path: nothing that means something else in a policy, and nothing that a policy leaves unread.
_PATH = re.compile(r"(/[A-Za-z0-9._~@+-]+)+")


@dataclass(frozen=True)
class Script:
    """An additional script: its address, and the hash that its content must have (Subresource Integrity)."""

    url: str
    integrity: str


@dataclass(frozen=True)
class Extras:
    """What a realm asks for; empty texts stand for what the house does."""

    layout: str = ""
    target: str = ""
    script: Script | None = None

    def wears_sheet(self, *, organization: bool) -> bool:
        """Whether the style sheet counts on a page that is (or is not) about an organization."""
        return self.target in {"", "organization" if organization else "account"}


def extras_of(values: Mapping[str, str], *, loopback: bool) -> Extras:
    """From the attributes of a realm. What cannot be used is left out."""
    layout, target = values.get(LAYOUT, "").strip(), values.get(TARGET, "").strip()
    url, _space, integrity = values.get(SCRIPT, "").strip().partition(" ")
    return Extras(
        layout if layout in LAYOUTS else "", target if target in TARGETS else "",
        Script(url, integrity) if usable(url, loopback=loopback) and hashed(integrity) else None,
    )  # fmt: skip


def usable(url: str, *, loopback: bool) -> bool:
    """Whether a policy can name exactly this file: https, a path, no query, nothing to be encoded."""
    if len(url) > LONGEST or not origin_of(url, loopback=loopback):
        return False
    parts = urlsplit(url)
    return bool(_PATH.fullmatch(parts.path)) and "?" not in url and "#" not in url


def hashed(integrity: str) -> bool:
    """Whether this is one hash as Subresource Integrity writes it."""
    kind, _dash, text = integrity.partition("-")
    try:
        return len(base64.b64decode(text, validate=True)) == _BYTES.get(kind, 0)
    except (binascii.Error, ValueError):
        return False
