"""What the documents say of settings, dependencies, commands and files is so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path

import pytest

from portal import settings, settings_mail
from portal.cli import COMMANDS
from portal.demo import artifacts, cast

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("theme/*.md"), *ROOT.glob("portal/static/*.md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
# Defaults that are filled in elsewhere than in the dataclass.
DERIVED = {"public_url": "required", "key_file": "required", "name": "required", "keycloak_url": "required",
           "internal_url": "`keycloak_url`", "outbound_nameserver": "the system's", "host": "required",
           "sender": "required", "sender_name": "the realm's name", "port": "587, 465 or 25, by `tls`"}  # fmt: skip
TABLES = {"realms", "mail"}


def table(first_header: str, nth: int = 0) -> list[list[str]]:
    """The rows of the nth table of the README whose first column has this title."""
    start = [match.start() for match in re.finditer(rf"^\| {re.escape(first_header)} \|", README, re.MULTILINE)][nth]
    lines = README[start:].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def bare(cell: str) -> str:
    return cell.strip("` ")


def default_of(field: Field[object]) -> str:
    if field.name in DERIVED:
        return DERIVED[field.name]
    if field.default in (MISSING, "", (), None):
        return "none" if field.default is not MISSING else "required"
    if isinstance(field.default, tuple):
        return ", ".join(f"`{item}`" for item in field.default)
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def test_every_setting_is_in_the_table_with_its_default_and_variable() -> None:
    rows = {bare(row[0]): row for row in table("setting")}
    assert list(rows) == [bare(row[0]) for row in table("setting")]
    assert set(rows) == {field.name for field in fields(settings.Settings)}
    for field in fields(settings.Settings):
        variable = "see below" if field.name in TABLES else f"`PORTAL_{field.name.upper()}`"
        default = "required" if field.name == "realms" else default_of(field)
        assert rows[field.name][1:3] == [variable, default], field.name


def test_every_setting_of_a_realm_is_in_the_table() -> None:
    variables = {key: name for name, key in settings._REALM_ENV.items()}
    rows = {bare(row[0]): row for row in table("setting", 1)}
    assert set(rows) == {field.name for field in fields(settings.Realm)}
    for field in fields(settings.Realm):
        assert rows[field.name][1:3] == [f"`{variables[field.name]}`", default_of(field)], field.name
    for key, name in variables.items():
        assert f"`{name}`" in README, key


def test_every_setting_of_mail_is_in_the_table() -> None:
    rows = {bare(row[0]): row for row in table("setting", 2)}
    assert set(rows) == {field.name for field in fields(settings_mail.MailSettings)}
    for field in fields(settings_mail.MailSettings):
        assert rows[field.name][1:3] == [f"`PORTAL_MAIL_{field.name.upper()}`", default_of(field)], field.name
    assert "`PORTAL_MAIL_PASSWORD_FILE`" in README


@pytest.mark.parametrize(
    ("title", "group"),
    [("to serve", ""), ("for PostgreSQL", "postgresql"), ("for the demonstration", "demo"), ("to test", "test"),
     ("to check the sources", "lint")],
)  # fmt: skip
def test_every_dependency_is_named_with_its_reason(title: str, group: str) -> None:
    declared = PROJECT["optional-dependencies"][group] if group else PROJECT["dependencies"]
    names = [re.split(r"[\[<>=~! ]", requirement)[0] for requirement in declared]
    rows = table(title)
    assert sorted(bare(row[0]) for row in rows) == sorted(names)
    assert all(len(row[1]) > 3 for row in rows)


def test_the_cast_is_the_cast() -> None:
    people = [person.username for person in (*cast.DEMO, *cast.IDP, *cast.OTHER)]
    assert [bare(row[0]) for row in table("who")] == people


def test_the_pinned_versions_are_the_first_of_the_tested_ones() -> None:
    pinned = artifacts.pinned()
    row = table("Keycloak")[0]
    extensions = [f"{each.name} {each.version}" for each in pinned.providers if each.name.startswith("keycloak-")]
    assert row[:2] == [pinned.server.version, ", ".join(extensions)]


def named_targets() -> Iterator[str]:
    for document in DOCUMENTS:
        yield from re.findall(r"\bmake ([a-z-]+)`", document.read_text(encoding="utf-8"))
    yield from re.findall(r"^    make ([a-z-]+)", README, re.MULTILINE)


def test_every_command_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(named_targets()) <= targets
    said = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert set(re.findall(r"(?:^ {4}|`)portal ([a-z]+)\b", said, re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    found = [first or second for first, second in LINK.findall(document.read_text(encoding="utf-8"))]
    inside = [target.split("#")[0] for target in found if "://" not in target and not target.startswith(("#", "data:"))]
    assert [target for target in inside if not (document.parent / target).exists()] == []


def test_the_map_names_folders_that_exist() -> None:
    for row in table("where"):
        for name in re.findall(r"`([a-z/_.]+)`", row[0]):
            assert (ROOT / name).exists() or (ROOT / "portal" / name).exists(), name
