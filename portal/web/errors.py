"""The one place where trouble becomes a page, a fragment or a problem document."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from portal.errors import (  # fmt: skip
    Denied,
    PortalError,
    SessionEnded,
    SignInElsewhere,
    StepUp,
    TooMany,
    Upstream,
)
from portal.signin.provider import SignInRefused
from portal.web import vendor
from portal.web.addresses import is_setup, local, referer
from portal.web.current import browser, realm, services
from portal.web.error_words import status_of, text_of, title_of
from portal.web.problems import of_error, problem, wants_problem
from portal.web.render import page

log = structlog.get_logger("portal.errors")
KEPT = ("attempts", "return_link", "invitation")


def init(app: Flask) -> None:
    """Handle everything that is raised."""
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _portal_error(error: PortalError) -> Response:
    log.info("refused", error=type(error).__name__, reason=_reason(error), request_id=g.get("request_id"))
    if wants_problem():
        return _problem_of(error)
    if vendor.wanted():
        return vendor.of_error(error, status_of(error))
    if is_setup() and isinstance(error, SessionEnded):
        # Imported late: pages of links are made by this package.
        from portal.links.pages import gone

        return gone(error)
    if isinstance(error, SessionEnded):
        return _session_ended()
    if isinstance(error, StepUp):
        return _step_up(_confirming(error))
    return _page_of(error)


def _confirming(error: StepUp) -> str:
    """Where somebody proves anew who he is."""
    if is_setup():
        return "home.confirming"
    return "settings.confirm" if error.operator else "signin.confirm"


def _reason(error: PortalError) -> str:
    return error.reason if isinstance(error, Denied) else str(error)


def _page_of(error: PortalError) -> Response:
    status = status_of(error)
    response = page(
        "error.html", status=status, code=status, title=title_of(error), text=text_of(error), actions=_ways_on(error),
        reference=g.get("request_id"),
    )  # fmt: skip
    return _with_time(response, error)


def _with_time(response: Response, error: PortalError) -> Response:
    """Tell programs when to try again (RFC 9110, 10.2.3)."""
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Upstream):
        response.headers["Retry-After"] = "5"
    return response


def _ways_on(error: PortalError) -> list[dict[str, str]]:
    if realm() is None:
        return []
    if isinstance(error, SignInRefused):
        return [{"label": _("Try again"), "url": url_for("signin.start"), "kind": "primary"}]
    home = {"label": _("To the start page"), "url": url_for("home.show"), "kind": ""}
    if isinstance(error, SignInElsewhere):
        wanted = local(request.full_path) if request.method == "GET" else referer()
        url = url_for("signin.through", provider=error.alias, next=wanted)
        return [{"label": _("Sign in there"), "url": url, "kind": "primary"}, home]
    again = request.full_path if request.method == "GET" else referer()
    if isinstance(error, Upstream) and again:
        return [{"label": _("Try again"), "url": again.rstrip("?"), "kind": "primary"}, home]
    back = referer()
    return [{"label": _("Go back"), "url": back, "kind": "primary"}, home] if back else [home]


def _session_ended() -> Response:
    """Off to sign-in and back to the same page; a form that was sent is answered by a page that says so."""
    kept = {key: browser()[key] for key in KEPT if key in browser()}
    if browser().signed_in:
        services().sessions.end(browser())
        browser().update(kept)
    htmx, get = "HX-Request" in request.headers, request.method == "GET"
    wanted = referer() if htmx or not get else local(request.full_path)
    target = url_for("signin.start", next=wanted or None)
    if htmx and get:
        return Response("", 200, {"HX-Redirect": target})
    if get:
        return redirect(target, 302)  # type: ignore[return-value]
    return page(
        "error.html", status=401, title=_("Your session has ended"),
        text=_("Nothing was changed. Sign in again, and you come back to where you were."),
        actions=[{"label": _("Sign in"), "url": target, "kind": "primary"}],
    )  # fmt: skip


def _step_up(endpoint: str) -> Response:
    get = request.method == "GET"
    target = url_for(endpoint, next=local(request.full_path) if get else referer())
    if get and "HX-Request" not in request.headers:
        return redirect(target, 302)  # type: ignore[return-value]
    return page(
        "error.html", status=403, title=_("Please confirm that it is you"),
        text=_("Your sign-in is too long ago for this. Nothing was changed; sign in once more and then repeat it."),
        actions=[{"label": _("Confirm that it is me"), "url": target, "kind": "primary"}],
    )  # fmt: skip


def _http_error(error: HTTPException) -> Response:
    if error.code and error.code < 400 and error.response is None:
        return error.get_response()  # type: ignore[return-value]
    _take_realm_of_path()
    code = error.code or 500
    titles = {
        404: _("There is nothing here"), 405: _("There is nothing here"), 413: _("That is too much at once"),
        429: _("Too many requests"),
    }  # fmt: skip
    title = titles.get(code, _("That request could not be understood"))
    if wants_problem():
        return _with_headers(problem(code, title), error)
    if vendor.wanted():
        return _with_headers(vendor.of_status(code), error)
    texts = {
        404: _("The address is wrong, or what it named is gone or not meant for you."),
        429: _("You asked faster than the portal can answer everybody. Wait a minute and try again."),
    }
    text = texts.get(code, _("Go back and try again."))
    return _with_headers(
        page("error.html", status=code, code=code, title=title, text=text, actions=_home(), reference=None), error
    )


def _take_realm_of_path() -> None:
    """An address without a view still begins with a realm, whose look and way home belong on the page."""
    name = request.path.split("/")[1]
    if realm() is None and name in services().settings.realms:
        g.realm = services().realm(name)


def _with_headers(response: Response, error: HTTPException) -> Response:
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _home() -> list[dict[str, str]]:
    return [{"label": _("To the start page"), "url": url_for("home.show"), "kind": ""}] if realm() else []


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected", exc_info=error, request_id=g.get("request_id"))
    if wants_problem():
        return problem(500, _("Something went wrong"))
    if vendor.wanted():
        return vendor.of_status(500)
    try:
        return page(
            "error.html", status=500, code=500, title=_("Something went wrong"),
            text=_("This is the portal's fault, not yours. It has been recorded; with the reference it can be found."),
            actions=_home(), reference=g.get("request_id"),
        )  # fmt: skip
    except Exception as again:  # the page of last resort needs nothing that may be broken
        log.error("no error page", error=type(again).__name__, request_id=g.get("request_id"))
        return Response(f"Something went wrong. Reference: {g.get('request_id')}\n", 500, content_type="text/plain")


def _problem_of(error: PortalError) -> Response:
    titles = {401: _("A bearer token is needed"), 403: _("You may not do this")}
    status = status_of(error)
    title = title_of(error) if isinstance(error, StepUp) else titles.get(status, title_of(error))
    return _with_time(of_error(error, status, title), error)
