"""Tables of setup links: the links, the tokens that open them, and the guests who came by them. Times are naive UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base

# What the one active link of an organization is: made by people, no hand-over, and without an end.
ONE_ACTIVE = text("kind = 'operator' AND parent = '' AND ended IS NULL")


class SetupLink(Base):
    """A setup link of one organization. `kind` is operator (mailed or copied) or api (made by a program, used once).

    `ended` is when it died before its time, `ending` why: revoked, completed, expired, maker or parent. `maker` is
    the id of a person, a key, a link or nobody (`maker_kind` is the kind of actor). `progress` holds when an intent
    was finished, `opened` when a guest first came. `parent` is the link that handed a part of itself over. `details`
    holds what other rooms keep about it.
    """

    __tablename__ = "setup_link"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64))
    organization_name: Mapped[str] = mapped_column(String(255), default="")
    kind: Mapped[str] = mapped_column(String(16))
    parent: Mapped[str] = mapped_column(String(32), default="", index=True)
    intents: Mapped[list[str]] = mapped_column(JSON, default=list)
    maker_kind: Mapped[str] = mapped_column(String(16))
    maker: Mapped[str] = mapped_column(String(64))
    maker_name: Mapped[str] = mapped_column(String(255), default="")
    return_url: Mapped[str] = mapped_column(Text, default="")
    success_url: Mapped[str] = mapped_column(Text, default="")
    external_user_id: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    created: Mapped[datetime]
    expires: Mapped[datetime]
    opened: Mapped[datetime | None]
    reminded: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    ending: Mapped[str] = mapped_column(String(16), default="")
    ended_by: Mapped[str] = mapped_column(String(255), default="")
    progress: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        Index(
            "setup_link_one_active", "realm", "organization", unique=True,
            sqlite_where=ONE_ACTIVE, postgresql_where=ONE_ACTIVE,
        ),
        Index("setup_link_by_organization", "realm", "organization", "created"),
        Index("setup_link_by_external_user", "realm", "external_user_id"),
        Index("setup_link_by_expiry", "ended", "expires"),
    )  # fmt: skip


class LinkToken(Base):
    """One address under which a link opens. `token` is the SHA-256 of what stands in it.

    `contact` is the address it was mailed to, empty for a copied one. `browser` is the hash of the browser that opened
    it first, `used` when that was; another browser needs the code. `code` is a keyed hash.
    """

    __tablename__ = "link_token"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    link: Mapped[str] = mapped_column(String(32), index=True)
    contact: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime]
    used: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(String(64), default="")
    code: Mapped[str] = mapped_column(String(64), default="")
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)


class GuestSession(Base):
    """Somebody at work with a link. The key is the SHA-256 of the cookie; `started` is the click that began it."""

    __tablename__ = "guest_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    link: Mapped[str] = mapped_column(String(32), index=True)
    token: Mapped[str] = mapped_column(String(64))
    realm: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(64))
    started: Mapped[datetime]
    seen: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
