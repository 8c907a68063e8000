"""The security page, and the ways to Keycloak and back."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.audit import note
from portal.errors import Conflict, Invalid, NotFound
from portal.forms import apply
from portal.security import actions
from portal.security.changes import seen, snapshot, told
from portal.security.forms import NameForm
from portal.security.kinds import BY_TYPE, PASSWORDLESS, TWO_FACTOR, Kind, right_of
from portal.signin.journey import Trip, arrived, start
from portal.web import actor, flash, page, right, see_other

security = Blueprint("security", __name__, url_prefix="/<realm>/security")


@security.get("")
@right("security.view")
def show() -> Response:
    """All sign-in methods and how well they protect."""
    return page("security/show.html", overview=actions.overview(actor()), add_url=add_url, remove_url=remove_url)


def add_url(kind: Kind) -> str:
    """Where the way to Keycloak begins."""
    if kind.right == PASSWORDLESS:
        return url_for("security.add_passkey")
    return url_for("security.add_factor", slug=kind.slug)


def remove_url(method: actions.Method) -> str:
    """Where it is asked whether a method shall go."""
    passkey = BY_TYPE[method.type].right == PASSWORDLESS
    return url_for("security.remove_passkey" if passkey else "security.remove_factor", method_id=method.id)


@security.get("/password")
@right("security.password")
def password() -> Response:
    """Change or set the password at Keycloak."""
    everything = actions.overview(actor())
    if not everything.password_action:
        raise NotFound("the realm offers no password")
    return start(everything.password_action, "security.password_done", snapshot(everything))


@security.get("/password/done")
@right("security.password")
def password_done() -> Response:
    """Back from changing the password."""
    return _done(arrived("UPDATE_PASSWORD"))


@security.get("/two-factor/<slug>/add")
@right("security.twofactor")
def add_factor(slug: str) -> Response:
    """Add a second factor, or make recovery codes, at Keycloak."""
    return _add(slug, TWO_FACTOR, "security.factor_done")


@security.get("/passkey/add")
@right("security.passwordless")
def add_passkey() -> Response:
    """Add a passkey at Keycloak."""
    return _add("passkey", PASSWORDLESS, "security.passkey_done")


def _add(slug: str, right_name: str, then: str) -> Response:
    everything, group = actions.addable(actor(), slug, right_name)
    return start(group.action, then, snapshot(everything))


@security.get("/two-factor/<method_id>/remove")
@right("security.twofactor")
def remove_factor(method_id: str) -> Response:
    """Ask whether the second factor shall go."""
    return _ask(method_id, TWO_FACTOR, "security.removing_factor")


@security.get("/passkey/<method_id>/remove")
@right("security.passwordless")
def remove_passkey(method_id: str) -> Response:
    """Ask whether the passkey shall go."""
    return _ask(method_id, PASSWORDLESS, "security.removing_passkey")


def _ask(method_id: str, right_name: str, then: str) -> Response:
    everything, method = actions.find(actor(), method_id, right_name)
    stays = ""
    try:
        actions.check_removal(everything, method)
    except Conflict as error:
        stays = str(error)
    return page(
        "security/remove.html", method=method, stays=stays, consequence=actions.consequence(everything, method),
        action=url_for(then, method_id=method.id), cancel=url_for("security.show"), status=409 if stays else 200,
    )  # fmt: skip


@security.get("/two-factor/<method_id>/removing")
@right("security.twofactor")
def removing_factor(method_id: str) -> Response:
    """Remove the second factor at Keycloak."""
    return _remove(method_id, TWO_FACTOR, "security.factor_done")


@security.get("/passkey/<method_id>/removing")
@right("security.passwordless")
def removing_passkey(method_id: str) -> Response:
    """Remove the passkey at Keycloak."""
    return _remove(method_id, PASSWORDLESS, "security.passkey_done")


def _remove(method_id: str, right_name: str, then: str) -> Response:
    everything, method = actions.find(actor(), method_id, right_name)
    actions.check_removal(everything, method)
    return start(f"delete_credential:{method.id}", then, snapshot(everything))


@security.get("/two-factor/done")
@right("security.twofactor")
def factor_done() -> Response:
    """Back from adding or removing a second factor."""
    names = ("CONFIGURE_TOTP", "webauthn-register", "CONFIGURE_RECOVERY_AUTHN_CODES", "delete_credential")
    return _done(arrived(*names))


@security.get("/passkey/done")
@right("security.passwordless")
def passkey_done() -> Response:
    """Back from adding or removing a passkey."""
    return _done(arrived("webauthn-register-passwordless", "delete_credential"))


def _done(trip: Trip | None) -> Response:
    """Tell what is seen now, whatever Keycloak says has happened."""
    if trip is None:
        return see_other("security.show")
    changes = seen(trip.snapshot, snapshot(actions.overview(actor())))
    for each in changes:
        about = {"deed": each.deed, "type": each.type, "name": each.name}
        note(actor(), right_of(each.type), target=each.id, after=about)
    flash(told(changes, trip.status), "ok" if changes else "note")
    return see_other("security.show")


@security.get("/methods/<method_id>/rename")
@right("security.rename")
def naming(method_id: str) -> Response:
    """The form for another name."""
    _everything, method = actions.find(actor(), method_id)
    return _form(method, NameForm(name=method.name))


@security.post("/methods/<method_id>/rename")
@right("security.rename")
def rename(method_id: str) -> Response:
    """Give the method another name."""
    everything, method = actions.find(actor(), method_id)
    form = NameForm()
    try:
        renamed = actions.rename(actor(), method, everything.methods, form.name.data or "")
    except Invalid as error:
        return _form(method, form, apply(form, error), 422)
    said = _("It is called %(name)s now.", name=renamed.name)
    if _in_its_row(method):
        group = next(group for group in everything.groups if method in group.methods)
        return page("security/row.html", group=group, method=renamed, said=said, remove_url=remove_url)
    flash(said)
    return see_other("security.show")


def _in_its_row(method: actions.Method) -> bool:
    return request.headers.get("HX-Target") == f"method-{method.id}"


def _form(method: actions.Method, form: NameForm, errors: list[str] | None = None, status: int = 200) -> Response:
    template = "security/rename_row.html" if _in_its_row(method) else "security/rename.html"
    return page(template, status=status, method=method, form=form, errors=errors or [], cancel=url_for("security.show"))
