"""The one gate in front of every view: realm, session, table of rights, fresh sign-in, form token, limits."""

from __future__ import annotations

import dataclasses
import time
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import validate_csrf
from werkzeug.routing import Map
from wtforms import ValidationError

from portal import standing
from portal.access import API, Right, Scope, Verdict, Via, decide
from portal.actor import Actor
from portal.errors import Denied, NotFound, SessionEnded, StepUp, Upstream
from portal.links import guest
from portal.signin import person
from portal.signin.guests import GuestBrowser
from portal.sso.policy import check_sign_in
from portal.standing import address
from portal.store.counters import source
from portal.web import asked, limits, portal_link
from portal.web.addresses import is_setup
from portal.web.current import browser, services
from portal.web.language import chosen
from portal.web.rights import right_of, size_of

SAFE = {"GET", "HEAD", "OPTIONS"}
READ_REUSE = 5.0


def init(app: Flask) -> None:
    """Put the gate in front of every view, and the realm of the address into `g.realm`."""
    app.url_value_preprocessor(_take_realm)
    app.url_defaults(_give_realm)
    app.before_request(_gate)


def _take_realm(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "realm" in values:
        g.realm = services().realm(values.pop("realm"))
    if values and "organization" in values:
        g.organization_reference = values.pop("organization")


def _give_realm(endpoint: str, values: dict[str, Any]) -> None:
    expected = _expected(current_app.url_map, endpoint)
    if "realm" in expected and "realm" not in values and g.get("realm"):
        values["realm"] = g.realm.name
    if "organization" in expected and "organization" not in values:
        someone = g.get("actor")
        if someone is not None and someone.organization:
            values["organization"] = address(someone.organization)
        elif is_setup() and g.get("organization_reference"):
            # Refused before it was known whose link it is; the page that says so leads back to where it was asked.
            values["organization"] = g.organization_reference


@lru_cache(1024)
def _expected(addresses: Map, endpoint: str) -> frozenset[str]:
    """Which of the two the address of an endpoint has. Asked for each link of a page."""
    return frozenset(name for name in ("realm", "organization") if addresses.is_endpoint_expecting(endpoint, name))


def _gate() -> Response | None:
    row = right_of(current_app, request.endpoint)
    if row is None:
        return None
    g.right = row
    if size := size_of(current_app, request.endpoint):
        request.max_content_length = request.max_form_memory_size = size
    limits.check_flood()
    if row.scope is Scope.PUBLIC:
        _check_address()
        limits.check(row, source(request.remote_addr or ""))
        return None
    if request.blueprint == "api":
        if API not in row.faces:
            raise NotFound("not on this face")
        return None  # The JSON face names its callers itself, by bearer token, and asks `admit`.
    if request.blueprint == "compat":
        return None  # So does this one, by their keys.
    visitor = browser()
    if isinstance(visitor, GuestBrowser):
        _check_address()
        _admit_guest(row, visitor)
        return None
    moved = portal_link.accept()
    if moved is not None:
        return moved
    admit(row, _signed_in())
    return None


def _admit_guest(row: Right, visitor: GuestBrowser) -> None:
    """Let the holder of a setup link through for this row, at the organization of his link and nowhere else."""
    writing = request.method not in SAFE
    someone = guest.of_browser(services(), visitor, chosen(), _about_request(), writing=writing)
    g.actor = someone
    if decide(row, someone.facts) in {Verdict.HIDDEN, Verdict.DENIED}:
        raise NotFound("not what this link is for")
    g.actor = someone = dataclasses.replace(someone, organization=guest.at(someone, g.organization_reference))
    if writing:
        check_form_token()
    if decide(row, someone.facts) is Verdict.STEP_UP:
        raise StepUp(row.fresh)
    limits.check(row, someone.sub)


def _signed_in() -> Actor:
    if not browser().signed_in:
        raise SessionEnded("nobody is signed in")
    return person.of_browser(services(), g.realm, browser(), chosen(), _about_request())


def _about_request() -> dict[str, str]:
    return {"ip_address": request.remote_addr or "", "request_id": g.request_id}


def admit(row: Right, someone: Actor, *, cookie: bool = True) -> Actor:
    """Let `someone` through for this row, with facts as fresh as the row needs, or raise why not."""
    someone = _with_standing(row, _with_fresh_roles(row, someone))
    g.actor = someone
    verdict = decide(row, someone.facts)
    if verdict is Verdict.HIDDEN:
        raise NotFound("switched off")
    if verdict is Verdict.DENIED:
        raise Denied("role missing")
    if verdict is Verdict.SIGN_IN:
        raise SessionEnded("nobody is signed in")
    if cookie and request.method not in SAFE:
        check_form_token()
    if verdict is Verdict.STEP_UP:
        raise StepUp(row.fresh)
    _check_address()
    if row.scope is Scope.ORG and row.organization:
        check_sign_in(someone)
    if row.via is Via.OPERATOR:
        someone.attributes.check()
    if not someone.key:  # What a key does is counted in the database, for each key.
        limits.check(row, someone.sub)
    return someone


def _check_address() -> None:
    """Raise `NotFound` for a path with a zero byte, which names nothing. OPTIONS is answered for any path."""
    if asked.NOTHING in request.path and request.method != "OPTIONS":
        raise NotFound("zero byte")


def _with_fresh_roles(row: Right, someone: Actor) -> Actor:
    """Roles as Keycloak has them now, where the remembered ones may not decide (AUTHORIZATION.md 3)."""
    if someone.facts.only is not None:
        return someone  # A link or a key has no account whose roles could matter.
    unsafe = request.method not in SAFE
    verdict = decide(row, someone.facts)
    if verdict is Verdict.HIDDEN and someone.roles_at:
        return someone
    old = time.time() - someone.roles_at > READ_REUSE
    # A new session knows no roles yet, and the navigation needs them.
    ask = (bool(row.account) if unsafe else old and bool(row.account)) or not someone.roles_at
    if not ask and verdict is not Verdict.DENIED:
        return someone
    roles = person.fresh_roles(services(), someone)
    return dataclasses.replace(
        someone, facts=dataclasses.replace(someone.facts, account_roles=roles), roles_at=time.time()
    )


def _with_standing(row: Right, someone: Actor) -> Actor:
    """Where somebody stands among organizations, as freshly as the row needs it (AUTHORIZATION.md 3)."""
    writing = request.method not in SAFE
    if row.scope is Scope.ORG:
        someone = standing.at(someone, g.organization_reference, fresh=writing)
        if decide(row, someone.facts) is Verdict.DENIED and not writing and someone.standing.read:
            someone = standing.at(someone, g.organization_reference, fresh=True)
        # Who was no operator when he signed in may be one now.
        unread = row.realm and not someone.standing.realm_roles
        return standing.with_realm_roles(someone) if unread else someone
    if row.scope is Scope.REALM:
        return standing.with_realm_roles(someone)
    if not someone.standing.read and not writing and someone.remember is not None:
        return _learned(someone)
    return someone


def _learned(someone: Actor) -> Actor:
    """A new session learns where the person belongs. Pages about oneself do not depend on it."""
    try:
        return standing.learn(someone)
    except (Upstream, Denied):
        return someone


def check_form_token() -> None:
    """Refuse a form that did not come from a page of ours: Origin, Sec-Fetch-Site and the token in the form."""
    check_origin()
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
    except ValidationError as error:
        raise Denied("csrf: token") from error


def check_origin() -> None:
    """Refuse what another site sent, as far as the browser tells."""
    ours = urlsplit(services().settings.public_url)
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{ours.scheme}://{ours.netloc}":
        raise Denied("csrf: origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Denied("csrf: site")
