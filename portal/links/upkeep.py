"""What comes round: links near their end are told of, and links of makers who lost the right end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import structlog

from portal.access_grant import own_standing
from portal.errors import Invalid, NotFound, PortalError, Upstream
from portal.jobs import periodic
from portal.links import makers
from portal.links.actions import hashed
from portal.links.letters import reminder, waning
from portal.mail.letter import Letter
from portal.mail.outbox import enqueue
from portal.services import Services
from portal.signin.guests import IDLE
from portal.store import links, now
from portal.store.models_links import LinkToken, SetupLink

log = structlog.get_logger("portal.links")
REMIND_EVERY, CHECK_EVERY, AT_ONCE = 600, 60, 10
# So long before its end a link is told of, or a quarter of its life before if that is shorter.
BEFORE = timedelta(days=3)


def remind(services: Services) -> int:
    """Write once to whoever a link that ends soon was mailed to, or to the maker of a copied one; how many links."""
    done = 0
    for row in _living(services):
        if row.reminded is None and not row.parent and _soon(row) and not set(row.intents) <= set(row.progress):
            links.change(services.store, row, reminded=now())
            _write(services, row)
            done += 1
    return done


def _living(services: Services) -> Iterator[SetupLink]:
    for realm in services.settings.realms:
        yield from links.every_active(services.store, realm)


def _soon(row: SetupLink) -> bool:
    return now() >= row.expires - min(BEFORE, (row.expires - row.created) / 4)


def _write(services: Services, row: SetupLink) -> None:
    contacts = {token.contact for token in links.tokens(services.store, row.id)} - {""}
    for contact in sorted(contacts):
        raw = secrets.token_urlsafe(32)
        links.add_token(services.store, LinkToken(token=hashed(raw), link=row.id, contact=contact, created=now()))
        _send(services, row, contact, reminder(services, row, raw))
    if not contacts:
        with suppress(NotFound, Upstream):
            maker = services.admin.person(own_standing(row.realm, row.maker, row.organization), row.maker)
            if maker.enabled and maker.email:
                _send(services, row, maker.email, waning(services, row, maker.locale, row.organization))


def _send(services: Services, row: SetupLink, recipient: str, letter: Letter) -> None:
    with suppress(Invalid):
        once = f"link reminder {row.id} {recipient}"
        enqueue(services, row.realm, recipient, letter, organization=row.organization, about=row.id, once=once)


def check_makers(services: Services, at_once: int = AT_ONCE) -> int:
    """End links whose makers lost the right; how many. Those at work now are all looked at, of the others some, drawn
    by lot: whoever opens a link or writes by it is checked in any case."""
    rows = [*_living(services), *_opened(services)]
    recent = now() - timedelta(seconds=2 * CHECK_EVERY)
    guests = links.guests(services.store, [row.id for row in rows])
    busy = {guest.link for guest in guests if guest.seen >= recent}
    rest = [row for row in rows if row.id not in busy]
    drawn = rest if len(rest) <= at_once else secrets.SystemRandom().sample(rest, at_once)
    ended = 0
    for row in [*(row for row in rows if row.id in busy), *drawn]:
        try:
            ended += _checked(services, row)
        except PortalError as error:
            log.warning("maker of a link not checked", link=row.id, error=type(error).__name__)
            if isinstance(error, Upstream) and error.retryable:
                break
    return ended


def _opened(services: Services) -> Iterator[SetupLink]:
    """Links of programs with guests: such a link lives minutes, and who came by it reads on for hours."""
    for realm in services.settings.realms:
        yield from links.at_work(services.store, realm, now() - IDLE)


def _checked(services: Services, row: SetupLink) -> bool:
    if makers.holds(services, row):
        return False
    makers.bury(services, row)
    return True


periodic.register("setup link reminders", REMIND_EVERY, remind)
periodic.register("setup link makers", CHECK_EVERY, check_makers)
