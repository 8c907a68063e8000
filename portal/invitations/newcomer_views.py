"""The pages of invited people who have no account: the form of the open page posts here, and what became of it."""

from __future__ import annotations

from flask import Response, g, request
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from portal.errors import NotFound
from portal.invitations import answering, joining
from portal.invitations.answer_views import ask_newcomer, check_switches, holder, newcomers, token
from portal.moments import aware
from portal.store.models_organizations import Invitation
from portal.web import flash, page, right, see_other, services
from portal.web.gate import check_form_token

__all__ = ["newcomers"]


@newcomers.post("/invitation/join")
@right("invitations.join")
def join() -> Response:
    """Accept, and get an account; or decline."""
    check_form_token()
    check_switches()
    row, answer = answering.by_link(services(), g.realm.name, token()), request.form.get("answer")
    if answer not in {"accept", "decline"}:
        return ask_newcomer(422)
    if answer == "accept":
        joining.accept(holder(row), token())
        return see_other("newcomers.joined")
    joining.decline(holder(row), token())
    # The open page says that it was declined: there is no other page for somebody without an account.
    return see_other("answers.show")


@newcomers.get("/invitation/joined")
@right("invitations.open")
def joined() -> Response:
    """What became of it, and how to sign in for the first time."""
    check_switches()
    row = _joined()
    return page(
        "invitations/joined.html", row=row, mailed=aware(row.password_mailed), again=joining.mailable(row),
        form_token=generate_csrf(),
    )  # fmt: skip


def _joined() -> Invitation:
    row = joining.joined(services(), g.realm.name, token())
    if row is None:
        answering.opened(services(), g.realm.name, token())
        raise NotFound("not accepted yet")
    return row


@newcomers.post("/invitation/password")
@right("invitations.join")
def password() -> Response:
    """Send the mail that sets the password once more."""
    check_form_token()
    check_switches()
    row = _joined()
    joining.mail_again(holder(row), row)
    if row.password_mailed:
        flash(_("A new mail is on its way to %(email)s.", email=row.email))
    return see_other("newcomers.joined")
