"""Where people may be sent back to, and for how long links live, as a realm's attributes say.

Values are checked here, when they are read: consoles and the admin API write the same attributes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from portal.settings import is_loopback

ORIGINS, RETURN_DEFAULT = "portal.returnOrigins", "portal.returnUrl"
LINK_DAYS, API_MINUTES, LANGUAGES = "portal.linkDays", "portal.apiLinkMinutes", "portal.languages"
INTENTS = ("sso", "domain_verification", "certificate_renewal", "audit_logs", "dsync", "log_streams")
USUAL_LINK_DAYS, LONGEST_LINK_DAYS = 30, 365
USUAL_API_MINUTES, LONGEST_API_MINUTES = 5, 60
LONGEST = 2000
_HOST = re.compile(r"[\w.:-]+")
_PORTS = {"https": 443, "http": 80}


def origin_of(address: str, *, loopback: bool) -> str:
    """The origin of an absolute https address, an empty text for any other; `loopback` takes http of this machine.

    An address that browsers might read differently (backslashes, white space, a user's name in it) has none.
    """
    if len(address) > LONGEST or any(ord(letter) <= 32 for letter in address) or "\\" in address:
        return ""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.username is not None or parts.password is not None or not _HOST.fullmatch(host):
        return ""
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback and is_loopback(host)):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _PORTS[parts.scheme] else "")


def return_origins(attributes: Mapping[str, str]) -> dict[str, str]:
    """Names of the applications people may return to, by origin: attribute `portal.returnOrigins`, one to a line."""
    found = {}
    for line in attributes.get(ORIGINS, "").splitlines():
        origin, _, name = line.strip().partition(" ")
        if origin:
            found[origin.lower().rstrip("/")] = name.strip() or origin.partition("://")[2]
    return found


def allowed(attributes: Mapping[str, str], address: str, *, loopback: bool) -> dict[str, str] | None:
    """The address with the application's name, if its origin is on the realm's list."""
    names, origin = return_origins(attributes), origin_of(address, loopback=loopback)
    return {"url": address, "name": names[origin]} if origin and origin in names else None


def return_default(attributes: Mapping[str, str], *, loopback: bool) -> dict[str, str] | None:
    """Where people return to who came without an address of their own, with the application's name."""
    return allowed(attributes, attributes.get(RETURN_DEFAULT, ""), loopback=loopback)


def success_address(attributes: Mapping[str, str], intent: str, *, loopback: bool) -> str:
    """Where a finished set-up of this intent leads, an empty text where nothing usable is set."""
    found = allowed(attributes, attributes.get(success_key(intent), ""), loopback=loopback)
    return found["url"] if found else ""


def success_key(intent: str) -> str:
    """The attribute of an intent's success address."""
    return f"portal.successUrl.{intent}"


def link_days(attributes: Mapping[str, str]) -> int:
    """For how many days an operator's setup link lives unless he chooses otherwise."""
    return _number(attributes.get(LINK_DAYS, ""), USUAL_LINK_DAYS, LONGEST_LINK_DAYS)


def api_link_minutes(attributes: Mapping[str, str]) -> int:
    """For how many minutes a setup link made by a program lives."""
    return _number(attributes.get(API_MINUTES, ""), USUAL_API_MINUTES, LONGEST_API_MINUTES)


def _number(text: str, usual: int, most: int) -> int:
    return int(text) if re.fullmatch("[0-9]{1,7}", text) and 1 <= int(text) <= most else usual


def languages(attributes: Mapping[str, str]) -> tuple[str, ...]:
    """The languages that the operator offers; none named means all."""
    return tuple(attributes.get(LANGUAGES, "").split())
