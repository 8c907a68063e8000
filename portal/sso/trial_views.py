"""The pages about test sign-ins, for those who set a connection up."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from portal.errors import Invalid
from portal.moments import aware
from portal.sso import trial_own, trial_words, trials
from portal.web import actor, flash, page, right, see_other, takes

sso_tests = Blueprint("sso_tests", __name__, url_prefix="/<realm>/o/<organization>/sso/<alias>/test")


@sso_tests.get("")
@right("sso.test")
def index(alias: str) -> Response:
    """What a test is, the button, and the recent ones."""
    return page(
        "sso/trials.html", alias=alias, provider=trials.provider(actor(), alias), rows=trials.recent(actor(), alias),
        words=trial_words, utc=aware,
    )  # fmt: skip


@sso_tests.post("")
@right("sso.test")
def start(alias: str) -> Response:
    """Make a test address."""
    row = trials.start(actor(), alias)
    return see_other("sso_tests.show", alias=alias, trial=row.id)


@sso_tests.get("/<trial>")
@right("sso.test")
def show(alias: str, trial: str) -> Response:
    """The address while it waits, then the report."""
    return _show(alias, trial)


def _show(alias: str, trial: str, status: int = 200, wrong: str = "", wrong_secret: str = "") -> Response:
    found = trials.report(actor(), alias, trial)
    if request.args.get("seen") == found.mark:
        return Response(status=204)  # nothing new: what is on the page stays as it is
    block = "outcome" if request.args.get("part") == "outcome" and request.htmx else None  # type: ignore[attr-defined]
    given = request.form.get("response", "")[: trial_own.MOST_BYTES]
    return page(
        "sso/trial.html", block=block, status=status, alias=alias, report=found, row=found.row, words=trial_words,
        utc=aware, wrong=wrong, wrong_secret=wrong_secret, given=given, address=trials.address(actor(), found.row),
    )  # fmt: skip


@sso_tests.post("/<trial>/answer")
@takes(4 * trial_own.MOST_BYTES)
@right("sso.test")
def answer(alias: str, trial: str) -> Response:
    """Judge an answer that was pasted or uploaded."""
    try:
        trials.judge_answer(actor(), alias, trial, _given())
    except Invalid as error:
        return _show(alias, trial, status=422, wrong=error.errors.get("response", ""))
    return see_other("sso_tests.show", alias=alias, trial=trial)


@sso_tests.post("/<trial>/secret")
@right("sso.test")
def secret(alias: str, trial: str) -> Response:
    """Take the client secret for the second way of this test."""
    try:
        trials.tell_secret(actor(), alias, trial, request.form.get("secret", "").strip())
    except Invalid as error:
        return _show(alias, trial, status=422, wrong_secret=error.errors.get("secret", ""))
    flash(_("The second way is open now on the page of the test address."))
    return see_other("sso_tests.show", alias=alias, trial=trial)


def _given() -> str:
    """What was pasted, else what was uploaded."""
    sent = request.files.get("file")
    uploaded = sent.stream.read(2 * trial_own.MOST_BYTES) if sent and sent.filename else b""
    return request.form.get("response", "").strip() or uploaded.decode(errors="replace")
