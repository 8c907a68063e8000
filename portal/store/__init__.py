"""What Keycloak has no home for: sessions, audit, preferences, leases, fetched images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from alembic.config import Config


class Store:
    """The database. Transactions are short and never span a network call."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits on leaving and rolls back on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.engine.dialect.name == "sqlite":
                # A read-then-write transaction fails at once with "database is locked"; this one waits its turn.
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    def upgrade(self) -> None:
        """Bring the schema to the newest version (Alembic)."""
        # Alembic is ten megabytes that the workers never need.
        from alembic import command

        command.upgrade(alembic_config(self.url), "head")

    def current(self) -> bool:
        """Whether every table is there."""
        # The tables are loaded here: their modules import this one.
        from portal.store import (  # fmt: skip
            models,
            models_health,
            models_keys,
            models_links,
            models_organizations,
            models_settings,
            models_sso,
            models_webhooks,
            models_work,
        )

        loaded = (
            models, models_health, models_keys, models_links, models_organizations, models_settings, models_sso,
            models_webhooks, models_work,
        )  # fmt: skip
        present = set(inspect(self.engine).get_table_names())
        return set(loaded[0].Base.metadata.tables) <= present


def inserting(dialect: str) -> Any:
    """The `insert` that knows ON CONFLICT, of the database at hand; the other one's megabytes are not loaded."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def now() -> datetime:
    """The present as stored: naive UTC, which SQLite and PostgreSQL compare alike."""
    return datetime.now(UTC).replace(tzinfo=None)


def alembic_config(url: str) -> Config:
    """Alembic's configuration without an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=16)
    engine = create_engine(url, connect_args={"timeout": 5, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN is replaced by ours
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
