"""Tables about the settings of a realm: what was changed in them, and which version every worker must know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class SettingsChange(Base):
    """One save of an operator: values by attribute, before and after; an empty text stands for no attribute.

    `found` is what somebody else put there while this was being written. `undoes` names the save it took back,
    `undone` is when this one was taken back.
    """

    __tablename__ = "settings_change"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    realm: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    area: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(64))
    by_name: Mapped[str] = mapped_column(String(255))
    before: Mapped[dict[str, str]] = mapped_column(JSON)
    after: Mapped[dict[str, str]] = mapped_column(JSON)
    found: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    undoes: Mapped[str] = mapped_column(String(32), default="")
    undone: Mapped[datetime | None]

    __table_args__ = (Index("settings_change_by_time", "realm", "at"),)


class SettingsVersion(Base):
    """How often the portal has written a realm's settings. A worker that knows an older number reads them anew."""

    __tablename__ = "settings_version"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
