"""Signatures as Standard Webhooks 1.0 describes them: HMAC-SHA256 over id, time and body, one for each secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime

from portal.services import Services
from portal.store.models_webhooks import Webhook

PREFIX, BYTES = "whsec_", 32


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, event: str, timestamp: int, body: str) -> str:
    """`v1,` and the HMAC-SHA256 of `event.timestamp.body` in base64. `timestamp` is in epoch seconds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{event}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(valid: list[str], event: str, timestamp: int, body: str) -> dict[str, str]:
    """The headers of one attempt, with a signature by each secret that is valid."""
    return {
        "Content-Type": "application/json; charset=utf-8", "webhook-id": event, "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, event, timestamp, body) for secret in valid),
    }  # fmt: skip


def sealed(services: Services, realm: str, webhook: str, secret: str, column: str = "secret") -> bytes:
    """A secret as it is stored."""
    return services.vault.seal(secret, realm, Webhook.__tablename__, column, webhook)


def opened(services: Services, row: Webhook, column: str = "secret") -> str:
    """A stored secret. Raises `VaultError` where no key opens it."""
    return services.vault.open(getattr(row, column) or b"", row.realm, Webhook.__tablename__, column, row.id)


def valid(services: Services, row: Webhook, at: datetime) -> list[str]:
    """The secrets to sign with now, the newest first. Raises `VaultError`."""
    found = [opened(services, row)]
    if row.previous and row.previous_until and at < row.previous_until:
        found.append(opened(services, row, "previous"))
    return found


def as_body(message: dict[str, object]) -> str:
    """The bytes that are signed and sent, as text."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
