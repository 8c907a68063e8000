"""Texts in a language of one's choice, without a request: for mails and for work in the background."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.support import NullTranslations, Translations

_FOLDER = Path(__file__).parent.parent / "translations"
_SPACE = re.compile(r"\s+")
# Between these a mail program would see an address and make it a link.
_LINKING = re.compile(r"(?<=\w)[.@](?=\w)|:(?=//)")
_JOINER = "\N{WORD JOINER}"
LONGEST_NAME = 80


class Texts:
    """Translates into one language; English where the portal does not speak it.

    Called `_` where it is used, so that the texts are collected: `_ = texts("de"); _("Hello %(name)s", name=…)`.
    """

    def __init__(self, locale: str) -> None:
        short = locale.replace("_", "-").split("-")[0].lower()
        self._catalogue: NullTranslations = Translations.load(_FOLDER, [short])
        # A catalogue that is not there leaves the texts in English, and then dates are English too.
        self.locale = short if isinstance(self._catalogue, Translations) else "en"

    def __call__(self, text: str, **values: Any) -> str:
        """The text in this language."""
        return _filled(self._catalogue.ugettext(text), values)

    def ngettext(self, one: str, many: str, number: int, **values: Any) -> str:
        """The text for `number` things."""
        return _filled(self._catalogue.ungettext(one, many, number), {"num": number, **values})

    def date(self, at: datetime) -> str:
        """A day, written out. `at` is aware, or naive UTC as it is stored."""
        return str(format_date(_utc(at), "long", locale=self.locale))

    def datetime(self, at: datetime) -> str:
        """A day and a time of day in UTC, and so marked."""
        return f"{format_datetime(_utc(at), 'd MMMM y, HH:mm', locale=self.locale)} UTC"


@lru_cache
def texts(locale: str) -> Texts:
    """The texts in a language (`de`, `de-AT`)."""
    return Texts(locale)


def one_line(text: str) -> str:
    """`text` on one line, without characters that control a terminal, a header or the direction of writing."""
    return "".join(each for each in _SPACE.sub(" ", text).strip() if _harmless(each))


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """What people choose freely, names above all, fit for a mail: one line, cut, and never turned into a link."""
    line = one_line(text)
    short = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return _LINKING.sub(lambda found: found[0] + _JOINER, short)


def _harmless(letter: str) -> bool:
    return letter == _JOINER or unicodedata.category(letter)[0] != "C"


def _filled(text: str, values: dict[str, Any]) -> str:
    return text % values if values else text


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
