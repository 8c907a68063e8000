"""The wizard that connects an identity provider: choose, follow the guide, look over what was found, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.moments import aware
from portal.sso import pasted, setups, wizard
from portal.sso.asking import Question, confirmed
from portal.sso.guides import every, guide
from portal.sso.wizard_steps import Stage, progress, stage
from portal.store.models_sso import Setup
from portal.store.setups import SAVED
from portal.web import actor, flash, page, right, see_other, services, takes
from portal.web.language import date_text, locale_tag

PROTOCOLS = {"saml": "SAML", "oidc": "OpenID Connect"}
# A document of 2 MiB, encoded as forms are.
LARGEST_FORM = 3 * 1024 * 1024
# Named apart from the module of its actions.
wizard_rooms = Blueprint("wizard", __name__, url_prefix="/<realm>/o/<organization>/sso/setup")


@wizard_rooms.get("")
@right("sso.setup")
def choose() -> Response:
    """All vendors, and what was begun already."""
    return _choose()


def _choose(status: int = 200, error: str = "") -> Response:
    vendors = [
        {"value": each.key, "label": each.name, "hint": PROTOCOLS[each.protocol]} for each in every(locale_tag())
    ]
    begun = [(row, guide(row.guide, locale_tag())) for row in setups.open_ones(actor())]
    return page("sso/choose.html", status=status, vendors=vendors, begun=begun, error=error, aware=aware)


@wizard_rooms.post("")
@right("sso.setup")
def begin() -> Response:
    """Begin with a vendor's guide."""
    key = request.form.get("guide", "")
    if key not in {each.key for each in every()}:
        return _choose(422, _("Choose where your people sign in today."))
    return see_other("wizard.resume", setup=setups.begin(actor(), key).id)


@wizard_rooms.get("/<setup>")
@right("sso.setup")
def resume(setup: str) -> Response:
    """Go on at the first step that nobody has finished."""
    row = setups.find(actor(), setup)
    if row.state == SAVED:
        return see_other("sso.show", alias=row.alias)
    return see_other("wizard.step", setup=row.id, step=stage(row, guide(row.guide)).id)


@wizard_rooms.get("/<setup>/<step>")
@right("sso.setup")
def step(setup: str, step: str) -> Response:
    """One step: what to do at the vendor, and what to enter here."""
    row = setups.find(actor(), setup)
    here = stage(row, guide(row.guide, locale_tag()), step)
    return _step(row, here, wizard.forms(actor(), row, here, sent=False))


def _step(row: Setup, here: Stage, forms: wizard.Forms, status: int = 200, problems: Sequence[str] = ()) -> Response:
    chosen = guide(row.guide, locale_tag())
    values = pasted.values(services().settings.public_url, actor().realm, row.alias, actor().here.label)
    told = {f"attribute.{field}": name for field, name in wizard.attribute_names(row, chosen).items()}
    return page(
        "sso/review.html" if here.id == setups.REVIEW else "sso/step.html", status=status, row=row, guide=chosen,
        here=here, steps=progress(row, chosen, here), forms=forms, values={**values, **told}, problems=list(problems),
        labels=wizard.LABELS, found=wizard.found(actor(), row, chosen), domains=wizard.domains(actor()),
        aware=aware,
        checked=_day(chosen.checked), edition=_day(chosen.edition),
        names=[(wizard.LABELS[field], name) for field, name in told.items()],
    )  # fmt: skip


def _day(day: date | None) -> str:
    return date_text(datetime.combine(day, time(), UTC)) if day else ""


@wizard_rooms.post("/<setup>/<step>")
@takes(LARGEST_FORM)
@right("sso.setup")
def go_on(setup: str, step: str) -> Response:
    """Check what was entered and keep it; with a mistake the same step comes back with nothing lost."""
    row = setups.find(actor(), setup)
    here = stage(row, guide(row.guide, locale_tag()), step)
    forms = wizard.forms(actor(), row, here, sent=True)
    problems = wizard.take(actor(), row, here, forms)
    if problems is not None:
        return _step(row, here, forms, 422, problems)
    if here.id == setups.REVIEW:
        flash(_("The connection is saved as a draft. Nobody’s sign-in has changed. Now try it out."))
        return see_other("sso.show", alias=row.alias)
    return see_other("wizard.step", setup=row.id, step=here.next)


@wizard_rooms.get("/<setup>/discard")
@right("sso.setup")
def discarding(setup: str) -> Response:
    """Ask before what was entered goes."""
    return _ask(setups.find(actor(), setup)).page()


def _ask(row: Setup) -> Question:
    text = [
        _("What was entered here goes. No connection was made yet, so nobody’s sign-in changes."),
        _("What you have made at %(vendor)s stays there; delete it there.", vendor=guide(row.guide).name),
    ]
    action, back = url_for("wizard.discard", setup=row.id), url_for("wizard.resume", setup=row.id)
    return Question(_("Discard this set-up?"), text, _("Discard"), action, back)


@wizard_rooms.post("/<setup>/discard")
@right("sso.setup")
def discard(setup: str) -> Response:
    """Discard a set-up that has made no connection."""
    row = setups.find(actor(), setup)
    return confirmed(lambda: _ask(row), lambda: _dropped(row), "wizard.choose")


def _dropped(row: Setup) -> str:
    setups.drop(actor(), row)
    return _("The set-up is discarded.")
