"""Tables of the programs' way in: their keys, what they asked already, and the ids they know things by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class ApiKey(Base):
    """A key. `hash` is the SHA-256 of it, `shown` its first letters.

    `owner` is whose rights it cannot exceed; `roles` are his of client `realm-management` as they were at `roles_at`
    (epoch seconds). No `organizations` and no `networks` means all of them. `suspended` keeps it from working until
    another operator adopts it; `revoked` is the end.
    """

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    shown: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    organizations: Mapped[list[str]] = mapped_column(JSON, default=list)
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    owner: Mapped[str] = mapped_column(String(64))
    owner_name: Mapped[str] = mapped_column(String(255), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    roles_at: Mapped[float] = mapped_column(default=0.0)
    created: Mapped[datetime]
    created_by_name: Mapped[str] = mapped_column(String(255), default="")
    expires: Mapped[datetime]
    last_used: Mapped[datetime | None]
    suspended: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(16), default="")
    revoked: Mapped[datetime | None]

    __table_args__ = (Index("api_key_by_realm", "realm", "created"),)


class Answered(Base):
    """A request with an idempotency key, and what it was answered. `request` is the SHA-256 of what was asked.

    `state` is begun, done or unknown; `secret` says that the answer held one, which is never shown again.
    """

    __tablename__ = "answered"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    secret: Mapped[bool] = mapped_column(default=False)
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[Any] = mapped_column(JSON, nullable=True)
    begun: Mapped[datetime] = mapped_column(index=True)


class PublicId(Base):
    """The id by which programs know a domain or a connection, while it lives. `reference` is its name or alias."""

    __tablename__ = "public_id"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    organization: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(255))
    created: Mapped[datetime]

    __table_args__ = (UniqueConstraint("realm", "kind", "organization", "reference", name="public_id_of"),)


class OrganizationRecord(Base):
    """What programs say of an organization and Keycloak has no place for. `external_id` is theirs, one per realm."""

    __tablename__ = "organization_record"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(String(64), primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(255))
    created: Mapped[datetime]
    updated: Mapped[datetime]

    __table_args__ = (UniqueConstraint("realm", "external_id", name="organization_by_external_id"),)
