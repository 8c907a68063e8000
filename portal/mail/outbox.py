"""Mails on their way: put into the database, looked at, taken back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from portal.errors import NotFound, Upstream
from portal.mail.letter import Letter, compose, mailbox
from portal.mail.logos import logo_of
from portal.services import Services
from portal.store import inserting, now
from portal.store.leases import count
from portal.store.models_organizations import JobRow, Mail
from portal.styles.branding import Brand, brand_of

QUEUED, SENDING, SENT, FAILED, STOPPED, UNKNOWN = "queued", "sending", "sent", "failed", "stopped", "unknown"


@dataclass(frozen=True)
class Outcome:
    """How a mail stands. `reason` is a word for `portal.mail.reasons`; times are naive UTC."""

    id: str
    about: str
    recipient: str
    state: str
    reason: str
    attempt: int
    created: datetime
    due: datetime
    finished: datetime | None


def enqueue(
    services: Services,
    realm: str,
    recipient: str,
    letter: Letter,
    *,
    organization: str = "",
    about: str = "",
    once: str = "",
) -> str:
    """Write a mail and leave its delivery to the worker; returns its id.

    `about` is the id of what the mail is about (an invitation, a domain). With `once`, a name for this very mail
    within the realm, a second call changes nothing and returns the same id. Raises `Invalid` for an address that
    cannot be one.
    """
    mail = prepare(services, realm, recipient, letter, organization=organization, about=about, once=once)
    with services.store.write() as session:
        return queue(session, mail)


def prepare(
    services: Services,
    realm: str,
    recipient: str,
    letter: Letter,
    *,
    organization: str = "",
    about: str = "",
    once: str = "",
) -> Mail:
    """The row of a mail, not stored yet: for `queue` in a transaction with the thing it is about."""
    made = mail_id(realm, once) if once else secrets.token_hex(16)
    present = now()
    mail = Mail(
        id=made, realm=realm, organization=organization, about=about, recipient=mailbox(recipient), state=QUEUED,
        reason="", attempt=0, created=present, due=present, lease="", lease_until=0.0,
    )  # fmt: skip
    settings = services.settings.mail
    if settings is None:
        mail.state, mail.reason, mail.finished = FAILED, "unconfigured", present
        return mail
    logo = logo_of(services, realm, letter)
    message = compose(settings, brand_of_realm(services, realm), recipient, letter, logo)
    message["Message-ID"] = f"<{made}@{settings.sender.rpartition('@')[2]}>"
    mail.body = services.vault.seal(message.as_bytes().decode(), realm, Mail.__tablename__, "body", made)
    return mail


def mail_id(realm: str, once: str) -> str:
    """The id of the mail that was, or would be, written under this name."""
    return hashlib.sha256(f"{realm}\0{once}".encode()).hexdigest()[:32]


def queue(session: Session, mail: Mail) -> str:
    """Store a prepared mail within a transaction; a mail of the same name that is there already stays as it is."""
    insert = inserting(session.get_bind().dialect.name)
    values = {column.key: getattr(mail, column.key) for column in Mail.__mapper__.columns}
    session.execute(insert(Mail).values(values).on_conflict_do_nothing(index_elements=[Mail.id]))
    return mail.id


def outcome(services: Services, mail: str) -> Outcome:
    """How a mail stands now. Raises `NotFound`, also for one that was purged."""
    with services.store.read() as session:
        row = session.get(Mail, mail)
    if row is None:
        raise NotFound("no such mail")
    return _outcome(row)


def latest(services: Services, realm: str, about: Iterable[str]) -> dict[str, Outcome]:
    """The newest mail about each of these things; those without a mail are left out."""
    query = select(Mail).where(Mail.realm == realm, Mail.about.in_(list(about))).order_by(Mail.created)
    with services.store.read() as session:
        return {mail.about: _outcome(mail) for mail in session.scalars(query)}


def about(services: Services, realm: str, what: str) -> list[Outcome]:
    """All mails about a thing, the oldest first; those that were purged are missing."""
    query = select(Mail).where(Mail.realm == realm, Mail.about == what).order_by(Mail.created)
    with services.store.read() as session:
        return [_outcome(mail) for mail in session.scalars(query)]


def stop(services: Services, realm: str, about: str) -> int:
    """Take back what has not left yet about a thing that is no more; returns how many mails."""
    with services.store.write() as session:
        return stop_queued(session, select(Mail.id).where(Mail.realm == realm, Mail.about == about))


def stop_queued(session: Session, which: Select[Any]) -> int:
    """Within a transaction: those of these mails that still wait end stopped, and so do their rows."""
    waiting = session.scalars(which.where(Mail.state == QUEUED).with_for_update()).all()
    for each in waiting:
        finish(session, each, STOPPED)
    return len(waiting)


def finish(session: Session, mail: str, state: str, reason: str = "", lease: str = "") -> bool:
    """Within a transaction: give a mail its one outcome, empty it, and pass the outcome on to the row of its job.

    With `lease`, only while that lease holds. Returns whether it was this call that ended the mail.
    """
    mine = update(Mail).where(Mail.id == mail, Mail.finished.is_(None), Mail.lease == lease)
    values = {"state": state, "reason": reason, "finished": now(), "body": None, "lease": ""}
    if count(session.execute(mine.values(values))) != 1:
        return False
    row = update(JobRow).where(JobRow.mail == mail, JobRow.state == "mailing")
    session.execute(row.values(state=state, reason=reason))
    return True


def brand_of_realm(services: Services, realm: str) -> Brand:
    """The realm's look; the house's while Keycloak does not answer."""
    try:
        facts = services.realm_facts(realm)
    except Upstream:
        return brand_of({}, realm)
    return brand_of(facts.attributes, facts.display_name or realm)


def _outcome(mail: Mail) -> Outcome:
    return Outcome(
        mail.id, mail.about, mail.recipient, mail.state, mail.reason, mail.attempt, mail.created, mail.due,
        mail.finished,
    )  # fmt: skip
