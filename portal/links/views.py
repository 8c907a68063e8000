"""The pages of a setup link's guest that are about the link itself: what is to do, finishing, leaving, proving anew.

The blueprint is called `home`, so that "to the start page" leads a guest to his own.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _

from portal.errors import Conflict, Invalid
from portal.forms import ConfirmForm
from portal.links import codes, finishing, handing, opening, pages
from portal.links.progress import progress
from portal.moments import aware
from portal.realm_settings.words import intent_label
from portal.signin.cookies import guest_cookie
from portal.web.addresses import local
from portal.web.current import actor, services
from portal.web.render import flash, page, see_other
from portal.web.rights import right

home = Blueprint("home", __name__, url_prefix="/<realm>/o/<organization>")


@home.get("")
@right("setup.open")
def show() -> Response:
    """What this link is for, and how far it is."""
    link, _guest = pages.mine()
    steps = [
        (each, intent_label(each.intent), finishing.state(actor(), each.intent), _door(each.intent))
        for each in progress(services(), link)
    ]
    return page(
        "setup/home.html", link=link, steps=steps, until=aware(link.expires), handing=handing.possible(link)
    )  # fmt: skip


def _door(intent: str) -> str:
    return pages.entrance(actor(), intent) if pages.is_open(actor(), intent) else ""


@home.get("/finish/<intent>")
@right("setup.finish")
def ending(intent: str) -> Response:
    """What was reached, what comes next, and the button that finishes this part."""
    return _ending(intent)


def _ending(intent: str, status: int = 200, error: str = "") -> Response:
    link, _guest = pages.mine()
    found = finishing.state(actor(), _known(link.intents, intent))
    left = [each for each in link.intents if each != intent and each not in link.progress]
    return page(
        "setup/finish.html", status=status, link=link, intent=intent, label=intent_label(intent), found=found,
        error=error, room=url_for(pages.ROOMS[intent][0]), left=[intent_label(each) for each in left],
    )  # fmt: skip


def _known(intents: list[str], intent: str) -> str:
    if intent not in intents:
        abort(404)
    return intent


@home.post("/finish/<intent>")
@right("setup.finish")
def end(intent: str) -> Response:
    """This part is done; with the last one the link has served."""
    link, _guest = pages.mine()
    _known(link.intents, intent)
    if not ConfirmForm().validate():
        return _ending(intent, 422)
    try:
        done = finishing.finish(actor(), link, intent)
    except Conflict as error:
        return _ending(intent, 409, str(error))
    if not done:
        flash(_("%(intent)s is done.", intent=intent_label(intent)))
    # Once the link has ended, the same address says so and leads on to the application.
    return see_other("home.show")


@home.get("/leave")
@right("setup.leave")
def leaving() -> Response:
    """Ask before the way back needs the link again."""
    return _ask_leave()


def _ask_leave(status: int = 200) -> Response:
    return page(
        "confirm.html", status=status, title=_("Leave these pages?"), danger=False,
        text=_("What was saved stays. To come back, open your setup link again, in this browser."),
        deed=_("Leave"), action=url_for("home.leave"), cancel=url_for("home.show"), leave=True,
    )  # fmt: skip


@home.post("/leave")
@right("setup.leave")
def leave() -> Response:
    """End this guest's session."""
    if not ConfirmForm().validate():
        return _ask_leave(422)
    link, guest = pages.mine()
    finishing.leave(actor(), guest)
    text = [_("Nobody can go on in this browser without the link.")]
    answer = page("setup/closed.html", title=_("You have left"), text=text, actions=[], **pages.dressed(link))
    answer.delete_cookie(guest_cookie(services().settings), path="/")
    return answer


@home.get("/confirm")
@right("setup.open")
def confirming() -> Response:
    """Some steps want to know that it is still the same person."""
    return _confirming()


def _confirming(status: int = 200, error: str = "") -> Response:
    _link, guest = pages.mine()
    link, token = codes.token_of(services(), guest.token)
    return page(
        "setup/confirm.html", status=status, contact=codes.hidden(token.contact), waits=bool(token.code), error=error,
        api=link.kind == "api", next=_next(),
    )  # fmt: skip


def _next() -> str:
    return local(request.values.get("next", "")) or url_for("home.show")


@home.post("/confirm/code")
@right("setup.open")
def code() -> Response:
    """Mail a code to the contact."""
    link, token = codes.token_of(services(), pages.mine()[1].token)
    codes.send(services(), link, token)
    return see_other("home.confirming", next=_next())


@home.post("/confirm")
@right("setup.open")
def confirm() -> Response:
    """The code proves it; back to the step."""
    _link, guest = pages.mine()
    try:
        codes.check(services(), guest.token, request.form.get("code", ""))
    except Invalid as error:
        return _confirming(422, error.errors["code"])
    opening.confirmed(services(), guest)
    return Response(status=303, headers={"Location": _next()})
