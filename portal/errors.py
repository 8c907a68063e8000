"""The few shapes that trouble takes, from remote answer to person.

Clients raise these and nothing else; `portal.web.errors` turns them into a page,
a fragment or a problem+json document.
"""

from __future__ import annotations


class PortalError(Exception):
    """Base of everything the portal raises on purpose."""


class Denied(PortalError):
    """The right is missing. `reason` is logged and never shown."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class SignInElsewhere(Denied):
    """The organization demands that its people sign in by its identity provider, whose alias this names."""

    def __init__(self, alias: str) -> None:
        super().__init__("single sign-on is demanded")
        self.alias = alias


class NotFound(PortalError):
    """There is no such thing, or it must look so."""


class SessionEnded(PortalError):
    """The session or its tokens are dead; the person has to sign in again."""


class KeyRefused(SessionEnded):
    """A program's key does not open this. `hint` may be shown: it says what to look at, not which keys exist."""

    def __init__(self, hint: str) -> None:
        super().__init__("key refused")
        self.hint = hint


class StepUp(PortalError):
    """The sign-in is older than the right allows. `max_age` is in seconds."""

    operator = False

    def __init__(self, max_age: int) -> None:
        super().__init__(f"sign-in must not be older than {max_age} s")
        self.max_age = max_age


class OperatorNeeded(StepUp):
    """The operator's own token for the realm's settings is missing or over."""

    operator = True


class Invalid(PortalError):
    """Refused input: messages by field name, and messages for the whole form.

    A message is either text ready to show or a Keycloak message key with parameters
    (see `portal.messages`).
    """

    def __init__(self, errors: dict[str, str] | None = None, form: list[str] | None = None) -> None:
        self.errors = errors or {}
        self.form = form or []
        super().__init__(f"{len(self.errors) + len(self.form)} errors")


class Conflict(PortalError):
    """Somebody else changed the thing, or the step contradicts its present state."""


class Stale(Conflict):
    """The caller's `If-Match` names a state that stands no more."""


class TooMany(PortalError):
    """A limit is reached. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"again in {retry_after} s")
        self.retry_after = retry_after


class Upstream(PortalError):
    """A remote part failed.

    `retryable`: the same call may be tried again; `unknown`: a write may have happened.
    """

    def __init__(self, message: str, *, retryable: bool = True, unknown: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.unknown = unknown
