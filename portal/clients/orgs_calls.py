"""How the organizations extension is called: with one token, renewed once, its 401 read as what it means.

It answers 401 for "forbidden": after one renewal of the token that is `Denied`, never a reason to sign in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.clients.account import TokenSource, with_renewal
from portal.clients.http import Http, result
from portal.errors import Denied, NotFound, SessionEnded, Upstream


@dataclass(frozen=True)
class Calls:
    """The extension below `/realms/{realm}`, called with a person's own token or a service client's."""

    base: str
    http: Http
    token: TokenSource
    service: bool = False

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        try:
            return result(self._send(method, path, **kwargs))
        except Denied as error:
            if not self.service:
                raise
            # Nobody at the page did wrong: those who run the portal gave its client too little.
            raise Upstream(f"a service client may not: {method} {path}", retryable=False) from error

    def _send(self, method: str, path: str, **kwargs: Any) -> Any:
        def send(token: str) -> Any:
            answer = self.http.send(method, f"{self.base}{path}", token=token, **kwargs)
            if answer.status_code == 401:
                raise SessionEnded("401")
            return answer

        try:
            return with_renewal(self.token, send)
        except SessionEnded as error:
            if str(error) != "401":
                raise
            raise Denied("the back end of organizations refused") from error


def known_id(value: str) -> str:
    """An id as the back end writes it; anything else is unknown and never reaches a path."""
    try:
        parsed = str(UUID(value))
    except ValueError:
        parsed = ""
    if len(value) != 36 or parsed != value:
        raise NotFound("not an id")
    return value


def made(answer: Any) -> str:
    """The id of what was made, from the answer's Location."""
    found = str(answer.headers.get("Location") or "").rstrip("/").rpartition("/")[2]
    if not found:
        raise Upstream("no Location in the answer", unknown=True)
    return found
