"""Tables by which processes and machines agree: locks, and counts of what is limited."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class Lease(Base):
    """A lock that outlives no crash: taken by compare-and-set, free again after `until` (epoch seconds)."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[float]


class Counter(Base):
    """How often something happened in a window that begins at `begun` (epoch seconds): limits that matter."""

    __tablename__ = "counter"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    begun: Mapped[float]
    count: Mapped[int]
