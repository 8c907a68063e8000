"""Invitations as the portal keeps them: found, ended, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from portal.errors import NotFound
from portal.store import Store, now
from portal.store.leases import count
from portal.store.models_organizations import AccountOwner, Invitation

PENDING, ACCEPTED, DECLINED, REVOKED, EXPIRED = "pending", "accepted", "declined", "revoked", "expired"
STATES = (PENDING, ACCEPTED, DECLINED, EXPIRED, REVOKED)
# Parameters of one statement that every database takes.
_AT_ONCE = 500


def state_of(row: Invitation) -> str:
    """The state as people see it: pending past its time is expired."""
    return EXPIRED if row.state == PENDING and row.expires <= now() else row.state


def _in_state(state: str, present: datetime) -> ColumnElement[bool]:
    if state == PENDING:
        return and_(Invitation.state == PENDING, Invitation.expires > present)
    if state == EXPIRED:
        return or_(Invitation.state == EXPIRED, and_(Invitation.state == PENDING, Invitation.expires <= present))
    return Invitation.state == state


def _here(realm: str, organization: str, search: str = "", state: str = "") -> list[ColumnElement[bool]]:
    found = [Invitation.realm == realm, Invitation.organization == organization]
    if search:
        found.append(Invitation.email.contains(search.lower(), autoescape=True))
    return [*found, _in_state(state, now())] if state else found


def some(
    store: Store, realm: str, organization: str, search: str, state: str, *, first: int, maximum: int
) -> list[Invitation]:
    """Invitations of an organization, newest first."""
    query = select(Invitation).where(*_here(realm, organization, search, state))
    ordered = query.order_by(Invitation.created.desc(), Invitation.id)
    with store.read() as session:
        return list(session.scalars(ordered.offset(first).limit(maximum)))


def total(store: Store, realm: str, organization: str, search: str = "", state: str = "") -> int:
    """How many `some` would find."""
    with store.read() as session:
        query = select(func.count()).select_from(Invitation).where(*_here(realm, organization, search, state))
        return session.scalar(query) or 0


def find(store: Store, realm: str, organization: str, invitation_id: str) -> Invitation:
    """One invitation of this organization. Raises `NotFound`, also for another organization's."""
    row = by_id(store, realm, invitation_id)
    if row is None or row.organization != organization:
        raise NotFound("no such invitation")
    return row


def by_id(store: Store, realm: str, invitation_id: str) -> Invitation | None:
    """An invitation of this realm."""
    with store.read() as session:
        row = session.get(Invitation, invitation_id)
    return row if row is not None and row.realm == realm else None


def by_token(store: Store, realm: str, token: str) -> Invitation | None:
    """The invitation whose newest mail holds the token of this SHA-256."""
    with store.read() as session:
        return session.scalars(
            select(Invitation).where(Invitation.token == token, Invitation.realm == realm)
        ).one_or_none()


def waiting(store: Store, realm: str, organization: str, emails: Iterable[str]) -> dict[str, Invitation]:
    """Invitations of these addresses that have no answer yet, expired ones too, by address."""
    mine, found = [*_here(realm, organization), Invitation.state == PENDING], {}
    with store.read() as session:
        for part in _parts(emails):
            rows = session.scalars(select(Invitation).where(*mine, Invitation.email.in_(part)))
            found.update({row.email: row for row in rows})
    return found


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    every = list(values)
    return (every[first : first + _AT_ONCE] for first in range(0, len(every), _AT_ONCE))


def answerable(store: Store, realm: str, email: str) -> list[Invitation]:
    """What somebody with this address may answer now, in all organizations, oldest first."""
    mine = and_(Invitation.realm == realm, Invitation.email == email.lower(), _in_state(PENDING, now()))
    query = select(Invitation).where(mine, Invitation.keycloak_id != "")
    with store.read() as session:
        return list(session.scalars(query.order_by(Invitation.created)))


def known(store: Store, realm: str, organization: str, keycloak_ids: Collection[str]) -> set[str]:
    """Those of the back end's ids that belong to an invitation of ours."""
    mine, found = _here(realm, organization), set()
    with store.read() as session:
        for part in _parts(keycloak_ids):
            query = select(Invitation.keycloak_id).where(*mine, Invitation.keycloak_id.in_(part))
            found |= set(session.scalars(query))
    return found


def overdue(store: Store, maximum: int) -> Sequence[Invitation]:
    """Invitations past their time that the back end still keeps, of all realms."""
    late = and_(Invitation.state == PENDING, Invitation.expires <= now())
    with store.read() as session:
        return session.scalars(select(Invitation).where(late).order_by(Invitation.expires).limit(maximum)).all()


def end(store: Store, row: Invitation, state: str) -> bool:
    """Give a pending invitation its end; False if it has one already."""
    return change(store, row, state=state, ended=now())


def mark(store: Store, row: Invitation, **values: Any) -> None:
    """Note something about an invitation, whether it has ended or not."""
    for name, value in values.items():
        setattr(row, name, value)
    with store.write() as session:
        session.execute(update(Invitation).where(Invitation.id == row.id).values(**values))


def made_account(store: Store, row: Invitation, account: str) -> None:
    """Note the account that was made for an invitation: it is the organization's, which made it."""
    row.account = account
    owner = AccountOwner(realm=row.realm, account=account, organization=row.organization, since=now())
    with store.write() as session:
        session.execute(update(Invitation).where(Invitation.id == row.id).values(account=account))
        session.add(owner)


def change(store: Store, row: Invitation, **values: Any) -> bool:
    """Change a pending invitation; False if it has ended."""
    mine = update(Invitation).where(Invitation.id == row.id, Invitation.state == PENDING)
    with store.write() as session:
        return count(session.execute(mine.values(**values))) == 1
