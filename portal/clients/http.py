"""One pooled HTTP session with deadlines; every failure becomes a `portal.errors` type.

Reads are tried once more when the connection broke; writes never are, because Keycloak may have acted.
A breaker per host answers at once while the host is known to be down.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from portal.errors import Conflict, Denied, Invalid, NotFound, SessionEnded, Upstream

CONNECT, READ = 1.0, 4.0
# Seconds that all calls for one page may spend on answers that do not come: the page itself is due within three.
PAGE = 2.5
TRIP_AFTER, WINDOW, PROBE_EVERY = 5, 10.0, 2.0
JSON = {"Accept": "application/json"}
# Of the request being answered; sent along, so that the logs of both sides can be laid beside each other.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


class Patience:
    """How many seconds may still be lost by waiting in vain. Answers that come take nothing of it."""

    def __init__(self, seconds: float = PAGE) -> None:
        self.left = seconds


# Of a page that only reads; none while something is written, and in the background.
PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)


class Patient(HTTPAdapter):
    """Waits for the answer to a read no longer than the page has patience left."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """As the library does, with a shorter deadline where one is set."""
        patience = PATIENCE.get()
        if patience is None or not _only_reads(request):
            return super().send(request, *args, **kwargs)
        if patience.left <= 0:
            raise requests.ReadTimeout("no patience left")
        began = time.monotonic()
        try:
            return super().send(request, *args, **{**kwargs, "timeout": (min(CONNECT, patience.left), patience.left)})
        except requests.Timeout:
            patience.left -= time.monotonic() - began
            raise


class Breaker:
    """Opens after five failures within ten seconds and lets one probe through every two seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: list[float] = []
        self._next_probe = 0.0

    def check(self) -> None:
        """Raise `Upstream` while the host is known to be down and no probe is due."""
        now = time.monotonic()
        with self._lock:
            self._failures = [at for at in self._failures if now - at < WINDOW]
            if len(self._failures) < TRIP_AFTER:
                return
            if now < self._next_probe:
                raise Upstream("the breaker is open")
            self._next_probe = now + PROBE_EVERY

    def failed(self) -> None:
        """Note a failure."""
        with self._lock:
            self._failures.append(time.monotonic())

    def succeeded(self) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures.clear()


class Http:
    """A pooled session. Thread-safe: no header, cookie or credential is ever kept on it."""

    def __init__(self, pool: int = 32, observe: Any = None) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers = CaseInsensitiveDict({"User-Agent": "portal"})
        self._session.cookies.set_policy(_NoCookies())
        adapter = Patient(pool_connections=8, pool_maxsize=pool)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._breakers: dict[str, Breaker] = {}
        self._observe = observe
        # A person at a page does not wait longer; one at a terminal does.
        self.read_seconds = READ

    def send(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request and return the answer whatever its status.

        Raises `Upstream` when no answer came; `unknown` is set where a write may have happened.
        """
        breaker = self._breakers.setdefault(urlsplit(url).netloc, Breaker())
        breaker.check()
        head = {**JSON, "X-Request-ID": REQUEST_ID.get(), **(headers or {})}
        if token:
            head["Authorization"] = f"Bearer {token}"
        for attempt in (1, 2):
            try:
                response = self._session.request(
                    method, url, params=dict(params or {}), json=json, data=data, auth=auth, headers=head,
                    timeout=(CONNECT, self.read_seconds), allow_redirects=False,
                )  # fmt: skip
            except requests.RequestException as error:
                if (
                    attempt == 1
                    and method == "GET"
                    and isinstance(error, requests.ConnectionError)
                    and _was_reset(error)
                ):
                    continue
                breaker.failed()
                raise Upstream(type(error).__name__, unknown=method != "GET" and _may_have_arrived(error)) from error
            breaker.succeeded()
            if self._observe:
                self._observe(method, url, response)
            return response
        raise AssertionError  # pragma: no cover - the loop always returns or raises

    def call(self, method: str, url: str, **kwargs: Any) -> Any:
        """Send one request and return its JSON (None for an empty answer); other statuses raise."""
        return result(self.send(method, url, **kwargs))


class _NoCookies(DefaultCookiePolicy):
    def set_ok(self, cookie: Any, request: Any) -> bool:  # noqa: ARG002
        return False


def _only_reads(request: requests.PreparedRequest) -> bool:
    """Whether nothing is lost if the answer is: a service client's own token can be asked for again."""
    return request.method == "GET" or "grant_type=client_credentials" in str(request.body or "")


def _was_reset(error: Exception) -> bool:
    return "RemoteDisconnected" in str(error) or "ConnectionReset" in str(error)


def _may_have_arrived(error: Exception) -> bool:
    return not isinstance(error, requests.ConnectTimeout) and "NewConnectionError" not in str(error)


def segment(value: str) -> str:
    """Quote one path segment wholly. Dots alone would change the path, so they are refused as unknown."""
    if not value or value in {".", ".."} or "\x00" in value:
        raise NotFound("not a path segment")
    return quote(value, safe="")


def result(response: requests.Response) -> Any:
    """JSON of a 2xx answer, or the error the status stands for."""
    status = response.status_code
    if 200 <= status < 300:
        return _json(response) if response.content else None
    body = _json(response, quiet=True)
    if status == 401:
        raise SessionEnded(str(status))
    if status == 403:
        raise Denied(_text(body) or "403 from upstream")
    if status == 404:
        raise NotFound(_text(body))
    if status in {400, 409, 422}:
        raise _refusal(status, body)
    raise Upstream(f"status {status}", retryable=status >= 500 or status == 429, unknown=status >= 500)


def _refusal(status: int, body: Any) -> Exception:
    errors = body.get("errors") if isinstance(body, dict) else None
    if errors is None and isinstance(body, dict) and body.get("field"):
        errors = [body]
    if errors:
        return Invalid(fields(errors))
    message = _text(body)
    return Conflict(message) if status == 409 else Invalid(form=[message] if message else [])


def fields(errors: list[dict[str, Any]]) -> dict[str, str]:
    """Keycloak's `errors` list as messages by field, encoded as `key|param|param` for `portal.messages`."""
    found: dict[str, str] = {}
    for error in errors:
        params = [str(p) for p in error.get("params") or [] if p is not None]
        found.setdefault(str(error.get("field") or ""), "|".join([str(error.get("errorMessage") or ""), *params]))
    return found


def _json(response: requests.Response, quiet: bool = False) -> Any:
    try:
        return response.json()
    except ValueError as error:
        if quiet:
            return None
        raise Upstream("the answer was not JSON") from error


def _text(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    return str(body.get("errorMessage") or body.get("error_description") or body.get("error") or "")
