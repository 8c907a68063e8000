"""Signing in and out, over HTTP."""

from __future__ import annotations

import time

import structlog
from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from portal.errors import NotFound, PortalError, SessionEnded
from portal.signin import logout
from portal.signin.flow import Arrival, Errand, Returned, begin, finish
from portal.signin.provider import SignInRefused
from portal.standing import Standing
from portal.store import connections
from portal.store.models import SessionRow
from portal.web import actor, page, right, see_other, services
from portal.web.addresses import local
from portal.web.current import browser

signin = Blueprint("signin", __name__, url_prefix="/<realm>")
log = structlog.get_logger("portal.signin")

OFTEN, WITHIN = 5, 60.0


@signin.get("/signin")
@right("signin.start")
def start() -> Response:
    """Off to Keycloak. Whoever is sent here again and again within a minute gets a page instead: no loop."""
    wanted = local(request.args.get("next", ""))
    recent = [at for at in browser().get("attempts", []) if time.time() - at < WITHIN]
    if len(recent) >= OFTEN:
        return _again(wanted, 429)
    browser()["attempts"] = [*recent, time.time()]
    hints = {"ui_locales": str(browser().get("locale", "")), "kc_idp_hint": ""}
    return _away(Errand(next=wanted), **hints)


def _away(errand: Errand, **hints: str) -> Response:
    return redirect(begin(services(), g.realm, browser(), errand, **hints), 302)  # type: ignore[return-value]


def _again(wanted: str, status: int) -> Response:
    return page(
        "error.html", status=status, code=None, title=_("Signing in did not come to an end"),
        text=[
            _("You were signed in several times within a minute, but your session did not last."),
            _("Wait a minute and try again. If it happens again, tell those who run this portal."),
        ],
        actions=[{"label": _("Try again"), "url": url_for("signin.start", next=wanted), "kind": "primary"}],
        reference=g.request_id,
    )  # fmt: skip


@signin.get("/signin/confirm")
@right("signin.confirm")
def confirm() -> Response:
    """Step-up: sign in again as the same person, then on to `next`."""
    row = browser().row
    if row is None or row.sub is None:
        raise SessionEnded("nobody is signed in")
    hint = str(row.claims.get("identity_provider", ""))
    errand = Errand(next=local(request.args.get("next", "")), sub=row.sub, max_age=1)
    return _away(errand, kc_idp_hint=hint, login_hint="" if hint else str(row.claims.get("preferred_username", "")))


@signin.get("/signin/through")
@right("signin.confirm")
def through() -> Response:
    """Sign in again as the same person, by a connection of an organization."""
    row, alias = browser().row, request.args.get("provider", "")
    if row is None or row.sub is None:
        raise SessionEnded("nobody is signed in")
    if not _leads_home(row, alias):
        raise NotFound("no connection of an organization of this person")
    errand = Errand(next=local(request.args.get("next", "")), sub=row.sub, max_age=1)
    return _away(errand, kc_idp_hint=alias)


def _leads_home(row: SessionRow, alias: str) -> bool:
    """Whether a connection is active and of an organization that the person belongs to: the address of this page may
    come from anybody, and must not lead to whatever an organization's administrators call their identity provider."""
    found = connections.at(services().store, g.realm.name, alias)
    standing = Standing.parse(row.roles.get("standing") or {})
    mine = {each.organization.id for each in standing.belongings}
    return found is not None and found.state == connections.ACTIVE and (standing.many or found.organization in mine)


@signin.get("/signin/callback")
@right("signin.finish")
def callback() -> Response:
    """Back from Keycloak."""
    try:
        arrival = finish(services(), g.realm, browser(), request.args)
    except Returned as error:
        log.warning("sign-in refused", reason=str(error), request_id=g.request_id)
        return _came_back(error.errand)
    generate_csrf()
    if arrival.errand.action:
        return _from_action(arrival)
    return redirect(arrival.errand.next or url_for("home.show"), 302)  # type: ignore[return-value]


def _from_action(arrival: Arrival) -> Response:
    errand = arrival.errand
    browser()["trip"] = {
        "action": errand.action, "status": arrival.status, "snapshot": errand.snapshot, "at": errand.begun,
    }  # fmt: skip
    return redirect(url_for(errand.then), 302)  # type: ignore[return-value]


def _came_back(errand: Errand) -> Response:
    """Keycloak sent the person back without signing in: say so; never send him off again by ourselves."""
    again = url_for("signin.confirm" if errand.sub else "signin.start", next=errand.next)
    actions = [{"label": _("Try again"), "url": again, "kind": "primary"}]
    if errand.sub:
        actions.append({"label": _("Go back"), "url": url_for("home.show"), "kind": ""})
    return page(
        "error.html", status=400, title=_("You were not signed in"),
        text=_("The sign-in was cancelled, took too long, or came back for another account. Nothing was changed."),
        actions=actions, reference=g.request_id,
    )  # fmt: skip


@signin.post("/signout")
@right("signout")
def sign_out() -> Response:
    """End the Keycloak session and this one, then show our own page."""
    ended = logout.leave(actor(), browser())
    response = see_other("signin.signed_out", **({} if ended else {"partly": 1}))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@signin.get("/signed-out")
@right("signin.signed_out")
def signed_out() -> Response:
    """Where signing out ends."""
    if browser().signed_in:
        return redirect(url_for("home.show"), 302)  # type: ignore[return-value]
    return page("signin/signed_out.html", partly="partly" in request.args)


@signin.post("/signin/backchannel-logout")
@right("signin.backchannel_logout")
def backchannel_logout() -> Response:
    """Keycloak says that a session is over (OpenID Connect Back-Channel Logout 1.0)."""
    try:
        logout.by_token(services(), g.realm, request.form.get("logout_token", ""))
    except SignInRefused as error:
        log.warning("logout token refused", reason=str(error), request_id=g.request_id)
        return Response("", 400)
    except PortalError:
        return Response("", 503)
    return Response("", 200)
