"""A guest hands a part of his link over to somebody else: a narrower link, which ends with his own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _

from portal.errors import Conflict, Denied
from portal.forms import ConfirmForm
from portal.links import actions, handing, words
from portal.links.handing_forms import COPY, HandingForm
from portal.moments import aware
from portal.signin.guests import GuestBrowser
from portal.store import links
from portal.store.models_links import SetupLink
from portal.web.current import actor, browser, services
from portal.web.language import locale_tag, offered
from portal.web.render import flash, page, see_other
from portal.web.rights import right

handing_rooms = Blueprint("handing", __name__, url_prefix="/<realm>/o/<organization>/hand-over")


def _mine() -> SetupLink:
    """The guest's link. What was handed over is not handed on."""
    visitor = browser()
    if not isinstance(visitor, GuestBrowser) or visitor.link is None:
        abort(404)
    if visitor.link.parent:
        raise Denied("handed over already")
    return visitor.link


def _page(template: str, status: int = 200, **context: Any) -> Response:
    return page(template, status=status, words=words, utc=aware, state_of=links.state_of, **context)


@handing_rooms.get("")
@right("setup.hand_over")
def show() -> Response:
    """What was handed over, and the form for one more."""
    intents = request.args.getlist("intents")
    return _form(_made(formdata=None, data={"intents": intents, "locale": locale_tag()}))


def _made(**given: Any) -> HandingForm:
    form = HandingForm(**given)
    form.offered = tuple(_mine().intents)
    form.locale.choices = offered()
    if not handing.mailable(_mine()):
        form.way.choices = [(COPY, "")]
    return form


def _form(form: HandingForm, status: int = 200, problem: str = "") -> Response:
    link = _mine()
    given = handing.given(actor(), link)
    full = sum(not each.done for each in given) >= handing.MOST
    return _page(
        "links/hand_over.html", status=status, form=form, link=link, problems=[problem] if problem else [],
        choices=words.choices(list(form.offered)), given=given, full=full,
        possible=handing.possible(link), mailable=handing.mailable(link),
    )  # fmt: skip


@handing_rooms.post("")
@right("setup.hand_over")
def create() -> Response:
    """Hand it over: by mail, or by a link that is shown this once."""
    form = _made()
    if not form.validate():
        return _form(form, 422)
    copied = form.way.data == COPY
    contact = "" if copied else str(form.contact.data)
    try:
        row, raw = handing.hand_over(actor(), _mine(), form.chosen(), contact=contact, locale=str(form.locale.data))
    except Conflict as error:
        return _form(form, 409, str(error))
    if copied:
        url = actions.address(services(), raw)
        return _page("links/made.html", row=row, url=url, back=url_for("handing.show"))
    flash(_("The link is on its way to %(contacts)s.", contacts=contact))
    return see_other("handing.show")


@handing_rooms.get("/<link>/take-back")
@right("setup.hand_over")
def taking_back(link: str) -> Response:
    """Ask whether it shall end."""
    return _ask(link)


def _ask(link: str, status: int = 200) -> Response:
    row = handing.find(actor(), _mine(), link)
    return page(
        "confirm.html", status=status, title=_("Take this part back?"),
        text=[_("The link you handed over stops working at once."), _("What was finished with it stays.")],
        deed=_("Take back"), action=url_for("handing.take_back", link=row.id), cancel=url_for("handing.show"),
    )  # fmt: skip


@handing_rooms.post("/<link>/take-back")
@right("setup.hand_over")
def take_back(link: str) -> Response:
    """End it."""
    if not ConfirmForm().validate():
        return _ask(link, 422)
    handing.take_back(actor(), _mine(), link)
    flash(_("The part is yours again."))
    return see_other("handing.show")
