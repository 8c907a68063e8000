"""Both languages are complete."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from babel.support import NullTranslations

sys.path.insert(0, str(Path(__file__).parent / "tools"))
import translations

from portal.web import language

_PLACE = re.compile(r"%\(\w+\)[sd]")


@pytest.mark.feature("SV-21")
@pytest.mark.parametrize("locale", translations.LOCALES)
def test_every_text_is_translated(locale: str) -> None:
    assert list(translations.missing(translations.read(locale), translations.collected())) == []


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_a_translation_keeps_its_placeholders(locale: str) -> None:
    for message in translations.read(locale):
        if message.id:
            first = message.id if isinstance(message.id, str) else message.id[1]
            last = message.string if isinstance(message.string, str) else message.string[-1]
            assert set(_PLACE.findall(first)) == set(_PLACE.findall(last)), first


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_the_compiled_catalogue_is_the_readable_one(locale: str) -> None:
    path = translations.FOLDER / locale / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == translations.compiled(translations.read(locale)), "run make translations"


def test_values_in_a_text_of_a_page_are_escaped_and_texts_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_catalogue", NullTranslations)
    language._marked.cache_clear()
    assert language._said("<b>%(text)s</b> of 100 %%", text="<i>") == "<b>&lt;i&gt;</b> of 100 %"
    assert language._said("100 %%") == "100 %"
