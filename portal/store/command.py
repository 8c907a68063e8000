"""`portal db`: bring the schema up to date, change the key, delete what is past its time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from portal.settings import Settings, SettingsError, load
from portal.store import Store
from portal.store.vault import Vault, VaultError, load_keys

DONE, FAILED = 0, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the three deeds of `portal db`."""
    parser.description = "Looks after the portal's own database. PORTAL_CONFIG names the configuration file."
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="upgrade|rotate-keys|purge")
    for name, (_, about) in DEEDS.items():
        deeds.add_parser(name, help=about, description=about.capitalize() + ".")


def run(args: argparse.Namespace) -> int:
    """Exit code 0: done, 2: could not; then one sentence on standard error says why."""
    try:
        settings = load()
        store = Store(settings.database_url)
    except (SettingsError, ArgumentError, ImportError) as error:
        return _failed(str(error))
    deed, _ = DEEDS[args.deed]
    try:
        sys.stdout.write(deed(settings, store) + "\n")
    except VaultError as error:
        return _failed(str(error))
    except SQLAlchemyError as error:
        shown = make_url(settings.database_url).render_as_string(hide_password=True)
        return _failed(f"{shown} cannot be used: {getattr(error, 'orig', None) or type(error).__name__}")
    finally:
        store.engine.dispose()
    return DONE


def _failed(sentence: str) -> int:
    sys.stderr.write(f"portal db: {sentence}\n")
    return FAILED


def _upgrade(_: Settings, store: Store) -> str:
    from alembic.migration import MigrationContext

    store.upgrade()
    with store.engine.connect() as connection:
        version = MigrationContext.configure(connection).get_current_revision()
    return f"The database is at version {version}."


def _rotate(settings: Settings, store: Store) -> str:
    from portal.store.rotation import rotate

    if not settings.key_file:
        raise VaultError("there is no key_file in the configuration, so there is nothing to rotate")
    result = rotate(store, Vault(load_keys(settings.key_file)))
    left = f" Opened by none of the keys: {result.unreadable}; those people sign in again."
    return f"Sealed anew with the newest key: {result.sealed}." + (left if result.unreadable else "")


def _purge(settings: Settings, store: Store) -> str:
    from portal.store.purge import purge

    counts = purge(store, settings)
    return "Deleted: " + ", ".join(f"{count} {what}" for what, count in counts.items()) + "."


DEEDS: dict[str, tuple[Callable[[Settings, Store], str], str]] = {
    "upgrade": (_upgrade, "bring the database to the newest version"),
    "rotate-keys": (_rotate, "seal all stored secrets with the newest key of the key file"),
    "purge": (_purge, "delete what is kept longer than `portal doctor --data` says"),
}
