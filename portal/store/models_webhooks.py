"""Tables of the webhooks: where events of a realm are sent to, and each event on its way. Times are naive UTC."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class Webhook(Base):
    """An address that is told of events, and the state of its queue.

    `state` is active, disabled (by an operator), stopped (by the portal, `reason` says why) or suspended (its maker may
    not have it any more). `secret` and `previous` are sealed; the second also signs until `previous_until`. Without
    `organizations` or `groups` events are not filtered by them; `groups` names groups and single kinds. `last` is the
    number of the newest delivery; `checked` is when the maker's right was last seen. `failing_since` and `attempts` are
    about the delivery at the head.
    """

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(2048))
    organizations: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    contact: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    maker: Mapped[str] = mapped_column(String(64))
    maker_name: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    created: Mapped[datetime]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    last: Mapped[int] = mapped_column(default=0)
    checked: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime]
    lease: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[float] = mapped_column(default=0.0)


class Delivery(Base):
    """One event for one webhook, numbered in the order in which events are sent.

    `source` is record (of the audit), event (of Keycloak) or test, `about` the id of that row. `body` is made before
    the first attempt and stays the same for all. `state` is waiting, delivered, skipped, or failed (tests alone).
    `status` is that of the last answer, 0 without one; `took` is in milliseconds; `said` is what came of it.
    """

    __tablename__ = "webhook_delivery"

    webhook: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(8))
    about: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    queued: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    tried: Mapped[datetime | None]
    status: Mapped[int] = mapped_column(default=0)
    took: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(String(255), default="")

    __table_args__ = (
        UniqueConstraint("webhook", "event"),
        Index("webhook_delivery_by_state", "webhook", "state", "number"),
    )
