"""The form of the layout page, and hashes as it takes them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from realm_holdings import Realm

from portal.styles.extras import LAYOUT, SCRIPT, TARGET

CODE = b'document.documentElement.dataset.tenant = "here";'


def hash_of(content: bytes) -> str:
    """As Subresource Integrity writes it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def form(realm: Realm, **fields: str) -> dict[str, Any]:
    """The page as it stands in the realm, with `fields` instead."""
    found = realm.attributes()
    script, _space, integrity = found.get(SCRIPT, "").partition(" ")
    present = {
        "layout": found.get(LAYOUT, ""), "target": found.get(TARGET, ""), "script": script, "integrity": integrity
    }  # fmt: skip
    return {"shown": realm.shown(), **present, **fields}
