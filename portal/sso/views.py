"""The pages about an organization's connections to identity providers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, url_for
from flask_babel import gettext as _

from portal.errors import Conflict, NotFound
from portal.moments import aware
from portal.sso import actions, gates, saving, words
from portal.sso import adopting as adopting_
from portal.sso.actions import Shown
from portal.sso.adopting import Prospect
from portal.sso.asking import Question, confirmed
from portal.sso.effects import effect
from portal.sso.forms import ConnectionForm, OverrideForm
from portal.web import actor, flash, page, right, see_other

sso = Blueprint("sso", __name__, url_prefix="/<realm>/o/<organization>/sso")


@sso.get("")
@right("sso.view")
def index() -> Response:
    """All connections with their state."""
    found = actions.listed(actor())
    return page("sso/list.html", connections=found, words=words, utc=aware, vendor=_vendor, wizard=_wizard())


def _wizard() -> str:
    return url_for("wizard.choose") if "wizard.choose" in current_app.view_functions else ""


def _vendor(shown: Shown) -> str:
    return actions.vendor(actor(), shown.row) or shown.protocol


@sso.get("/<alias>")
@right("sso.view")
def show(alias: str) -> Response:
    """One connection."""
    shown = actions.find(actor(), alias)
    return page(
        "sso/show.html", shown=shown, situation=words.situation(shown), words=words, utc=aware, vendor=_vendor,
        ready=_ready(shown),
    )  # fmt: skip


def _ready(shown: Shown) -> str:
    """What stands between this connection and going live; empty if nothing does."""
    if shown.row is None or shown.provider is None or shown.row.state == "active":
        return ""
    try:
        gates.check_proved(actor(), shown.row, shown.provider)
    except Conflict as error:
        return str(error)
    return ""


@sso.get("/<alias>/edit")
@right("sso.manage")
def editing(alias: str) -> Response:
    """Ask for name and domains."""
    shown = _own(alias)
    form = ConnectionForm(_choices(shown), formdata=None, name=shown.name, domains=list(shown.domains))
    return _ask_edit(shown, form)


def _own(alias: str) -> Shown:
    shown = actions.find(actor(), alias)
    if shown.row is None or shown.provider is None:
        raise NotFound("not a connection of the portal's")
    return shown


def _choices(shown: Shown) -> list[str]:
    return sorted(gates.verified(actor()) | set(shown.domains))


def _ask_edit(shown: Shown, form: ConnectionForm, status: int = 200) -> Response:
    return page("sso/edit.html", status=status, shown=shown, form=form, choices=form.domains.choices)


@sso.post("/<alias>/edit")
@right("sso.manage")
def edit(alias: str) -> Response:
    """Save name and domains."""
    shown = _own(alias)
    form = ConnectionForm(_choices(shown))
    if not form.validate():
        return _ask_edit(shown, form, 422)
    saving.change(actor(), alias, display_name=form.name.data or "", domains=form.domains.data or [])
    flash(_("%(name)s is saved.", name=form.name.data))
    return see_other("sso.show", alias=alias)


@sso.get("/<alias>/activate")
@right("sso.manage")
def activating(alias: str) -> Response:
    """Say what activating means, and ask."""
    return _ask_activate(_own(alias)).page()


def _ask_activate(shown: Shown) -> Question:
    domains = ", ".join(shown.domains or sorted(gates.verified(actor())))
    text = [
        _("Whoever types an address of %(domains)s on the sign-in page is led to %(name)s.", domains=domains or "–",
          name=shown.name),
        _("People who sign in by it for the first time get an account and join %(organization)s. Addresses of other "
          "domains are refused.", organization=actor().here.label),
        _("People who are signed in stay signed in. It can be disabled at any time."),
    ]  # fmt: skip
    title = _("Activate %(name)s?", name=shown.name)
    return _question(shown, title, text, _("Activate"), "sso.activate", danger=False)


def _question(shown: Shown, title: str, text: list[str], deed: str, endpoint: str, **more: Any) -> Question:
    cancel = url_for("sso.show", alias=shown.alias)
    return Question(title, text, deed, url_for(endpoint, alias=shown.alias), cancel, **more)


@sso.post("/<alias>/activate")
@right("sso.manage")
def activate(alias: str) -> Response:
    """Let people sign in by it."""
    shown = _own(alias)
    return confirmed(lambda: _ask_activate(shown), lambda: _activated(shown), "sso.show", alias=alias)


def _activated(shown: Shown, reason: str = "") -> str:
    saving.activate(actor(), shown.alias, reason)
    return _("%(name)s is active: people can sign in by it.", name=shown.name)


@sso.get("/<alias>/override")
@right("sso.override")
def overriding(alias: str) -> Response:
    """Ask an operator why he goes without a passed test."""
    return _ask_override(_own(alias), OverrideForm(formdata=None)).page()


def _ask_override(shown: Shown, form: OverrideForm) -> Question:
    text = [
        _ready(shown) or _("Nothing stands in the way: activate it without an override."),
        _("What you write stands in the record of events."),
    ]
    typed = {"label": _("Reason"), "name": "reason", "error": next(iter(form.reason.errors), "")}
    title = _("Activate %(name)s without a passed test?", name=shown.name)
    return _question(shown, title, text, _("Activate"), "sso.override", about={"typed": typed})


@sso.post("/<alias>/override")
@right("sso.override")
def override(alias: str) -> Response:
    """Let people sign in by it on an operator's word."""
    shown, form = _own(alias), OverrideForm()
    if not form.validate():
        return _ask_override(shown, form).page(422)
    flash(_activated(shown, form.reason.data or ""))
    return see_other("sso.show", alias=alias)


