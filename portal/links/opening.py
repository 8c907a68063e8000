"""What the address of a link opens, and the click that makes somebody its guest.

Nothing happens before the click: who follows addresses without clicking finds a page and leaves all as it is.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.errors import NotFound, PortalError
from portal.links import makers
from portal.links.actions import hashed
from portal.services import Services
from portal.signin.guests import ABSOLUTE, IDLE, MOST
from portal.store import links, now
from portal.store.counters import hit, source
from portal.store.leases import count
from portal.store.links import API
from portal.store.models_links import GuestSession, LinkToken, SetupLink

# Unknown tokens that one address may try in so many seconds.
GUESSES, WINDOW = 30, 3600
USED, ELSEWHERE, CODE = "used", "elsewhere", "code"


class Closed(PortalError):
    """The link opens no more, or not here. `state` is one of `portal.store.links` other than active, `used` for one
    that opens once, `elsewhere` for a copied one that belongs to another browser, `code` where the code is missing.
    """

    def __init__(self, link: SetupLink, token: LinkToken | None, state: str) -> None:
        super().__init__(f"a link that is {state}")
        self.link = link
        self.token = token
        self.state = state


@dataclass(frozen=True)
class Door:
    """A living link seen through one of its tokens. `code` says that this browser needs the mailed code."""

    link: SetupLink
    token: LinkToken
    code: bool


def look(services: Services, raw: str, browser: str, ip_address: str) -> Door:
    """What a raw token opens for the browser of this hash. Changes nothing.

    Raises `NotFound` for an unknown token, `TooMany` for who tries many, `Closed`.
    """
    found = links.by_token(services.store, hashed(raw[:200])) if raw else None
    if found is None or found[0].realm not in services.settings.realms:
        hit(services.store, f"setup link guesses of {source(ip_address)}", GUESSES, WINDOW)
        raise NotFound("no such link")
    link, token = found
    _check(link, token, browser)
    return Door(link, token, code=_foreign(token, browser))


def _foreign(token: LinkToken, browser: str) -> bool:
    return bool(token.browser) and token.browser != browser


def _check(link: SetupLink, token: LinkToken, browser: str) -> None:
    state = links.state_of(link)
    if state != links.ACTIVE:
        raise Closed(link, token, state)
    if link.kind == API and token.used is not None:
        raise Closed(link, token, USED)
    if _foreign(token, browser) and not token.contact:
        raise Closed(link, token, ELSEWHERE)


def start(services: Services, door: Door, browser: str, *, proved: bool = False) -> tuple[GuestSession, str]:
    """The click: make the browser of this hash a guest; returns the session and its raw cookie.

    `proved`: the code was right. One of many clicks at once wins where only one may. Raises `Closed`.
    """
    if not makers.holds(services, door.link):
        makers.bury(services, door.link)
        raise Closed(door.link, door.token, links.MAKER)
    raw, present = secrets.token_urlsafe(32), now()
    guest = GuestSession(
        id=hashed(raw), link=door.link.id, token=door.token.token, realm=door.link.realm, browser=browser,
        started=present, seen=present, expires=present + ABSOLUTE, data={},
    )  # fmt: skip
    try:
        with services.store.write() as session:
            _consume(session, door, browser, proved=proved)
            _make_room(session, guest)
            session.add(guest)
    except Closed as error:
        # What was read in a transaction that failed can be read no more.
        raise Closed(
            links.by_id(services.store, guest.realm, guest.link) or door.link, door.token, error.state
        ) from error
    return guest, raw


def _consume(session: Session, door: Door, browser: str, *, proved: bool) -> None:
    """Within the transaction: the link lives, and this token may be opened here."""
    link = session.get(SetupLink, door.link.id, with_for_update=True, populate_existing=True)
    token = session.get(LinkToken, door.token.token, with_for_update=True, populate_existing=True)
    if link is None or token is None:
        raise NotFound("no such link")
    _check(link, token, browser)
    if _foreign(token, browser) and not proved:
        raise Closed(link, token, CODE)
    mine = update(LinkToken).where(LinkToken.token == token.token, LinkToken.used.is_(None))
    first = count(session.execute(mine.values(used=now(), browser=browser))) == 1
    if not first and link.kind == API:
        raise Closed(link, token, USED)
    if link.opened is None:
        session.execute(update(SetupLink).where(SetupLink.id == link.id).values(opened=now()))


def _make_room(session: Session, guest: GuestSession) -> None:
    """At most three at work with a link: whoever has not been seen for longest makes room."""
    mine = select(GuestSession).where(GuestSession.link == guest.link).order_by(GuestSession.seen.desc())
    alive: list[GuestSession] = []
    for each in session.scalars(mine):
        over = each.expires <= now() or each.seen + IDLE <= now() or each.browser == guest.browser
        if over or len(alive) >= MOST - 1:
            session.execute(delete(GuestSession).where(GuestSession.id == each.id))
        else:
            alive.append(each)


def leave(services: Services, guest: GuestSession) -> None:
    """End a guest's session; his link stays as it is."""
    with services.store.write() as session:
        session.execute(delete(GuestSession).where(GuestSession.id == guest.id))


def confirmed(services: Services, guest: GuestSession) -> None:
    """The guest has proved anew that it is he."""
    guest.started = now()
    with services.store.write() as session:
        session.execute(update(GuestSession).where(GuestSession.id == guest.id).values(started=guest.started))
