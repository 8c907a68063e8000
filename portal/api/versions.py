"""ETags: what somebody read, and whether it still stands when he writes (RFC 9110, 13.1.1)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import request

from portal.api.serialize import plain
from portal.errors import Stale


def etag(document: Any) -> str:
    """The tag of a document, without quotes: equal documents have equal tags."""
    # What a change is called is no part of what stands there after it.
    told = {name: value for name, value in plain(document).items() if name != "record"}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def unchanged(document: Any) -> None:
    """Raise `Stale` if the caller's `If-Match` names another state than this. Without the header nothing is asked."""
    if request.if_match and not request.if_match.contains(etag(document)):
        raise Stale
