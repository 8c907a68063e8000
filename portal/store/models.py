"""The tables. Times are naive UTC. Secrets are AEAD-encrypted by `portal.store.vault` before they get here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables of the portal."""


class SessionRow(Base):
    """A browser's session, before (no `sub`) and after sign-in. The key is the SHA-256 of the cookie."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    sub: Mapped[str | None] = mapped_column(String(64))
    sid: Mapped[str | None] = mapped_column(String(64))
    created: Mapped[datetime]
    seen: Mapped[datetime]
    expires: Mapped[datetime]
    auth_time: Mapped[int] = mapped_column(default=0)
    acr: Mapped[str] = mapped_column(String(64), default="")
    claims: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    roles: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    roles_at: Mapped[float] = mapped_column(default=0.0)
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    access_expires: Mapped[float] = mapped_column(default=0.0)
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    operator_tokens: Mapped[bytes | None] = mapped_column(LargeBinary)
    operator_until: Mapped[float] = mapped_column(default=0.0)
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[float] = mapped_column(default=0.0)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        Index("session_by_sid", "realm", "sid"),
        Index("session_by_sub", "realm", "sub"),
        Index("session_by_expiry", "expires"),
    )


class SignInRow(Base):
    """A sign-in under way; found by the hash of its `state`, bound to the browser's session row."""

    __tablename__ = "sign_in"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), index=True)
    realm: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(index=True)
    secrets: Mapped[bytes] = mapped_column(LargeBinary)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class UsedToken(Base):
    """`jti` of logout tokens already seen."""

    __tablename__ = "used_token"

    jti: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires: Mapped[datetime] = mapped_column(index=True)


class AuditRow(Base):
    """What was done through the portal; begun before the first upstream write, completed after the last."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    finished: Mapped[datetime | None]
    realm: Mapped[str] = mapped_column(String(64))
    tag: Mapped[str] = mapped_column(String(64))
    principal: Mapped[dict[str, Any]] = mapped_column(JSON)
    sub: Mapped[str] = mapped_column(String(64), index=True)
    organization: Mapped[str | None] = mapped_column(String(64), index=True)
    target: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(16))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ip_address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")


class Preference(Base):
    """Small choices of a person: theme, and language where the account cannot keep it."""

    __tablename__ = "preference"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    sub: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Image(Base):
    """A logo or favicon, fetched once, checked and re-encoded."""

    __tablename__ = "image"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_url: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime]
    etag: Mapped[str | None] = mapped_column(String(255))
    failed_at: Mapped[datetime | None]
