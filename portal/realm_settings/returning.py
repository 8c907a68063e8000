"""Where people return to, for how long links live, which languages are offered: the attributes and their checks.

Readers of these settings use the functions without a form: values are checked when they are read, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from portal.return_addresses import (
    API_MINUTES,
    INTENTS,
    LANGUAGES,
    LINK_DAYS,
    LONGEST_API_MINUTES,
    LONGEST_LINK_DAYS,
    ORIGINS,
    RETURN_DEFAULT,
    api_link_minutes,
    link_days,
    origin_of,
    return_origins,
    success_key,
)

KEYS = (ORIGINS, RETURN_DEFAULT, *(success_key(intent) for intent in INTENTS), LINK_DAYS, API_MINUTES, LANGUAGES)
LONGEST_NAME, MOST_ORIGINS = 60, 50


@dataclass(frozen=True)
class Returning:
    """What is entered, and what is wrong with it by field. `origins` is one to a line: origin, space, name."""

    origins: str = ""
    default: str = ""
    success: Mapping[str, str] = field(default_factory=dict)
    days: str = ""
    minutes: str = ""
    languages: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


def of(values: Mapping[str, str]) -> Returning:
    """What the attributes say."""
    success = {intent: values.get(success_key(intent), "") for intent in INTENTS}
    return Returning(
        values.get(ORIGINS, ""), values.get(RETURN_DEFAULT, ""), success, str(link_days(values)),
        str(api_link_minutes(values)), tuple(values.get(LANGUAGES, "").split()),
    )  # fmt: skip


def entered(form: Mapping[str, str], languages: list[str], *, loopback: bool) -> Returning:
    """What somebody entered, with what is wrong. `loopback` also takes http addresses of this machine."""
    texts = {name: form.get(name, "").strip() for name in ("default", "days", "minutes")}
    success = {intent: form.get(f"success.{intent}", "").strip() for intent in INTENTS}
    origins = "\n".join(line.strip() for line in form.get("origins", "").splitlines() if line.strip())
    found = Returning(origins, texts["default"], success, texts["days"], texts["minutes"], tuple(languages))
    return replace(found, errors=dict(_wrong(found, loopback=loopback)))


def _wrong(found: Returning, *, loopback: bool) -> list[tuple[str, str]]:
    listed = return_origins({ORIGINS: found.origins})
    errors = [("origins", _origins_error(found.origins, loopback=loopback))]
    addresses = {"default": found.default, **{f"success.{intent}": url for intent, url in found.success.items()}}
    errors += [(name, _address_error(url, listed, loopback=loopback)) for name, url in addresses.items()]
    errors.append(("days", _number_error(found.days, LONGEST_LINK_DAYS)))
    errors.append(("minutes", _number_error(found.minutes, LONGEST_API_MINUTES)))
    return [(name, said) for name, said in errors if said]


def _origins_error(text: str, *, loopback: bool) -> str:
    lines = text.splitlines()
    if len(lines) > MOST_ORIGINS:
        return _("At most %(most)d applications can be listed.", most=MOST_ORIGINS)
    for line in lines:
        origin, _space, name = line.partition(" ")
        said = _https_error(origin, loopback=loopback)
        if said:
            return f"{origin}: {said}"
        if origin_of(origin, loopback=loopback) != origin.lower().rstrip("/"):
            return _(
                "%(line)s: give the origin alone, like https://app.example.com, then a space and a name.", line=line
            )
        if len(name) > LONGEST_NAME:
            return _("%(line)s: a name has at most %(most)d letters.", line=origin, most=LONGEST_NAME)
    return ""


def _address_error(url: str, listed: Mapping[str, str], *, loopback: bool) -> str:
    if not url:
        return ""
    said = _https_error(url, loopback=loopback)
    if said:
        return said
    if origin_of(url, loopback=loopback) not in listed:
        return _("Put the origin of this address on the list above first.")
    return ""


def _https_error(url: str, *, loopback: bool) -> str:
    if origin_of(url, loopback=loopback):
        return ""
    if url.lower().startswith("http://"):
        return _("A return address must use https.")
    return _("This is not a complete address that begins with https://.")


def _number_error(text: str, most: int) -> str:
    right = re.fullmatch("[0-9]{1,7}", text) and 1 <= int(text) <= most
    return "" if right else _("Enter a whole number from 1 to %(most)d.", most=most)


def wanted(shown: Mapping[str, str], found: Returning) -> dict[str, str]:
    """What the attributes shall be. What means the same keeps its very text."""
    present = of(shown)
    values = {
        ORIGINS: (found.origins, "\n".join(line.strip() for line in present.origins.splitlines() if line.strip())),
        RETURN_DEFAULT: (found.default, present.default), LINK_DAYS: (found.days, present.days),
        API_MINUTES: (found.minutes, present.minutes),
        LANGUAGES: (" ".join(found.languages), " ".join(present.languages)),
    }  # fmt: skip
    for intent in INTENTS:
        values[success_key(intent)] = (found.success[intent], present.success[intent])
    return {key: shown.get(key, "") if mine == before else mine for key, (mine, before) in values.items()}
