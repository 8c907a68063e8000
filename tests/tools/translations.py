"""`make translations`: collects the texts, updates the catalogues, compiles them, and says what is missing."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "portal" / "translations"
LOCALES = ("de",)
METHODS = [("templates/**.html", "jinja2"), ("demo/**.py", "ignore"), ("**.py", "python")]
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip


def collected() -> Catalog:
    """Every text of code and templates, in English."""
    catalog = Catalog(project="portal", version="1", charset="utf-8")
    for file, _line, text, _comments, context in extract_from_dir(ROOT / "portal", METHODS, keywords=KEYWORDS):
        catalog.add(text, None, [(f"portal/{file}", 1)], context=context)
    return catalog


def read(locale: str) -> Catalog:
    """A catalogue as it is in the tree."""
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale)


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as the server reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def missing(catalog: Catalog, texts: Catalog) -> Iterator[str]:
    """Texts without a good translation."""
    for message in texts:
        if message.id and not _good(catalog.get(message.id, message.context)):
            yield message.id if isinstance(message.id, str) else message.id[0]


def _good(found: Message | None) -> bool:
    if found is None or found.fuzzy:
        return False
    return all(found.string) if isinstance(found.string, tuple) else bool(found.string)


def update(locale: str, texts: Catalog) -> list[str]:
    """Bring one catalogue up to date; returns what is missing in it."""
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = read(locale) if path.exists() else Catalog(locale=locale, charset="utf-8")
    catalog.update(texts, no_fuzzy_matching=True, update_header_comment=True)
    catalog.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalog, omit_header=False, no_location=True, sort_output=True, width=110)
    path.with_suffix(".mo").write_bytes(compiled(catalog))
    return list(missing(catalog, texts))


if __name__ == "__main__":
    texts = collected()
    lacking = {locale: update(locale, texts) for locale in LOCALES}
    for locale, found in lacking.items():
        print(f"{locale}: {len(texts) - len(found)} of {len(texts)} texts are translated")
        for text in found:
            print(f"  missing: {text}")
    sys.exit(1 if any(lacking.values()) else 0)
