"""The test address: what will happen, the way to the identity provider, and back. Nobody is signed in by it."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask_babel import gettext as _

from portal.access import BY_NAME, switched_off
from portal.access_grant import upkeep
from portal.errors import Denied, Invalid, NotFound, PortalError
from portal.signin.provider import SignInRefused
from portal.sso import trial_end, trial_own, trial_rows, trial_run, trial_words
from portal.sso.trial_rows import Run
from portal.store import trials
from portal.store.models_sso import Trial
from portal.web import page, right, services, takes
from portal.web.language import chosen

tries = Blueprint("tries", __name__, url_prefix="/<realm>/sso/test")
log = structlog.get_logger("portal.sso")


@tries.get("/open/<token>")
@right("sso.try")
def show(token: str) -> Response:
    """Who asks for what, what is recorded and for how long. Changes nothing."""
    row = _alive(token)
    return page("sso/try.html", row=row, token=token, organization_name=_organization(row), words=trial_words)


@tries.post("/open/<token>/begin")
@right("sso.try")
def begin(token: str) -> Response:
    """The button: from here on a cookie of its own says which test this browser makes."""
    _check_origin()
    row = _alive(token)
    trial_run.opened(_run(row))
    answer: Response = redirect(url_for("tries.ready"), 303)  # type: ignore[assignment]
    answer.set_cookie(_cookie_name(), token, max_age=int(trial_rows.LIFE.total_seconds()), path="/",
                      secure=services().settings.secure, httponly=True, samesite="Lax")  # fmt: skip
    return answer


@tries.get("")
@right("sso.try")
def ready() -> Response:
    """The link to the identity provider; after the way back, what came of it."""
    run = _mine()
    trial_end.look(run)
    asked = bool(trial_rows.secrets_of(services(), run.row).get("asked")) or run.row.state == trial_rows.FAILED
    second = asked and run.row.source in trial_rows.UNSEEN and trial_own.possible(run)
    return page("sso/try_ready.html", row=run.row, state=trial_rows.state_of(run.row), second=second,
                organization_name=_organization(run.row),
                words=trial_words)  # fmt: skip


@tries.get("/go")
@right("sso.try")
def go() -> Response:
    """Off to Keycloak and on to the identity provider."""
    run = _mine()
    if not trial_rows.may_go_on(run.row):
        return redirect(url_for("tries.ready"), 302)  # type: ignore[return-value]
    return redirect(trial_run.away(run, chosen()), 302)  # type: ignore[return-value]


@tries.get("/callback")
@right("sso.try")
def callback() -> Response:
    """Back from Keycloak."""
    run = _mine()
    try:
        trial_run.back(run, request.args)
    except SignInRefused as error:
        log.warning("a test came back wrong", trial=run.row.id, reason=str(error), request_id=g.request_id)
    return redirect(url_for("tries.ready"), 303)  # type: ignore[return-value]


@tries.get("/own")
@right("sso.try")
def own() -> Response:
    """The second way: the portal asks the identity provider itself."""
    run = _mine()
    if not trial_rows.may_go_on(run.row) or not trial_own.possible(run):
        return redirect(url_for("tries.ready"), 302)  # type: ignore[return-value]
    return redirect(trial_own.away(run), 302)  # type: ignore[return-value]


@tries.get("/oidc")
@right("sso.try")
def oidc() -> Response:
    """The answer to the portal's own question, by OpenID Connect."""
    run = _mine()
    try:
        trial_own.oidc_back(run, request.args)
    except SignInRefused as error:
        log.warning("a test came back wrong", trial=run.row.id, reason=str(error), request_id=g.request_id)
    return redirect(url_for("tries.ready"), 303)  # type: ignore[return-value]


@tries.post("/acs")
@takes(2 * trial_own.MOST_BYTES)
@right("sso.try")
def acs() -> Response:
    """The answer to the portal's own question, by SAML. It comes from elsewhere, so neither cookie nor form token is
    with it: what it answers says which test it belongs to, and it signs nobody in."""
    answer = request.form.get("SAMLResponse", "")
    try:
        trial_id, request_id = trial_own.owner_of(answer)
        row = trials.by_id(services().store, g.realm.name, trial_id)
        if row is None or not trial_rows.may_go_on(row):
            raise NotFound("no such test")
        trial_own.saml_back(_run(row), answer, request_id)
    except (Invalid, SignInRefused) as error:
        log.warning("no answer to a test", reason=str(error), request_id=g.request_id)
        raise NotFound("no answer to a test") from error
    return redirect(url_for("tries.ready"), 303)  # type: ignore[return-value]


def _alive(token: str) -> Trial:
    try:
        off = switched_off(dict(services().realm_facts(g.realm.name).attributes))
        if off & set(BY_NAME["sso.test"].sections):
            raise NotFound("switched off")
        return trial_rows.alive(services(), g.realm.name, token)
    except NotFound:
        log.info("no such test", request_id=g.request_id)
        abort(_over())


def _over() -> Response:
    return page(
        "error.html", status=410, title=_("This test is over"),
        text=_("A test address is good for an hour. Ask whoever sent it to you for a new one."),
    )  # fmt: skip


def _mine() -> Run:
    return _run(_alive(request.cookies.get(_cookie_name(), "")))


def _run(row: Trial) -> Run:
    return Run(services(), g.realm, row)


def _cookie_name() -> str:
    settings = services().settings
    if settings.secure:
        return f"__Host-portal-test-{g.realm.name}"
    return f"portal-test-{g.realm.name}-{urlsplit(settings.public_url).port or 80}"


def _organization(row: Trial) -> str:
    try:
        return services().orgs.described(upkeep(row.realm, "sso.try", row.organization), row.organization).label
    except PortalError:
        return _("an organization")


def _check_origin() -> None:
    """Whoever comes here has no session, so there is no form token: the button's own page must have sent it."""
    ours = urlsplit(services().settings.public_url)
    if request.headers.get("Origin") not in {None, f"{ours.scheme}://{ours.netloc}"}:
        raise Denied("csrf: origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Denied("csrf: site")
