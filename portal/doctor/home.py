"""The portal's own house: database, keys, settings."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from portal.doctor.finding import Finding, advice, ok, problem
from portal.settings import Settings
from portal.store import Store
from portal.store.vault import Vault, VaultError, load_keys


def check(settings: Settings) -> Iterator[Finding]:
    """What can be said without Keycloak."""
    yield from _database(settings)
    yield from _keys(settings)
    if settings.demo:
        yield ok("demo", "this is the demo: known people and passwords, never reachable from outside")


def _database(settings: Settings) -> Iterator[Finding]:
    shown = make_url(settings.database_url).render_as_string(hide_password=True)
    store = Store(settings.database_url)
    try:
        current = store.current()
    except SQLAlchemyError as error:
        mend = "start the database, or correct database_url"
        yield problem("database", f"{shown} cannot be used ({type(error).__name__})", mend)
        return
    finally:
        store.engine.dispose()
    if current:
        yield ok("database", f"{shown} is there and up to date")
    else:
        yield problem("database", f"{shown} has no current schema", "portal db upgrade")


def _keys(settings: Settings) -> Iterator[Finding]:
    if not settings.key_file:
        return
    make = f"(umask 077; openssl rand 32 | basenc --base64url > {settings.key_file})"
    try:
        keys = load_keys(settings.key_file)
        Vault(keys)
    except VaultError as error:
        yield problem("keys", str(error), make)
        return
    yield ok("keys", f"{settings.key_file} holds {len(keys)} key{'s' if len(keys) != 1 else ''}")
    if stat.S_IMODE(Path(settings.key_file).stat().st_mode) & 0o077:
        mend = f"chmod 600 {settings.key_file}"
        yield advice("keys", f"{settings.key_file} can be read by other accounts of this machine", mend)
