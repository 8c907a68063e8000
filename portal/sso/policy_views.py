"""The page on which an organization decides about signing in, and rehearses the way in without single sign-on."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from portal.actor import Actor
from portal.errors import Conflict
from portal.moments import aware
from portal.rank import is_operator
from portal.sso import policy
from portal.web import actor, flash, page, right, see_other

Switch = Callable[[Actor, bool], None]
policies = Blueprint("policies", __name__, url_prefix="/<realm>/o/<organization>/sso/policy")


@policies.get("")
@right("sso.policy")
def show() -> Response:
    """What is decided, and what stands in the way of more."""
    return _show()


def _show(status: int = 200, problems: list[str] | None = None) -> Response:
    row, found = policy.present(actor()), policy.candidates(actor())
    return page(
        "sso/policy.html", status=status, row=row, candidates=found,
        lacking=policy.lacking(actor(), found),
        problems=problems or [], mine=row.rescue == actor().sub, operator=is_operator(actor().facts), aware=aware,
    )  # fmt: skip


@policies.post("/rescue")
@right("sso.policy")
def rescue() -> Response:
    """Name the administrator who gets in without single sign-on."""
    known = {each.id for each in policy.candidates(actor())}
    if request.form.get("person", "") not in known:
        return _show(422, [_("Choose an administrator.")])
    try:
        found = policy.name_rescue(actor(), request.form["person"])
    except Conflict as error:
        return _show(409, [str(error)])
    flash(_("%(name)s gets in without single sign-on. Rehearse it now.", name=found.label))
    return see_other("policies.show")


@policies.post("/rehearse")
@right("sso.policy")
def rehearse() -> Response:
    """The named one shows that he got in."""
    try:
        policy.rehearse(actor())
    except Conflict as error:
        return _show(409, [str(error)])
    flash(_("Rehearsed: the way in without single sign-on works."))
    return see_other("policies.show")


@policies.post("/enforce")
@right("sso.policy")
def enforce() -> Response:
    """Demand single sign-on, or stop demanding it."""
    return _switch(policy.enforce, _("Single sign-on is demanded now."), _("Single sign-on is no longer demanded."))


@policies.post("/manage")
@right("sso.policy")
def manage() -> Response:
    """Let people and roles come from the identity provider alone, or not."""
    return _switch(policy.manage, _("People and roles come from the identity provider now."), _("Saved."))


@policies.post("/several")
@right("sso.override")
def several() -> Response:
    """Operators: allow several connections, or not."""
    return _switch(policy.allow_several, _("Saved."), _("Saved."))


def _switch(deed: Switch, on: str, off: str) -> Response:
    wanted = request.form.get("on") == "yes"
    try:
        deed(actor(), wanted)
    except Conflict as error:
        return _show(409, [str(error)])
    flash(on if wanted else off)
    return see_other("policies.show")
