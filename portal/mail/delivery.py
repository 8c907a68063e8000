"""One mail at a time from the database to the mail server, each at most once."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select, update

from portal.mail import outbox
from portal.mail.transport import LONGEST, NotSent, PerhapsSent, Transport
from portal.services import Services
from portal.store import now
from portal.store.models_organizations import Mail
from portal.store.vault import VaultError

log = structlog.get_logger("portal.mail")
# Minutes until each further attempt; after the last one the mail has failed.
WAITS = (1, 5, 15, 60)
NOTHING = ""


def transport(services: Services) -> Transport | None:
    """A connection to the configured mail server, opened with the first mail; None if there is no such server."""
    mail = services.settings.mail
    return Transport(mail, urlsplit(services.settings.public_url).hostname or "localhost") if mail else None


def deliver(services: Services, over: Transport | None = None) -> str:
    """Try one mail that is due, over a connection that may be shared by many calls.

    Returns the state it has then (sent, failed, unknown, or queued for another attempt), empty if none was due.
    A mail that a worker died with is not sent again: it becomes unknown.
    """
    mail = _taken(services)
    if mail is None:
        # Looked for when there is time for it: a lease is far longer than any rush.
        _give_up_interrupted(services)
        return NOTHING
    if over:
        return _tried(services, mail, over)
    own = transport(services)
    if own is None:
        return _ended(services, mail, outbox.FAILED, "unconfigured")
    with own:
        return _tried(services, mail, own)


def _give_up_interrupted(services: Services) -> None:
    lost = select(Mail).where(Mail.state == outbox.SENDING, Mail.lease_until < time.time())
    with services.store.read() as session:
        found = session.scalars(lost.limit(100)).all()
    for mail in found:
        _ended(services, mail, outbox.UNKNOWN, "interrupted")


def _taken(services: Services) -> Mail | None:
    """The mail that waits longest, its intent to be sent committed."""
    due = select(Mail).where(Mail.state == outbox.QUEUED, Mail.due <= now()).order_by(Mail.due).limit(1)
    with services.store.read() as session:
        if session.scalars(due).first() is None:
            return None
    with services.store.write() as session:
        mail = session.scalars(due.with_for_update(skip_locked=True)).first()
        if mail:
            mail.state, mail.attempt = outbox.SENDING, mail.attempt + 1
            mail.lease, mail.lease_until = secrets.token_hex(16), time.time() + LONGEST
    return mail


def _tried(services: Services, mail: Mail, over: Transport) -> str:
    try:
        content = services.vault.open(mail.body or b"", mail.realm, Mail.__tablename__, "body", mail.id)
        over.send(mail.recipient, content.encode())
    except VaultError:
        return _ended(services, mail, outbox.FAILED, "unreadable")
    except NotSent as error:
        if error.again and mail.attempt <= len(WAITS):
            return _put_back(services, mail, error.reason)
        return _ended(services, mail, outbox.FAILED, error.reason)
    except PerhapsSent:
        return _ended(services, mail, outbox.UNKNOWN, "interrupted")
    return _ended(services, mail, outbox.SENT)


def _ended(services: Services, mail: Mail, state: str, reason: str = "") -> str:
    with services.store.write() as session:
        done = outbox.finish(session, mail.id, state, reason, mail.lease)
    if done:
        _tell(mail, state, reason)
    return state


def _put_back(services: Services, mail: Mail, reason: str) -> str:
    again = now() + timedelta(minutes=WAITS[mail.attempt - 1])
    mine = update(Mail).where(Mail.id == mail.id, Mail.lease == mail.lease, Mail.state == outbox.SENDING)
    with services.store.write() as session:
        session.execute(mine.values(state=outbox.QUEUED, reason=reason, due=again, lease="", lease_until=0.0))
    _tell(mail, outbox.QUEUED, reason)
    return outbox.QUEUED


def _tell(mail: Mail, state: str, reason: str) -> None:
    # No address: whose mail it was is in the database, for as long as that keeps it.
    log.info("mail", mail=mail.id, realm=mail.realm, state=state, reason=reason, attempt=mail.attempt)
