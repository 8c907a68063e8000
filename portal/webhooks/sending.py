"""One attempt: signed, through the guard of outgoing requests, and what came of it."""

from __future__ import annotations

import dataclasses
import re
import time
from dataclasses import dataclass

from portal.clients.outbound import Fetched, Policy, announce, policy_from
from portal.errors import Invalid, Upstream
from portal.mail.texts import one_line
from portal.services import Services
from portal.store import now
from portal.store.models_webhooks import Webhook
from portal.webhooks import signing

SECONDS = 5.0
LONGEST_EXCERPT, LONGEST_WAIT = 200, 24 * 3600
REFUSED, LATE, NAME, TLS, UNREACHABLE = "refused", "late", "name", "tls", "unreachable"
_TOKEN = re.compile(r"(?=\S*\d)[\w+/=.~-]{16,}|\S+@\S+")
_NAMED = re.compile(r"(?i)((?:secret|token|passw|authori[sz]ation|api.?key|bearer|cookie)\w*[\"']?\s*[:= ]\s*)\S+")


@dataclass(frozen=True)
class Answer:
    """`status` is 0 without an answer, and `said` then a word of this module; `took` is in milliseconds.

    `wait` is for how many seconds the receiver asks to be left alone.
    """

    status: int = 0
    took: int = 0
    said: str = ""
    wait: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the receiver has taken it."""
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == 410


def policy_of(services: Services) -> Policy:
    """The rules for webhooks: those of every outgoing request, and less time."""
    return dataclasses.replace(policy_from(services.settings), seconds=SECONDS)


def send(services: Services, row: Webhook, event: str, body: str, policy: Policy) -> Answer:
    """Send it once. Raises `VaultError` when the secret cannot be read."""
    at, began = int(time.time()), time.monotonic()
    head = signing.headers(signing.valid(services, row, now()), event, at, body)
    try:
        found = announce(row.url, policy, body, head)
    except Invalid:
        return Answer(took=_since(began), said=REFUSED)
    except Upstream as error:
        return Answer(took=_since(began), said=_word(str(error)))
    said = "" if 200 <= found.status < 300 else excerpt(found)
    return Answer(found.status, _since(began), said, _retry_after(found))


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _word(error: str) -> str:
    if "name resolution" in error:
        return NAME
    if "SSL" in error:
        return TLS
    return LATE if "Timeout" in error else UNREACHABLE


def _retry_after(found: Fetched) -> float:
    text = found.headers.get("retry-after", "").strip()
    asked = float(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0.0
    return min(asked, LONGEST_WAIT) if found.status in {429, 503} else 0.0


def excerpt(found: Fetched) -> str:
    """The beginning of an answer on one line, without what looks like a secret or an address of somebody."""
    if found.headers.get("content-encoding", "identity").lower() != "identity":
        return ""
    line = one_line(found.body.decode("utf-8", "replace"))
    return _TOKEN.sub("•••", _NAMED.sub(r"\1•••", line))[:LONGEST_EXCERPT]
