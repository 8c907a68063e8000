"""Rows of the table about webhooks, for those who manage the realm."""

from __future__ import annotations

from portal.access_realm import CHANGE, FRESH
from portal.access_row import BOTH, Right, Scope, Via, any_of

WEBHOOK_RIGHTS: tuple[Right, ...] = (
    Right("webhooks.view", Scope.REALM, realm=any_of(CHANGE), faces=BOTH),
    Right(
        "webhooks.manage", Scope.REALM, realm=any_of(CHANGE), fresh=FRESH, via=Via.OWN, writes=True,
        audit="webhooks.manage", limit="60/minute", plain=True, faces=BOTH,
    ),
)  # fmt: skip
