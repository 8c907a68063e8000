"""The portal's parts without Keycloak: a database of each kind, a mail server, the services on top of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_double import ScriptedMail
from postgresql import binaries, running
from worker_bench import Greet

from portal.demo.ports import any_free
from portal.jobs import handlers
from portal.services import Services, build
from portal.settings import Settings, from_mapping
from portal.store import Store
from portal.store.models import Base
from portal.store.vault import new_key

DATABASES = ["sqlite", "postgresql"] if binaries() else ["sqlite"]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL of this test process."""
    with running() as address:
        yield address


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database at the newest version, once on SQLite and once on PostgreSQL."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'portal.db'}" if sqlite else request.getfixturevalue("postgresql")
    found = Store(url)
    with found.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
    found.upgrade()
    yield found
    found.engine.dispose()


@pytest.fixture
def configuration(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration file of an installation that uses `store`; returns its key file."""
    keys = tmp_path / "keys"
    keys.write_text(new_key() + "\n", encoding="ascii")
    config = tmp_path / "portal.toml"
    config.write_text(
        f'public_url = "https://portal.example.com"\ndatabase_url = "{store.url}"\nkey_file = "{keys}"\n'
        '[[realms]]\nname = "demo"\nkeycloak_url = "https://id.example.com"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("PORTAL_CONFIG", str(config))
    return keys


@pytest.fixture
def smtp() -> Iterator[ScriptedMail]:
    """A mail server that keeps what it gets and can be told to behave badly."""
    server = ScriptedMail(any_free())
    server.start()
    yield server
    server.go_on.set()
    server.stop()


@pytest.fixture
def services(store: Store, smtp: ScriptedMail, tmp_path: Path) -> Iterator[Services]:
    """The services of an installation with this database and mail server; its Keycloak does not answer."""
    made = build(installation(store, tmp_path, smtp.port))
    yield made
    made.store.engine.dispose()


@pytest.fixture
def greet(tmp_path: Path) -> Iterator[Greet]:
    """The work of the kind `greet`, known in this process."""
    handler = Greet(tmp_path)
    handlers.register("greet", handler)
    yield handler
    del handlers.HANDLERS["greet"]


def installation(store: Store, folder: Path, smtp_port: int) -> Settings:
    """The settings of such an installation; also in `portal.toml` in the folder, for other processes."""
    (folder / "keys").write_text(new_key() + "\n", encoding="ascii")
    text = f"""
        public_url = "http://localhost:1"
        database_url = "{store.url}"
        key_file = "{folder / "keys"}"
        [mail]
        host = "127.0.0.1"
        port = {smtp_port}
        tls = "none"
        sender = "noreply@demo.test"
        [[realms]]
        name = "demo"
        keycloak_url = "http://localhost:1"
    """
    (folder / "portal.toml").write_text(text, encoding="utf-8")
    return from_mapping(tomllib.loads(text))
