"""What every part of the configuration is checked with."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class SettingsError(ValueError):
    """The configuration cannot be used; the message names the setting and a right value."""


def is_loopback(host: str) -> bool:
    """Whether `host` is `localhost` or a loopback address literal."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def with_secrets(raw: Mapping[str, Any]) -> dict[str, Any]:
    """`raw` with each `<name>_file` replaced by `<name>`: what stands in that file. Raises `SettingsError`."""
    values = {key: value for key, value in raw.items() if not key.endswith("_file")}
    for key, value in raw.items():
        if key.endswith("_file"):
            values[key.removesuffix("_file")] = _secret_file(str(value))
    return values


def _secret_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"cannot read the secret file {path}: {error.strerror}") from error
