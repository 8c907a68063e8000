"""The address of a setup link: who asks for what, and the button that begins. A look changes nothing; a click does."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import gettext as _

from portal.audit import note
from portal.errors import Denied, Invalid, NotFound
from portal.links import asking, codes, guest, opening, pages
from portal.links.actions import hashed
from portal.links.opening import Closed, Door
from portal.moments import aware
from portal.signin.cookies import guest_cookie
from portal.signin.guests import ABSOLUTE
from portal.store.links import API
from portal.store.models_links import GuestSession
from portal.web.current import services
from portal.web.gate import check_origin
from portal.web.language import chosen
from portal.web.render import page
from portal.web.rights import right

launch = Blueprint("launch", __name__, url_prefix="/portal/launch")
KEPT = 3600
REMEMBERED = 400 * 24 * 3600


@launch.get("")
@right("links.open")
def show() -> Response:
    """Who asks for what. The token leaves the address at once; nothing else happens, however often this is asked."""
    raw = request.args.get("token")
    try:
        if raw is not None:
            return _clean(raw)
        return _ask(_door())
    except Closed as error:
        return _quiet(pages.refused(error))


def _clean(raw: str) -> Response:
    try:
        opening.look(services(), raw, _browser(), request.remote_addr or "")
    except Closed as error:
        if error.state != opening.ELSEWHERE:
            raise  # it is dead, so it may stand in the address
    except NotFound:
        return _unknown()
    answer: Response = redirect(url_for("launch.show"), 302)  # type: ignore[assignment]
    _set(answer, "launch", raw, KEPT)
    return _quiet(answer)


def _unknown() -> Response:
    text = [
        _("Perhaps it was cut off: copy all of it, or click it in the mail."),
        _("If it still does not open, ask whoever sent it to you for a new one."),
    ]
    return _quiet(page("setup/closed.html", status=404, title=_("This link is not known"), text=text, actions=[]))


def _door() -> Door:
    return opening.look(services(), request.cookies.get(_name("launch"), ""), _browser(), request.remote_addr or "")


def _ask(door: Door, status: int = 200, error: str = "") -> Response:
    link = door.link
    context = pages.dressed(link)
    waits = door.code and bool(door.token.code)
    return _quiet(page(
        "setup/launch.html", status=status, link=link, intents=pages.shown(link.intents),
        until=aware(link.expires), api=link.kind == API, person=link.maker_kind == "person", error=error,
        code=door.code, waits=waits, contact=codes.hidden(door.token.contact), key=_key(), **context,
    ))  # fmt: skip


@launch.post("/begin")
@right("links.open")
def begin() -> Response:
    """The click: this browser becomes the link's guest."""
    _check_form()
    browser = request.cookies.get(_name("browser"), "") or secrets.token_urlsafe(32)
    try:
        door = _door()
        if door.code:
            codes.check(services(), door.token.token, request.form.get("code", ""))
        someone, raw = opening.start(services(), door, hashed(browser), proved=door.code)
    except Closed as error:
        return _quiet(pages.refused(error))
    except Invalid as error:
        return _ask(_door(), 422, error.errors["code"])
    _record(door, someone)
    answer: Response = redirect(f"/setup/{door.link.realm}/o/{door.link.organization}", 303)  # type: ignore[assignment]
    shared = {"path": "/", "secure": services().settings.secure, "httponly": True, "samesite": "Lax"}
    answer.set_cookie(guest_cookie(services().settings), raw, max_age=int(ABSOLUTE.total_seconds()), **shared)  # type: ignore[arg-type]
    _set(answer, "browser", browser, REMEMBERED)
    answer.delete_cookie(_name("launch"), path=launch.url_prefix or "/")
    return _quiet(answer)


def _record(door: Door, someone: GuestSession) -> None:
    about = {"ip_address": request.remote_addr or "", "request_id": g.request_id}
    actor = guest.build(services(), (door.link, someone), chosen(), about, writing=False)
    note(actor, "links.open", target=door.link.id, after={"code": door.code})


@launch.post("/code")
@right("links.open")
def code() -> Response:
    """Mail the code for another browser."""
    _check_form()
    try:
        door = _door()
    except Closed as error:
        return _quiet(pages.refused(error))
    codes.send(services(), door.link, door.token)
    return _quiet(redirect(url_for("launch.show"), 303))  # type: ignore[arg-type]


@launch.post("/ask")
@right("links.open")
def ask() -> Response:
    """Whoever has an expired link asks its maker for a new one."""
    check_origin()
    try:
        raw = request.form.get("token", "") or request.cookies.get(_name("launch"), "")
        opening.look(services(), raw, _browser(), request.remote_addr or "")
    except Closed as error:
        return _quiet(pages.asked(error.link, asking.ask(services(), error.link, error.token)))
    return _quiet(redirect(url_for("launch.show"), 303))  # type: ignore[arg-type]


def _check_form() -> None:
    """The form of the page that this browser was shown, for the link that it was shown."""
    check_origin()
    if not hmac.compare_digest(request.form.get("key", ""), _key()) or _name("launch") not in request.cookies:
        raise Denied("csrf: token")


def _key() -> str:
    raw = request.cookies.get(_name("launch"), "")
    return hmac.new(services().form_key.encode(), f"launch {raw}".encode(), hashlib.sha256).hexdigest()


def _browser() -> str:
    raw = request.cookies.get(_name("browser"), "")
    return hashed(raw) if raw else ""


def _name(kind: str) -> str:
    """These cookies go to the address of links alone."""
    settings = services().settings
    return f"__Secure-portal-{kind}" if settings.secure else f"portal-{kind}-{urlsplit(settings.public_url).port or 80}"


def _set(answer: Response, kind: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        _name(kind), value, max_age=seconds, path=launch.url_prefix, secure=services().settings.secure, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def _quiet(answer: Response) -> Response:
    """Nothing for search engines, and no address for anybody else."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
