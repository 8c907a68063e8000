"""The portal's configuration file: the section of one realm, written without touching the rest."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from portal.settings import SettingsError
from portal.store.vault import new_key

_BLOCK = re.compile(r"^\[\[realms\]\]\s*$.*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


def put_realm(path: Path, public_url: str, realm: dict[str, str]) -> bool:
    """Write the realm's section, and the file around it if there is none. Returns whether anything changed.

    The file holds secrets: mode 0600. A new file gets a key file beside it. Raises `SettingsError`.
    """
    text = _read(path) if path.exists() else _preamble(path, public_url, realm["name"])
    for block, present in blocks(text):
        if present.get("name") == realm["name"]:
            if {**present, **realm} == present:
                return False
            return _write(path, text.replace(block, section({**present, **realm})))
    return _write(path, text.rstrip() + "\n\n" + section(realm))


def drop_realm(path: Path, name: str) -> bool:
    """Remove the realm's section. Returns whether there was one."""
    if not path.exists():
        return False
    text = _read(path)
    for block, present in blocks(text):
        if present.get("name") == name:
            return _write(path, text.replace(block, "").rstrip() + "\n")
    return False


def blocks(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The `[[realms]]` sections of a configuration: their text and what they say."""
    return [(found[0], tomllib.loads(found[0])["realms"][0]) for found in _BLOCK.finditer(text)]


def section(realm: dict[str, Any]) -> str:
    """One `[[realms]]` section as text."""
    # A JSON string is a TOML basic string.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in realm.items() if value != ""]
    return "\n".join(["[[realms]]", *lines]) + "\n"


def _preamble(path: Path, public_url: str, realm: str) -> str:
    keys = path.resolve().with_suffix(".keys")
    if not keys.exists():
        _write(keys, new_key() + "\n")
    database = path.resolve().with_suffix(".db")
    lines = {
        "public_url": public_url,
        "default_realm": realm,
        "database_url": f"sqlite:///{database}",
        "key_file": str(keys),
    }
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    return text


def _write(path: Path, text: str) -> bool:
    """Replace the file in one step; nobody else may read it, not even for a moment."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror}") from error
    return True
