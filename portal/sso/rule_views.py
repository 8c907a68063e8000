"""Roles from the identity provider: which group gives which role, and what happens to everybody else."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from wtforms import StringField

from portal.errors import Conflict, Invalid
from portal.forms import BaseForm, apply
from portal.moments import aware
from portal.organizations.words import described, shown
from portal.sso import authors, rule_preview, rules
from portal.sso.asking import Question, confirmed
from portal.sso.guides import guide
from portal.standing import address
from portal.web import actor, flash, page, right, see_other

reviews = Blueprint("reviews", __name__, url_prefix="/<realm>/settings/rules")
rule_rooms = Blueprint("rules", __name__, url_prefix="/<realm>/o/<organization>/sso/<alias>/roles")


class RuleForm(BaseForm):
    """One rule."""

    claim = StringField()
    value = StringField()
    role = StringField()


class UnmappedForm(BaseForm):
    """What happens to people without a role."""

    unmapped = StringField()


@rule_rooms.get("")
@right("sso.view")
def index(alias: str) -> Response:
    """The rules, with what they would have done to the last one who was tested."""
    return _list(alias, RuleForm(formdata=None))


def _list(alias: str, form: RuleForm, status: int = 200, problems: list[str] | None = None) -> Response:
    row = rules.connection(actor(), alias)
    found = rules.listed(actor(), alias)
    names = rules.choices(actor()) if actor().may(rules.TAG) and actor().may("roles.view") else []
    return page(
        "sso/rules.html", status=status, row=row, rules=found, form=form, problems=problems or [],
        choices=[(each["value"], each["label"]) for each in described(names)], shown=shown,
        preview=rule_preview.last(actor(), alias), groups=guide(row.guide).attributes.get("groups", "groups"),
    )  # fmt: skip


@rule_rooms.post("")
@right("sso.map")
def add(alias: str) -> Response:
    """Make a rule; with a mistake the form comes back."""
    form = RuleForm()
    try:
        rules.add(actor(), alias, _said(form.claim), _said(form.value), _said(form.role))
    except Invalid as error:
        return _list(alias, form, 422, apply(form, error))
    except Conflict as error:
        return _list(alias, form, 409, [str(error)])
    flash(_("The rule is saved. It counts from each person’s next sign-in."))
    return see_other("rules.index", alias=alias)


def _said(field: StringField) -> str:
    return (field.data or "").strip()


@rule_rooms.post("/others")
@right("sso.map")
def decide(alias: str) -> Response:
    """Say what happens to people for whom no rule holds."""
    try:
        rules.decide(actor(), alias, UnmappedForm().unmapped.data or "")
    except Invalid as error:
        return _list(alias, RuleForm(formdata=None), 422, list(error.errors.values()))
    flash(_("Saved."))
    return see_other("rules.index", alias=alias)


@rule_rooms.post("/<rule>/adopt")
@right("sso.map")
def adopt(alias: str, rule: str) -> Response:
    """Stand for a rule whose author may no longer give its role."""
    rules.adopt(actor(), alias, rule)
    flash(_("You stand for this rule from now on."))
    return see_other("rules.index", alias=alias)


@rule_rooms.get("/<rule>/remove")
@right("sso.map")
def removing(alias: str, rule: str) -> Response:
    """Ask before a rule goes."""
    return _ask(alias, rule).page()


def _ask(alias: str, rule: str) -> Question:
    found = rules.find(actor(), alias, rule)
    role = shown(found.role)["label"]
    text = [
        _("Whoever has “%(value)s” in %(claim)s no longer gets the role “%(role)s”.", value=found.value,
          claim=found.claim, role=role),
        _("Roles that it has given stay until somebody takes them away under Members."),
    ]  # fmt: skip
    action, back = url_for("rules.remove", alias=alias, rule=rule), url_for("rules.index", alias=alias)
    return Question(_("Remove this rule?"), text, _("Remove the rule"), action, back)


@rule_rooms.post("/<rule>/remove")
@right("sso.map")
def remove(alias: str, rule: str) -> Response:
    """Take a rule away."""
    return confirmed(lambda: _ask(alias, rule), lambda: _removed(alias, rule), "rules.index", alias=alias)


def _removed(alias: str, rule: str) -> str:
    rules.remove(actor(), alias, rule)
    return _("The rule is gone.")


@reviews.get("")
@right("sso.review")
def index_of_realm() -> Response:
    """Rules of all organizations whose authors may no longer give the role."""
    found = [(row, organization, address(organization)) for row, organization in authors.orphaned(actor())]
    return page("sso/review_rules.html", found=found, shown=shown, aware=aware)
