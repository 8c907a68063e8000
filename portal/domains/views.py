"""The pages about an organization's domains."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.domains import actions, words
from portal.domains.actions import Claim
from portal.domains.forms import DomainForm
from portal.domains.names import known, registrable
from portal.domains.providers import BY_KEY, PROVIDERS, Provider, name_hint, provider
from portal.domains.records import record_name, record_value
from portal.domains.schedule import EAGER, GRACE
from portal.errors import Invalid
from portal.forms import ConfirmForm, apply
from portal.moments import aware
from portal.web import actor, flash, page, right, see_other
from portal.web.language import date_text

domains = Blueprint("domains", __name__, url_prefix="/<realm>/o/<organization>/domains")


@domains.get("")
@right("domains.view")
def index() -> Response:
    """All domains with their state, and the form to add one."""
    return _list(DomainForm(actor(), formdata=None))


def _list(form: DomainForm, status: int = 200) -> Response:
    found = actions.claims(actor())
    return page(
        "domains/list.html", status=status, claims=found, form=form, words=words, utc=aware, eager=EAGER.days,
        situation=_situation,
    )  # fmt: skip


@domains.post("")
@right("domains.manage")
def add() -> Response:
    """Claim a domain; with a mistake the same form comes back with the reason."""
    form = DomainForm(actor())
    if not form.validate() or form.name is None:
        return _list(form, 422)
    try:
        row = actions.add(actor(), form.name)
    except Invalid as error:
        apply(form, error)
        return _list(form, 422)
    _tell(actions.find(actor(), row.name), _("%(domain)s is added. Publish its record now.", domain=form.name.unicode))
    return see_other("domains.show", name=row.name)


@domains.get("/<name>")
@right("domains.view")
def show(name: str) -> Response:
    """One domain: its record, what was found of it, and how things stand."""
    claim = actions.find(actor(), name)
    guessed = str(claim.row.finding.get("provider") or "")
    asked = request.args.get("provider", guessed)
    chosen = provider(asked)
    return page(
        "domains/show.html", claim=claim, record=_record(claim, chosen), chosen=chosen, guessed=guessed,
        providers=[(each.key, each.name) for each in PROVIDERS], told=words.told(claim),
        answers=words.answers(claim), situation=_situation(claim), words=words, utc=aware, eager=EAGER.days,
        known_provider=guessed in BY_KEY,
    )  # fmt: skip


def _record(claim: Claim, chosen: Provider) -> dict[str, str]:
    """The record as it is published, and what to type as its name at this provider."""
    name, zone = record_name(claim.row.name), str(claim.row.finding.get("zone") or registrable(claim.row.name))
    short = chosen.name_field(name, zone)
    hint = name_hint(chosen) or _(
        "If your provider puts the domain behind what you type, enter only %(short)s.", short=short
    )
    return {
        "name": name, "value": record_value(claim.row.name, actor().here.id), "typed": short if chosen.key else name,
        "hint": hint,
    }  # fmt: skip


def _situation(claim: Claim) -> words.Told | None:
    since = claim.row.failing_since
    return words.situation(claim, date_text(aware(since + GRACE)) if since else "")


@domains.post("/<name>/check")
@right("domains.manage")
def check(name: str) -> Response:
    """Look for the record now."""
    actions.check(actor(), name)
    _tell(actions.find(actor(), name), "")
    return see_other("domains.show", name=name)


def _tell(claim: Claim, otherwise: str) -> None:
    told = words.told(claim)
    if claim.verified and told and told.kind == "ok":
        flash(_("%(domain)s is verified.", domain=claim.name.unicode))
    elif otherwise:
        flash(otherwise)
    elif told:
        flash(_("Looked up: %(found)s.", found=told.title), "note")


@domains.get("/<name>/remove")
@right("domains.manage")
def removing(name: str) -> Response:
    """Ask whether a domain shall go."""
    return _ask(actions.find(actor(), name))


def _ask(claim: Claim, status: int = 200) -> Response:
    shown = claim.name.unicode
    if claim.in_use:
        text = [
            _("People with addresses of %(domain)s are no longer led to the sign-in of %(organization)s. Nobody is "
              "signed out, and no account is changed.", domain=shown, organization=actor().here.label),
            _("To have it back later, its record must still be published, or be published again."),
        ]  # fmt: skip
    else:
        text = [_("It is not used yet, so nothing changes for anybody. The record in your DNS can go too.")]
    return page(
        "confirm.html", status=status, title=_("Remove %(domain)s?", domain=shown), text=text,
        deed=_("Remove %(domain)s", domain=shown), action=url_for("domains.remove", name=claim.row.name),
        cancel=url_for("domains.show", name=claim.row.name),
    )  # fmt: skip


@domains.post("/<name>/remove")
@right("domains.manage")
def remove(name: str) -> Response:
    """Take a domain away."""
    claim = actions.find(actor(), name)
    if not ConfirmForm().validate():
        return _ask(claim, 422)
    record = actions.remove(actor(), name)
    flash(_("%(domain)s is removed.", domain=claim.name.unicode), undo_url=url_for("domains.restore", record=record))
    return see_other("domains.index")


@domains.post("/undo/<record>")
@right("domains.manage")
def restore(record: str) -> Response:
    """Take a removal back."""
    row = actions.restore(actor(), record)
    _tell(actions.find(actor(), row.name), _("%(domain)s is among your domains again.", domain=known(row.name).unicode))
    return see_other("domains.show", name=row.name)