@sso.get("/<alias>/disable")
@right("sso.manage")
def disabling(alias: str) -> Response:
    """Say whom it touches, and ask."""
    return _ask_disable(_own(alias)).page()


def _ask_disable(shown: Shown) -> Question:
    text = [*words.affected(effect(actor(), shown.alias)), _("It can be enabled again at any time.")]
    return _question(shown, _("Disable %(name)s?", name=shown.name), text, _("Disable"), "sso.disable")


@sso.post("/<alias>/disable")
@right("sso.manage")
def disable(alias: str) -> Response:
    """Let nobody sign in by it for the time being."""
    shown = _own(alias)
    return confirmed(lambda: _ask_disable(shown), lambda: _disabled(shown), "sso.show", alias=alias)


def _disabled(shown: Shown) -> str:
    saving.disable(actor(), shown.alias)
    return _("%(name)s is disabled: nobody signs in by it.", name=shown.name)


@sso.get("/<alias>/delete")
@right("sso.manage")
def deleting(alias: str) -> Response:
    """Say whom it touches, and ask."""
    return _ask_delete(actions.find(actor(), alias)).page()


def _ask_delete(shown: Shown) -> Question:
    found = words.affected(effect(actor(), shown.alias)) if shown.provider else []
    text = [*found, _("This cannot be undone: what was entered here and at Keycloak is deleted, tests included.")]
    title = _("Delete %(name)s?", name=shown.name)
    return _question(shown, title, text, _("Delete the connection"), "sso.delete")


@sso.post("/<alias>/delete")
@right("sso.manage")
def delete(alias: str) -> Response:
    """Remove it for good."""
    shown = actions.find(actor(), alias)
    return confirmed(lambda: _ask_delete(shown), lambda: _deleted(shown), "sso.index")


def _deleted(shown: Shown) -> str:
    saving.delete(actor(), shown.alias)
    return _("%(name)s is deleted.", name=shown.name)


@sso.get("/<alias>/adopt")
@right("sso.manage")
def adopting(alias: str) -> Response:
    """Say whom the portal's flows would keep out, and ask."""
    return _ask_adopt(adopting_.prospect(actor(), alias)).page()


def _ask_adopt(found: Prospect) -> Question:
    shown = found.shown
    text = [*words.kept_out(found), *words.adopted()]
    title = _("Bring %(name)s under the portal’s rules?", name=shown.name)
    return _question(shown, title, text, _("Bring it under the rules"), "sso.adopt", danger=bool(found.refused))


@sso.post("/<alias>/adopt")
@right("sso.manage")
def adopt(alias: str) -> Response:
    """Move a connection that was made elsewhere to the portal's flows."""
    found = adopting_.prospect(actor(), alias)
    return confirmed(lambda: _ask_adopt(found), lambda: _adopted(found), "sso.show", alias=alias)


def _adopted(found: Prospect) -> str:
    adopting_.adopt(actor(), found)
    return _("%(name)s is looked after by the portal from now on.", name=found.shown.name)
