"""Several writes as one: what was done is undone in reverse order when a later one fails, and the failure is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from flask_babel import gettext as _

from portal.errors import Conflict, Denied, Invalid, NotFound, PortalError, SessionEnded, Upstream

log = structlog.get_logger("portal.sso")
Undo = Callable[[], object]


class Together:
    """Steps under way. `step` names the one at hand."""

    def __init__(self) -> None:
        self.step = ""
        self._undo: list[tuple[str, Undo, bool]] = []

    def begin(self, step: str, undo: Undo, *, kept_in_need: bool = False) -> None:
        """A step begins. Said before it is tried: an answer may get lost after the deed, so `undo` must not mind
        finding nothing. `kept_in_need`: left as it is where something after it could not be undone.
        """
        self.step = step
        self._undo.append((step, undo, kept_in_need))

    def undo(self) -> bool:
        """Undo everything in reverse order; whether all of it could be undone."""
        whole = True
        for step, undo, kept_in_need in reversed(self._undo):
            if kept_in_need and not whole:
                continue
            try:
                undo()
            except NotFound:
                continue  # never made, or gone already
            except PortalError as error:
                whole = False
                log.error("not undone", step=step, error=type(error).__name__, reason=str(error))
        return whole


@contextmanager
def together() -> Iterator[Together]:
    """Around several writes. A failure becomes `Invalid` or `Conflict` with the name of the step.

    `Upstream` with `unknown` is raised where something could not be undone. `Denied`, `NotFound` and `SessionEnded`
    stay.
    """
    work = Together()
    try:
        yield work
    except PortalError as error:
        if not work.undo():
            raise Upstream(f"{work.step}: not undone", unknown=True) from error
        if isinstance(error, (Denied, NotFound, SessionEnded)) or not work.step:
            raise
        raise _named(work.step, error) from error
    except Exception:
        work.undo()
        raise


def _named(step: str, error: PortalError) -> PortalError:
    if isinstance(error, Invalid):
        reasons = " ".join([*error.form, *error.errors.values()])
        text = _("Nothing was saved. Keycloak refused this step: %(step)s. %(reason)s", step=step, reason=reasons)
        return Invalid(form=[text.strip()])
    if isinstance(error, Conflict):
        return Conflict(_("Nothing was saved. This step failed: %(step)s. %(reason)s", step=step, reason=str(error)))
    return Conflict(
        _("Nothing was saved. Keycloak did not answer as it should in this step: %(step)s. Try again later.", step=step)
    )
