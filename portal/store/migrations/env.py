"""Alembic's entry point."""

from alembic import context
from sqlalchemy import create_engine

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

LOADED = (
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
METADATA = LOADED[0].Base.metadata

engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
