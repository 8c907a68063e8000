"""The security page, and the ways to Keycloak and back."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from portal.audit import note
from portal.errors import Invalid, NotFound
from portal.forms import apply
from portal.security import actions
from portal.security.changes import seen, snapshot, told
from portal.security.forms import NameForm
from portal.security.kinds import BY_SLUG, BY_TYPE, PASSWORDLESS, TWO_FACTOR
from portal.signin.journey import Trip, arrived, start
from portal.web import actor, flash, page, right, see_other

security = Blueprint("security", __name__, url_prefix="/<realm>/security")


@security.get("")
@right("security.view")
def show() -> Response:
    """All sign-in methods and how well they protect."""
    return page("security/show.html", overview=actions.overview(actor()), add_url=_add_url, remove_url=_remove_url)


def _add_url(slug: str) -> str:
    if BY_SLUG[slug].right == PASSWORDLESS:
        return url_for("security.add_passkey")
    return url_for("security.add_factor", slug=slug)


def _remove_url(method: actions.Method) -> str:
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
    return _done(arrived("UPDATE_PASSWORD"), "security.password")


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
    everything = actions.overview(actor())
    for group in everything.groups:
        if group.kind.slug == slug and group.kind.right == right_name and group.action:
            return start(group.action, then, snapshot(everything))
    raise NotFound("not offered in this realm")


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
    only = actions.only_way_in(actor(), everything, method)
    last = actions.last_second_step(everything, method)
    return page(
        "security/remove.html", method=method, only=only, last=last, action=url_for(then, method_id=method.id),
        kind=BY_TYPE[method.type], cancel=url_for("security.show"),
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
    actions.check_removal(actor(), everything, method)
    return start(f"delete_credential:{method.id}", then, snapshot(everything))


@security.get("/two-factor/done")
@right("security.twofactor")
def factor_done() -> Response:
    """Back from adding or removing a second factor."""
    names = ("CONFIGURE_TOTP", "webauthn-register", "CONFIGURE_RECOVERY_AUTHN_CODES", "delete_credential")
    return _done(arrived(*names), "security.twofactor")


@security.get("/passkey/done")
@right("security.passwordless")
def passkey_done() -> Response:
    """Back from adding or removing a passkey."""
    return _done(arrived("webauthn-register-passwordless", "delete_credential"), "security.passwordless")


def _done(trip: Trip | None, tag: str) -> Response:
    """Tell what is seen now, whatever Keycloak says has happened."""
    if trip is None:
        return see_other("security.show")
    changes = seen(trip.snapshot, actions.overview(actor()))
    for change in changes:
        note(actor(), tag, target=change.id, after={"deed": change.deed, "type": change.type, "name": change.name})
    flash(told(changes, cancelled=trip.cancelled), "ok" if changes else "note")
    return see_other("security.show")


@security.get("/methods/<method_id>/rename")
@right("security.rename")
def naming(method_id: str) -> Response:
    """The form for another name."""
    _everything, method = actions.find(actor(), method_id)
    return _rename_page(method, NameForm(name=method.name))


@security.post("/methods/<method_id>/rename")
@right("security.rename")
def rename(method_id: str) -> Response:
    """Give the method another name."""
    everything, method = actions.find(actor(), method_id)
    form = NameForm()
    try:
        actions.rename(actor(), method, everything.methods, form.name.data or "")
    except Invalid as error:
        return _rename_page(method, form, apply(form, error), 422)
    flash(_("It is called %(name)s now.", name=form.name.data))
    return see_other("security.show")


def _rename_page(
    method: actions.Method, form: NameForm, errors: list[str] | None = None, status: int = 200
) -> Response:
    return page("security/rename.html", status=status, method=method, form=form, errors=errors or [])
