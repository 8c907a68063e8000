"""The portal's own database: schema, change of key, purge, and writers that meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import LargeBinary, select

from portal.cli import main
from portal.signin.sessions import SECRETS
from portal.store import Store, now
from portal.store.models import Base, Preference, SessionRow, SignInRow, UsedToken
from portal.store.rotation import SEALED, rotate
from portal.store.vault import Vault, load_keys, new_key

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def session_row(name: str, vault: Vault | None = None, **values: object) -> SessionRow:
    times = {"created": now(), "seen": now(), "expires": now() + timedelta(hours=12)}
    row = SessionRow(id=name, realm="demo", claims={}, roles={}, data={}, **{**times, **values})
    for column in SECRETS if vault else ():
        setattr(row, column, vault.seal(f"{column} of {name}", "demo", "session", column, name))
    return row


def add(store: Store, *rows: Base) -> None:
    with store.write() as session:
        session.add_all(rows)


def ids(store: Store, column: object) -> set[str]:
    with store.read() as session:
        return set(session.scalars(select(column)))


# Schema


def test_the_migrations_make_exactly_the_tables_of_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrade_creates_the_database_and_can_be_repeated(
    configuration: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "upgrade"]) == main(["db", "upgrade"]) == 0
    assert store.current()
    assert "The database is at version 0" in capsys.readouterr().out


def test_upgrade_keeps_what_is_there(configuration: Path, store: Store) -> None:
    add(store, Preference(realm="demo", sub="una", key="theme", value="dark"))
    assert main(["db", "upgrade"]) == 0
    assert ids(store, Preference.value) == {"dark"}


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/portal.db", "nonsense", "mongodb://x/y"])
def test_a_database_that_cannot_be_used_is_one_sentence(
    url: str, configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configuration.with_name("portal.toml")
    lines = config.read_text().splitlines()
    config.write_text("\n".join(f'database_url = "{url}"' if "database_url" in line else line for line in lines))
    assert main(["db", "upgrade"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("portal db: ")
    assert len(said.splitlines()) == 1


# Rotation


def opened(store: Store, vault: Vault, name: str) -> list[str]:
    with store.read() as session:
        row = session.get_one(SessionRow, name)
    return [vault.open(getattr(row, column), "demo", "session", column, name) for column in SECRETS]


def test_after_rotation_the_older_key_can_go(store: Store) -> None:
    old, both, new = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    names = [f"row-{number:03}" for number in range(250)]
    add(store, *(session_row(name, old) for name in names), session_row("anonymous"))
    assert rotate(store, both).sealed == 250
    assert opened(store, new, names[-1]) == [f"{column} of {names[-1]}" for column in SECRETS]
    assert rotate(store, both).sealed == 0


def test_sign_ins_under_way_survive_a_rotation(store: Store) -> None:
    place = ("demo", "sign_in", "secrets", "state-1")
    sealed = Vault([OLD]).seal("nonce and verifier", *place)
    add(store, SignInRow(state="state-1", session_id="a", realm="demo", created=now(), secrets=sealed, data={}))
    assert rotate(store, Vault([NEW, OLD])).sealed == 1
    with store.read() as session:
        assert Vault([NEW]).open(session.scalars(select(SignInRow.secrets)).one(), *place) == "nonce and verifier"


def test_no_column_of_bytes_is_forgotten() -> None:
    kept = {(key.class_.__tablename__, column) for key, columns in SEALED for column in columns}
    pictures = {("image", "body")}
    binary = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert binary - pictures == kept


def test_a_row_that_no_key_opens_is_counted_and_left_as_it_was(store: Store) -> None:
    stranger = Vault([bytes(32)])
    add(store, session_row("row-1", stranger), session_row("row-2", Vault([OLD])))
    result = rotate(store, Vault([NEW, OLD]))
    assert (result.sealed, result.unreadable) == (1, 1)
    assert opened(store, stranger, "row-1")


def test_rotating_by_command(configuration: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    add(store, session_row("row-1", Vault(load_keys(str(configuration)))))
    configuration.write_text(new_key() + "\n" + configuration.read_text(), encoding="ascii")
    assert main(["db", "rotate-keys"]) == 0
    assert capsys.readouterr().out == "Sealed anew with the newest key: 1.\n"
    assert opened(store, Vault(load_keys(str(configuration))[:1]), "row-1")


def test_a_missing_key_file_is_one_sentence(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configuration.unlink()
    assert main(["db", "rotate-keys"]) == 2
    assert capsys.readouterr().err == f"portal db: cannot read keys from {configuration}\n"


# Writers that meet


def test_writers_that_read_first_wait_for_each_other(store: Store) -> None:
    add(store, Preference(realm="demo", sub="una", key="count", value="0"))

    def count_on(_: int) -> None:
        with store.write() as session:
            row = session.scalars(select(Preference).with_for_update()).one()
            row.value = str(int(row.value) + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_on, range(80)))
    assert ids(store, Preference.value) == {"80"}


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        session.add(UsedToken(jti="1", expires=now()))
        session.flush()
        1 / 0  # noqa: B018
    assert ids(store, UsedToken.jti) == set()
