"""Tables of the rooms about organizations. Times are naive UTC; what Keycloak keeps itself is not repeated here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class Place(Base):
    """Where an organization stands in the hierarchy, written by operators. `route` is search text, never a path."""

    __tablename__ = "place"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(String(64), primary_key=True)
    parent: Mapped[str] = mapped_column(String(64), default="")
    route: Mapped[str] = mapped_column(String(512), index=True)


class Invitation(Base):
    """An invitation as the portal keeps it: roles, expiry, state and mails. `token` is the SHA-256 of the mailed one.

    `state` is pending, accepted, declined, revoked; expired is pending past `expires`. `account` is the one that was
    made for it, `password_mailed` when Keycloak sent the mail that sets its first password.
    """

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64))
    organization_name: Mapped[str] = mapped_column(String(255), default="")
    keycloak_id: Mapped[str] = mapped_column(String(64), default="")
    email: Mapped[str] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(255), default="")
    last_name: Mapped[str] = mapped_column(String(255), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    message: Mapped[str] = mapped_column(Text, default="")
    client: Mapped[str] = mapped_column(String(255), default="")
    inviter: Mapped[str] = mapped_column(String(64))
    inviter_name: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime]
    expires: Mapped[datetime]
    last_sent: Mapped[datetime | None]
    sent_count: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16))
    ended: Mapped[datetime | None]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    account: Mapped[str] = mapped_column(String(64), default="")
    password_mailed: Mapped[datetime | None]

    __table_args__ = (
        Index("invitation_by_organization", "realm", "organization", "state", "created"),
        Index("invitation_by_email", "realm", "email", "state"),
    )


class AccountOwner(Base):
    """Which organization an account belongs to: the one it was made for. What it may do with it is not said here."""

    __tablename__ = "account_owner"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]


class Mail(Base):
    """A mail on its way. `body` is sealed until it is sent, then emptied.

    `state` is queued, sending, sent, failed, stopped or unknown (killed while sending: never resent by itself).
    """

    __tablename__ = "mail"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64), default="")
    about: Mapped[str] = mapped_column(String(64), default="", index=True)
    recipient: Mapped[str] = mapped_column(String(255))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255), default="")
    attempt: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime]
    due: Mapped[datetime]
    finished: Mapped[datetime | None]
    lease: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[float] = mapped_column(default=0.0)

    __table_args__ = (Index("mail_by_state", "state", "due"),)


class Job(Base):
    """Long work with many rows. `state` is ready, running, done or stopped."""

    __tablename__ = "job"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    issuer: Mapped[str] = mapped_column(String(64))
    issuer_name: Mapped[str] = mapped_column(String(255), default="")
    issuer_sid: Mapped[str] = mapped_column(String(64), default="")
    created: Mapped[datetime]
    finished: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255), default="")
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    total: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[float] = mapped_column(default=0.0)

    __table_args__ = (Index("job_by_state", "state", "created"),)


class JobRow(Base):
    """One row of a job. `state` is waiting, working, mailing, sent, skipped, failed, stopped or unknown.

    A row is mailing until its `mail` is finished, whose state then becomes the row's.
    """

    __tablename__ = "job_row"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    attempt: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(255), default="")
    about: Mapped[str] = mapped_column(String(64), default="")
    mail: Mapped[str] = mapped_column(String(32), default="", index=True)

    __table_args__ = (Index("job_row_by_state", "job", "state", "number"),)


class Domain(Base):
    """A domain an organization claims. `state` is one of `portal.store.domains`."""

    __tablename__ = "domain"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(253), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    added: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(64), default="")
    added_by_name: Mapped[str] = mapped_column(String(255), default="")
    verified: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    checked: Mapped[datetime | None]
    due: Mapped[datetime] = mapped_column(index=True)
    finding: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index("domain_by_name", "realm", "name"),)


class EventRow(Base):
    """One of Keycloak's events, cut to the fields people may see, with the organization it belongs to.

    `actor` is empty for the person himself, `operator`, `service`, or the id of a member. `record` is the audit row
    of the same deed, which is shown in its place. Rows without an organization are those that alarmed the operator.
    """

    __tablename__ = "event"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(String(64), default="")
    person_name: Mapped[str] = mapped_column(String(255), default="")
    actor: Mapped[str] = mapped_column(String(64), default="")
    actor_name: Mapped[str] = mapped_column(String(255), default="")
    failed: Mapped[bool] = mapped_column(default=False)
    record: Mapped[str] = mapped_column(String(32), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        Index("event_by_organization", "realm", "organization", "at"),
        Index("event_by_person", "realm", "organization", "person", "at"),
        Index("event_by_time", "at"),
    )


class EventCursor(Base):
    """How far the poller has read one source of a realm, in Keycloak's time.

    `gaps` holds [from, until] in ISO, newest last, for which nothing was recorded; `until` is null while it lasts.
    """

    __tablename__ = "event_cursor"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime]
    upto: Mapped[datetime]
    polled: Mapped[datetime]
    gaps: Mapped[list[list[str | None]]] = mapped_column(JSON, default=list)


class Membership(Base):
    """Who belonged to an organization from when to when, as the poller saw it. An open interval has no `until`.

    `seen` says that the joining was seen; otherwise the person may have belonged to it before `since` too.
    """

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    seen: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("membership_by_person", "realm", "person"),
        UniqueConstraint("realm", "organization", "person", "since"),
    )


class EventPerson(Base):
    """Whom the poller has looked up: the name to show, and when the memberships were last compared with Keycloak's.

    `many` marks people in more organizations than can be read at once: nothing belongs to one of these alone.
    """

    __tablename__ = "event_person"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    checked: Mapped[datetime]
    many: Mapped[bool] = mapped_column(default=False)
