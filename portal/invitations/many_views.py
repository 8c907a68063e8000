"""Inviting many: the list, its check, and how far the work is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import FileField, SelectMultipleField, TextAreaField

from portal.errors import Invalid
from portal.forms import ConfirmForm
from portal.invitations import many as work
from portal.invitations import sheet, words
from portal.invitations.actions import given, roles
from portal.invitations.forms import LetterForm
from portal.invitations.placing import applications
from portal.jobs import actions as jobs
from portal.messages import text as message_text
from portal.moments import aware
from portal.organizations.words import described
from portal.web import actor, flash, page, right, see_other, services, takes
from portal.web.language import locale_tag, offered
from portal.web.listing import Listing, listing

many = Blueprint("many", __name__, url_prefix="/<realm>/o/<organization>/invitations/many")
# A list as a form sends it: every character may take three bytes there.
LARGEST_FORM = 4 * sheet.LARGEST
SHOWN = 50


class ManyForm(LetterForm):
    """A list of people, and what their invitations share."""

    people = TextAreaField()
    file = FileField()
    roles = SelectMultipleField(choices=[], validate_choice=False)


def _made(**given: Any) -> ManyForm:
    form = ManyForm(data=given) if given else ManyForm()
    form.offer(offered(), applications(services(), actor().realm.name))
    return form


def _form(form: ManyForm, *, status: int = 200, problems: list[str] | None = None, **about: Any) -> Response:
    known = about.pop("known", None) or roles(actor())
    options = described(given(actor(), known), known)
    about.setdefault("lines", None)
    recent = jobs.recent(services(), actor().realm.name, actor().here.id, work.KIND)
    return page(
        "invitations/many.html", status=status, form=form, roles=options, problems=problems or [], recent=recent,
        shown=SHOWN, aware=aware, **about,
    )  # fmt: skip


@many.get("")
@right("invitations.create")
def new() -> Response:
    """Paste a list or choose a file."""
    return _form(_made(locale=locale_tag()))


@many.post("")
@takes(LARGEST_FORM)
@right("invitations.create")
def create() -> Response:
    """Check the list; send the invitations when told to."""
    form = _made()
    known = roles(actor())
    try:
        form.people.data = _text(form)
        lines = work.check(actor(), sheet.read(form.people.data), form.roles.data or [], known)
    except Invalid as error:
        return _form(form, status=422, problems=[message_text(each) for each in error.form], known=known)
    good = [line for line in lines if not line.problem]
    if not form.validate() or (request.form.get("do") == "send" and not good):
        return _form(form, status=422, lines=lines, good=good, known=known)
    if request.form.get("do") != "send":
        return _form(form, lines=lines, good=good, known=known)
    job = work.start(actor(), good, form.letter())
    flash(ngettext("%(num)d invitation is being sent.", "%(num)d invitations are being sent.", len(good)))
    return see_other("many.show", job=job)


def _text(form: ManyForm) -> str:
    upload = request.files.get("file")
    if upload and upload.filename:
        return sheet.decoded(upload.stream.read(sheet.LARGEST + 1))
    return form.people.data or ""


@many.get("/<job>")
@right("invitations.view")
def show(job: str) -> Response:
    """How far the work is, and what became of each row."""
    progress = jobs.progress(services(), actor().realm.name, actor().here.id, job)
    if request.args.get("part") == "progress":
        response = page("invitations/job.html", "progress", progress=progress, words=words, aware=aware)
        if progress.over:
            response.headers["HX-Refresh"] = "true"
        return response
    view = listing("outcomes", "state")
    if not isinstance(view, Listing):
        return view
    state = view.filters.get("state", "")
    states = (state,) if state in progress.counts else ()
    rows = jobs.rows(services(), progress.job, states, view.first, view.maximum)
    total = progress.counts[state] if states else progress.job.total
    return page("invitations/job.html", progress=progress, view=view, rows=rows, total=total, words=words, aware=aware)


@many.get("/<job>/outcomes.csv")
@right("invitations.view")
def outcomes(job: str) -> Response:
    """What became of each row, as a file."""
    found = jobs.progress(services(), actor().realm.name, actor().here.id, job).job
    body = "".join(work.outcomes(services(), found))
    head = {"Content-Disposition": f'attachment; filename="invitations-{found.created:%Y-%m-%d}.csv"'}
    return Response(body, headers=head, content_type="text/csv; charset=utf-8")


@many.post("/<job>/stop")
@right("invitations.create")
def stop(job: str) -> Response:
    """Leave the rest unsent."""
    if not ConfirmForm().validate():
        raise Invalid(form=[_("Please confirm.")])
    left = jobs.stop(actor(), actor().here.id, job)
    flash(ngettext("Stopped. %(num)d invitation was not sent.", "Stopped. %(num)d invitations were not sent.", left))
    return see_other("many.show", job=job)
