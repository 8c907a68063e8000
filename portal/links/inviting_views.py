"""The page about an organization's setup link, and the two steps that make one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.errors import Invalid
from portal.forms import ConfirmForm, apply
from portal.links import actions, inviting, words
from portal.links.inviting_forms import DeliveryForm, FeaturesForm
from portal.mail.reasons import text as mail_reason
from portal.moments import aware
from portal.return_addresses import link_days
from portal.store import links
from portal.web import actor, flash, page, right, see_other
from portal.web.language import locale_tag, offered

inviting_rooms = Blueprint("setup_links", __name__, url_prefix="/<realm>/o/<organization>/setup-link")


def _page(template: str, status: int = 200, **context: Any) -> Response:
    return page(template, status=status, words=words, utc=aware, state_of=links.state_of, **context)


@inviting_rooms.get("")
@right("links.view")
def show() -> Response:
    """The active link with what became of it, and those before it."""
    found, past = inviting.managed(actor()), inviting.past(actor())
    return _page("links/manage.html", found=found, past=past, mail_reason=mail_reason)


@inviting_rooms.get("/new")
@right("links.create")
def new() -> Response:
    """The first step: what shall be set up. Whoever comes back finds what was chosen."""
    if (refused := _refused()) is not None:
        return refused
    form = FeaturesForm(request.args) if "intents" in request.args else FeaturesForm(formdata=None)
    form.offered = tuple(actions.offered_to(actor()))
    return _features(form)


def _refused() -> Response | None:
    """Why no link can be made now, with the way out."""
    if not inviting.ready(actor()):
        return _page("links/unready.html", status=409)
    found = actions.active(actor())
    return None if found is None else _page("links/taken.html", status=409, row=found)


def _features(form: FeaturesForm, status: int = 200) -> Response:
    return _page("links/features.html", status=status, form=form, choices=words.choices(list(form.offered)))


@inviting_rooms.get("/new/delivery")
@right("links.create")
def delivery() -> Response:
    """The second step: how the link gets to whoever sets things up."""
    if (refused := _refused()) is not None:
        return refused
    first = FeaturesForm(request.args)
    first.offered = tuple(actions.offered_to(actor()))
    if not first.validate():
        return _features(first, 422)
    attributes = actor().services.realm_facts(actor().realm.name).attributes
    data = {"intents": list(first.chosen()), "locale": locale_tag(), "days": link_days(attributes)}
    return _delivery(_made(formdata=None, data=data))


def _made(**given: Any) -> DeliveryForm:
    form = DeliveryForm(**given)
    form.offered = tuple(actions.offered_to(actor()))
    form.locale.choices = offered()
    return form


def _delivery(form: DeliveryForm, problems: list[str] | None = None, status: int = 200) -> Response:
    chosen = list(form.chosen())
    return _page(
        "links/delivery.html", status=status, form=form, chosen=chosen, problems=problems or [],
        origins=inviting.origins(actor()), back=url_for("setup_links.new", intents=chosen),
    )  # fmt: skip


@inviting_rooms.post("/new")
@right("links.create")
def create() -> Response:
    """Make the link: mailed, or shown this once."""
    if (refused := _refused()) is not None:
        return refused
    form = _made()
    if not form.validate():
        # What was chosen in the first step is mended there.
        return _features(form, 422) if form.intents.errors else _delivery(form, status=422)
    try:
        row, raw = inviting.invite(actor(), form.wanted())
    except actions.OneActive as error:
        return _page("links/taken.html", status=409, row=error.link)
    except Invalid as error:
        return _delivery(form, apply(form, error), 422)
    if raw:
        url = actions.address(actor().services, raw)
        return _page("links/made.html", row=row, url=url, back=url_for("setup_links.show"))
    flash(_("The link is on its way to %(contacts)s.", contacts=", ".join(form.wanted().contacts)))
    return see_other("setup_links.show")


@inviting_rooms.post("/<link>/send")
@right("links.create")
def send(link: str) -> Response:
    """Mail it to one of its recipients again, with a new address."""
    if not ConfirmForm().validate():
        raise Invalid(form=[_("Please confirm.")])
    contact = request.form.get("contact", "")
    inviting.send_again(actor(), link, contact)
    flash(_("A new mail to %(email)s is on its way. The old link is dead.", email=contact))
    return see_other("setup_links.show")


@inviting_rooms.get("/<link>/revoke")
@right("links.revoke")
def revoking(link: str) -> Response:
    """Ask whether it shall end."""
    return _ask(link)


def _ask(link: str, status: int = 200) -> Response:
    row = actions.find(actor(), link)
    return page(
        "confirm.html", status=status, title=_("Revoke the setup link?"),
        text=[
            _("It stops working at once, also for whoever is setting things up with it right now."),
            _("What is finished stays. You can make a new link afterwards."),
        ],
        deed=_("Revoke"), action=url_for("setup_links.revoke", link=row.id), cancel=url_for("setup_links.show"),
    )  # fmt: skip


@inviting_rooms.post("/<link>/revoke")
@right("links.revoke")
def revoke(link: str) -> Response:
    """End it."""
    if not ConfirmForm().validate():
        return _ask(link, 422)
    inviting.revoke(actor(), link)
    flash(_("The setup link is revoked."))
    return see_other("setup_links.show")
