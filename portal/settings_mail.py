"""The part of the configuration about the portal's own mail: an optional `[mail]` table, or `PORTAL_MAIL_…`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from portal.settings_checks import SettingsError, is_loopback, with_secrets

# How the connection is protected, with the usual port of each way.
PORTS = {"starttls": 587, "tls": 465, "none": 25}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class MailSettings:
    """The server that takes the portal's mails, and the name they carry. A port of 0 is the usual one of `tls`."""

    host: str
    sender: str
    sender_name: str = ""
    port: int = 0
    tls: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


def mail_settings(raw: Mapping[str, Any] | None) -> MailSettings | None:
    """The settings of the `[mail]` table, None without one. Raises `SettingsError`."""
    if not raw:
        return None
    values = with_secrets(raw)
    known = {item.name for item in fields(MailSettings)}
    if unknown := set(values) - known:
        raise SettingsError(f"unknown setting {sorted(unknown)[0]!r} in [mail]; known are {', '.join(sorted(known))}")
    if lacking := [name for name in ("host", "sender") if not values.get(name)]:
        raise SettingsError(f"mail: {lacking[0]} is required")
    return _checked(MailSettings(**{**values, "port": _port(values)}))


def mail_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The same table from `PORTAL_MAIL_HOST` and its like."""
    names = [item.name for item in fields(MailSettings)] + ["password_file"]
    return {name: env[f"PORTAL_MAIL_{name.upper()}"] for name in names if env.get(f"PORTAL_MAIL_{name.upper()}")}


def _port(values: Mapping[str, Any]) -> int:
    tls, given = values.get("tls", MailSettings.tls), str(values.get("port") or 0)
    if tls not in PORTS:
        raise SettingsError(f"mail: tls must be one of {', '.join(PORTS)}, not {tls!r}")
    if not given.isdigit() or int(given) > 65535:
        raise SettingsError(f"mail: port must be a number from 1 to 65535, not {given!r}")
    return int(given) or PORTS[tls]


def _checked(mail: MailSettings) -> MailSettings:
    if not _ADDRESS.fullmatch(mail.sender):
        raise SettingsError(f"mail: sender must be an address like accounts@example.com, not {mail.sender!r}")
    if not mail.sender_name.isprintable():
        raise SettingsError("mail: sender_name must be one line of text")
    if mail.tls == "none" and not is_loopback(mail.host):
        raise SettingsError('mail: tls "none" is accepted for a server on a loopback address only')
    return mail
