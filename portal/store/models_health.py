"""What the operator's overview found, kept for all processes. Times are naive UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base


class HealthReport(Base):
    """The last examination of a realm. `findings` are those of `portal.doctor`, in the words of one language.

    `full` says that somebody looked who is shown the server's version.
    """

    __tablename__ = "health_report"

    realm: Mapped[str] = mapped_column(String(64), primary_key=True)
    locale: Mapped[str] = mapped_column(String(16), primary_key=True)
    checked: Mapped[datetime]
    full: Mapped[bool] = mapped_column(default=False)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
