"""Tables of the room about single sign-on. Times are naive UTC; what Keycloak keeps itself is not repeated here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class Connection(Base):
    """An identity provider as the portal knows it beyond Keycloak.

    `state` is draft, active or disabled; whether it is being tested or needs attention follows from tests and checks.
    `tested` is when a test of the present configuration passed; `waived_by_name` an operator who went without.
    `reading` is what the metadata said when it was saved (see portal.sso.keycloak_config). `certificate_ends` is when
    the last of the trusted certificates does, as it was known at the last save or nightly look.
    """

    __tablename__ = "connection"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    alias: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(String(64))
    guide: Mapped[str] = mapped_column(String(64))
    protocol: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    metadata_url: Mapped[str] = mapped_column(String(2048), default="")
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    checked: Mapped[datetime | None]
    attention: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created: Mapped[datetime]
    set_up_by: Mapped[str] = mapped_column(String(64))
    set_up_by_name: Mapped[str] = mapped_column(String(255), default="")
    tested: Mapped[datetime | None]
    waived_by_name: Mapped[str] = mapped_column(String(255), default="")
    activated: Mapped[datetime | None]
    last_sign_in: Mapped[datetime | None]
    unmapped: Mapped[str] = mapped_column(String(16), default="member")
    certificate_ends: Mapped[datetime | None]

    __table_args__ = (Index("connection_by_organization", "realm", "organization"),)


class Setup(Base):
    """How far a wizard has come. `values` are what was entered, `secrets` the sealed ones among them.

    `steps` names who finished which step and when: {step: {by, at}}. `alias` is fixed from the start, because the
    addresses to paste at the vendor contain it. `state` is open, saved or dropped.
    """

    __tablename__ = "setup"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64))
    guide: Mapped[str] = mapped_column(String(64))
    alias: Mapped[str] = mapped_column(String(64))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    steps: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default="open")
    created: Mapped[datetime]
    changed: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    by_name: Mapped[str] = mapped_column(String(255), default="")

    __table_args__ = (
        Index("setup_by_organization", "realm", "organization", "state"),
        Index("setup_by_alias", "realm", "alias"),
    )


class Trial(Base):
    """A test sign-in. `token` is the SHA-256 of the one in the test address; `report` is sealed, kept 30 days.

    `state` is waiting, opened, passed, failed or expired. `cleaned` is when nothing of it was left at Keycloak.
    """

    __tablename__ = "trial"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64))
    alias: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(64))
    by_name: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime]
    expires: Mapped[datetime]
    opened: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16), default="")
    fault: Mapped[str] = mapped_column(String(64), default="")
    cleaned: Mapped[datetime | None]
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    report: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (Index("trial_by_connection", "realm", "alias", "created"),)


class RoleRule(Base):
    """A rule that turns a group or claim of an identity provider into a role, and who wrote it.

    `looked` is when it was last asked whether the author may still give the role, `orphaned` since when he may not.
    """

    __tablename__ = "role_rule"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    organization: Mapped[str] = mapped_column(String(64))
    alias: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(255))
    value: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(255))
    author: Mapped[str] = mapped_column(String(64))
    author_name: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime]
    looked: Mapped[datetime | None]
    orphaned: Mapped[datetime | None]

    __table_args__ = (Index("role_rule_by_connection", "realm", "alias"),)


class SsoPolicy(Base):
    """What an organization has decided about single sign-on, and what its operator allows it."""

    __tablename__ = "sso_policy"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(String(64), primary_key=True)
    several: Mapped[bool] = mapped_column(default=False)
    managed: Mapped[bool] = mapped_column(default=False)
    enforced: Mapped[bool] = mapped_column(default=False)
    rescue: Mapped[str] = mapped_column(String(64), default="")
    rescue_name: Mapped[str] = mapped_column(String(255), default="")
    rehearsed: Mapped[datetime | None]


class Notice(Base):
    """That somebody was told of something once, such as a certificate that ends in 14 days."""

    __tablename__ = "notice"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    about: Mapped[str] = mapped_column(String(160), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
