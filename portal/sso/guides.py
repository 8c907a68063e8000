"""The guides that lead an administrator through his vendor's screens.

They are content: files in `guides/`, one for each vendor, protocol and language, read once. One that cannot be read
is left out of the list and said in the log; the linter (`guide_lint`) keeps such a file from being released.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from portal.errors import NotFound
from portal.sso.guide_source import Broken, Source, read
from portal.sso.guide_text import blocks
from portal.sso.guide_types import Guide, Step

FOLDER = Path(__file__).parent / "guides"
ENGLISH = "en"

log = structlog.get_logger("portal.sso.guides")


def every(locale: str = ENGLISH) -> tuple[Guide, ...]:
    """All guides by name, the generic ones last."""
    return tuple(sorted(_all(_written(locale)).values(), key=_order))


def guide(key: str, locale: str = ENGLISH) -> Guide:
    """The guide of this key ("okta-saml"), in this language if it is written in it. Raises NotFound."""
    try:
        return _all(_written(locale))[key]
    except KeyError:
        raise NotFound from None


@cache
def _languages() -> frozenset[str]:
    return frozenset(file.stem.partition(".")[2] for file in FOLDER.glob("*.*.md"))


def _written(locale: str) -> str:
    return locale if locale in _languages() else ENGLISH


@cache
def _all(locale: str) -> dict[str, Guide]:
    if locale != ENGLISH:
        return {key: _in(locale, found) for key, found in _all(ENGLISH).items()}
    read_ones = (_kept(file) for file in FOLDER.glob("*.md") if "." not in file.stem)
    return {one.key: one for one in read_ones if one}


def _order(one: Guide) -> tuple[bool, str, bool]:
    return one.generic, one.name.casefold(), one.protocol != "saml"


def _kept(file: Path) -> Guide | None:
    try:
        return load(file)
    except (Broken, KeyError, ValueError, TypeError) as trouble:
        log.error("guide left out", file=file.name, reason=str(trouble))
        return None


def _in(locale: str, found: Guide) -> Guide:
    file = FOLDER / f"{found.key}.{locale}.md"
    if not file.is_file():
        return found
    try:
        return translate(found, read(file))
    except (Broken, ValueError) as trouble:
        log.error("translation of a guide left out", file=file.name, reason=str(trouble))
        return found


def load(file: Path) -> Guide:
    """The guide of an English file. Raises Broken, KeyError, ValueError or TypeError if it is none."""
    source = read(file)
    facts: dict[str, Any] = dict(source.facts)
    ways = tuple(facts.pop("metadata"))
    return Guide(key=f"{facts['vendor']}-{facts['protocol']}", ways=ways, steps=_steps(source), **facts)


def translate(found: Guide, source: Source) -> Guide:
    """The same guide with the words of a translated file."""
    return replace(found, steps=_steps(source), name=source.facts.get("name", found.name))


def _steps(source: Source) -> tuple[Step, ...]:
    return tuple(Step(section.id, section.title, blocks(section.parts)) for section in source.sections)
