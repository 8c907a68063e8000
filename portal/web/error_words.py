"""What the pages say of trouble: the status, a title that gives nothing away, the sentences below it."""

from __future__ import annotations

from flask import g
from flask_babel import gettext as _

from portal.access import Scope, missing
from portal.errors import (  # fmt: skip
    Conflict,
    Denied,
    Invalid,
    NotFound,
    PortalError,
    SessionEnded,
    SignInElsewhere,
    Stale,
    StepUp,
    TooMany,
    Upstream,
)
from portal.messages import text as message_text
from portal.signin.provider import SignInRefused
from portal.web.language import in_text


def status_of(error: PortalError) -> int:
    """The HTTP status of an error."""
    statuses = {
        Denied: 403, NotFound: 404, SessionEnded: 401, StepUp: 403, Invalid: 422, Stale: 412, Conflict: 409,
        Upstream: 503, SignInRefused: 400, TooMany: 429,
    }  # fmt: skip
    return next((status for kind, status in statuses.items() if isinstance(error, kind)), 500)


def title_of(error: PortalError) -> str:
    """What happened, in a few words that give nothing away."""
    if isinstance(error, Denied) and error.reason.startswith("csrf"):
        return _("This form is no longer valid")
    titles = {
        403: _("You may not do this"), 404: _("There is nothing here"), 401: _("Your session has ended"),
        422: _("That could not be accepted"), 409: _("Something changed in the meantime"),
        412: _("Something changed in the meantime"),
        503: _("The sign-in service does not answer"), 400: _("You were not signed in"),
        429: _("Too many requests"),
    }  # fmt: skip
    if isinstance(error, StepUp):
        return _("Please confirm that it is you")
    if isinstance(error, SignInElsewhere):
        return _("Sign in with your organization’s account")
    return titles.get(status_of(error), _("Something went wrong"))


def text_of(error: PortalError) -> str | list[str]:
    """What is said of an error: one sentence, or several."""
    if isinstance(error, Denied):
        return _text_of_denied(error)
    if isinstance(error, Invalid | Conflict):
        texts = [str(error)] if isinstance(error, Conflict) else [*error.form, *error.errors.values()]
        return [message_text(each) for each in texts if each] or _("Go back, look at the present state, and try again.")
    if isinstance(error, Upstream):
        return _text_of_upstream(error)
    if isinstance(error, TooMany):
        said = _("This was done so often that a limit is reached. Nothing was changed; try again %(time)s.")
        return said % {"time": in_text(error.retry_after)}
    if isinstance(error, SignInRefused):
        return _("The sign-in was cancelled, took too long, or began in another browser. Nothing was changed.")
    return _("The address is wrong, or what it named is gone or not meant for you.")


def _text_of_denied(error: Denied) -> str | list[str]:
    if isinstance(error, SignInElsewhere):
        return _("This organization asks its people to sign in with their account there. You signed in otherwise.")
    if error.reason.startswith("csrf"):
        return _("Nothing was changed. Go back, reload the page, and send the form again.")
    lacking, someone = _lacking(), g.get("actor")
    if lacking and someone and someone.organization:
        return [
            _("Your roles in %(name)s do not suffice for this. Lacking: %(roles)s.",
              name=someone.organization.label, roles=", ".join(lacking)),
            _("Somebody who manages roles there can give them to you."),
        ]  # fmt: skip
    return _("Your account does not have the right for this. Those who run this portal can give it to you.")


def _lacking() -> list[str]:
    """The organization's roles that an insider would need for what was asked."""
    row, someone = g.get("right"), g.get("actor")
    if row is None or someone is None or row.scope is not Scope.ORG:
        return []
    return sorted(missing(row, someone.facts))


def _text_of_upstream(error: Upstream) -> list[str]:
    said = [_("The portal could not reach the service behind it. You are still signed in; try again in a moment.")]
    if error.unknown:
        said.append(_("Your last change may or may not have been made: look before you repeat it."))
    return said
