"""Queries about setup links and their guests. Times are naive UTC; tokens are known by their SHA-256 alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.errors import Conflict
from portal.store import Store, now
from portal.store.leases import count
from portal.store.models_links import GuestSession, LinkToken, SetupLink

OPERATOR, API = "operator", "api"
REVOKED, COMPLETED, EXPIRED, MAKER, PARENT = "revoked", "completed", "expired", "maker", "parent"
ACTIVE = "active"
# In `details`: the id of the program's key that made a link.
KEY = "key"


def state_of(link: SetupLink) -> str:
    """`active`, or why it opens no more: revoked, completed, expired, maker (who lost the right) or parent."""
    if link.ended is not None:
        return link.ending
    return EXPIRED if link.expires <= now() else ACTIVE


def ground_of(link: SetupLink) -> str:
    """The same for those at work: the minutes of a link made by a program are those in which it can be opened."""
    return state_of(link) if link.kind != API or link.ended is not None else ACTIVE


def insert(store: Store, link: SetupLink, token: LinkToken) -> None:
    """Keep a new link with its first token. Raises `Conflict` while the organization has an active operator link."""
    try:
        with store.write() as session:
            _bury(session, link.realm, link.organization)
            session.add_all((link, token))
    except IntegrityError as error:
        raise Conflict from error


def _bury(session: Session, realm: str, organization: str) -> None:
    """What is past its time makes room."""
    over = update(SetupLink).where(
        SetupLink.realm == realm, SetupLink.organization == organization, SetupLink.kind == OPERATOR,
        SetupLink.ended.is_(None), SetupLink.expires <= now(),
    )  # fmt: skip
    session.execute(over.values(ended=SetupLink.expires, ending=EXPIRED))


def add_token(store: Store, token: LinkToken, *, replacing: bool = False) -> None:
    """One more address for a link; with `replacing` the earlier ones of the same contact die."""
    older = delete(LinkToken).where(LinkToken.link == token.link, LinkToken.contact == token.contact)
    with store.write() as session:
        if replacing:
            session.execute(older)
        session.add(token)


def by_id(store: Store, realm: str, link_id: str) -> SetupLink | None:
    """A link of this realm."""
    with store.read() as session:
        link = session.get(SetupLink, link_id)
    return link if link is not None and link.realm == realm else None


def by_token(store: Store, hashed: str) -> tuple[SetupLink, LinkToken] | None:
    """The link that a token opens, of whatever realm, dead or alive."""
    with store.read() as session:
        token = session.get(LinkToken, hashed)
        link = session.get(SetupLink, token.link) if token else None
    return (link, token) if token and link else None


def tokens(store: Store, link_id: str) -> list[LinkToken]:
    """All of a link, the oldest first."""
    with store.read() as session:
        query = select(LinkToken).where(LinkToken.link == link_id).order_by(LinkToken.created, LinkToken.token)
        return list(session.scalars(query))


def listed(store: Store, realm: str, organization: str, first: int = 0, maximum: int = 50) -> list[SetupLink]:
    """Links of an organization, newest first."""
    mine = select(SetupLink).where(SetupLink.realm == realm, SetupLink.organization == organization)
    with store.read() as session:
        found = mine.order_by(SetupLink.created.desc(), SetupLink.id).offset(first).limit(maximum)
        return list(session.scalars(found))


def active(store: Store, realm: str, organization: str) -> SetupLink | None:
    """The one active operator link of an organization."""
    mine = _alive(SetupLink.realm == realm, SetupLink.organization == organization, SetupLink.kind == OPERATOR)
    with store.read() as session:
        return session.scalars(select(SetupLink).where(*mine, SetupLink.parent == "")).first()


def every_active(store: Store, realm: str, maximum: int = 1000) -> list[SetupLink]:
    """Living links of a realm that people made, those that expire first in front: for reminders and upkeep."""
    with store.read() as session:
        found = select(SetupLink).where(*_alive(SetupLink.realm == realm, SetupLink.kind == OPERATOR))
        return list(session.scalars(found.order_by(SetupLink.expires).limit(maximum)))


def at_work(store: Store, realm: str, since: datetime) -> list[SetupLink]:
    """Links of programs whose guests were seen since then: these may be at work long after it can be opened no more."""
    seen = select(GuestSession.link).where(
        GuestSession.realm == realm, GuestSession.seen >= since, GuestSession.expires > now()
    )
    mine = (SetupLink.realm == realm, SetupLink.kind == API, SetupLink.ended.is_(None), SetupLink.id.in_(seen))
    with store.read() as session:
        return list(session.scalars(select(SetupLink).where(*mine)))


def of_external_user(store: Store, realm: str, external_user_id: str) -> list[SetupLink]:
    """Links without an end that were made for a user of another application; guests may be at work with each."""
    mine = (SetupLink.realm == realm, SetupLink.external_user_id == external_user_id, SetupLink.ended.is_(None))
    with store.read() as session:
        return list(session.scalars(select(SetupLink).where(*mine)))


def children(store: Store, link_id: str) -> list[SetupLink]:
    """Links that this one handed a part of itself over to."""
    with store.read() as session:
        return list(session.scalars(select(SetupLink).where(SetupLink.parent == link_id).order_by(SetupLink.created)))


def _alive(*conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (*conditions, SetupLink.ended.is_(None), SetupLink.expires > now())


def end(store: Store, link: SetupLink, why: str, by: str = "") -> bool:
    """Give a living link its end, with what it handed over; False if it had one already.

    Guests are told by it: each of their requests, and each call made for them, reads their link again.
    """
    mine = update(SetupLink).where(SetupLink.id == link.id, SetupLink.ended.is_(None))
    with store.write() as session:
        if count(session.execute(mine.values(ended=now(), ending=why, ended_by=by[:255]))) != 1:
            return False
        kids = update(SetupLink).where(SetupLink.parent == link.id, SetupLink.ended.is_(None))
        session.execute(kids.values(ended=now(), ending=why if why == COMPLETED else PARENT, ended_by=by[:255]))
    return True


def change(store: Store, link: SetupLink, **values: Any) -> bool:
    """Set columns of a living link, and of `link`; False if it has ended."""
    mine = update(SetupLink).where(SetupLink.id == link.id, SetupLink.ended.is_(None))
    with store.write() as session:
        changed = count(session.execute(mine.values(**values))) == 1
    for name, value in values.items() if changed else ():
        setattr(link, name, value)
    return changed


def finished(store: Store, link_id: str, intent: str, at: datetime) -> dict[str, str]:
    """Note that an intent is done; returns all that are, with when."""
    with store.write() as session:
        link = session.get(SetupLink, link_id, with_for_update=True)
        if link is None:
            return {}
        link.progress = {**link.progress, intent: link.progress.get(intent) or at.isoformat(timespec="seconds")}
        return dict(link.progress)


def guests(store: Store, link_ids: Sequence[str]) -> list[GuestSession]:
    """Who is at work with these links, the one seen last in front."""
    with store.read() as session:
        found = select(GuestSession).where(GuestSession.link.in_(link_ids), GuestSession.expires > now())
        return list(session.scalars(found.order_by(GuestSession.seen.desc())))
