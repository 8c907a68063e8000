"""What every list shares: filters and page in the address, remembered for the session, page sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from flask_babel import gettext as _

from portal.web.current import browser

T = TypeVar("T")
SIZES = (10, 25, 50, 100)
USUAL = 25
FURTHEST = 100_000
# Tables whose filters a session remembers; it is read with every request.
REMEMBERED = 30
KEPT, KEPT_SIZE, CLEAR = "tables", "table_sizes", "clear"


@dataclass(frozen=True)
class Listing:
    """One view of a list. `page` begins at 0; `filters` holds only those that are set."""

    table: str
    filters: dict[str, str]
    size: int
    page: int
    path: str

    @property
    def first(self) -> int:
        """Rows before this page."""
        return self.page * self.size

    @property
    def maximum(self) -> int:
        """How many rows to ask for: one more than shown tells whether there is a next page."""
        return self.size + 1

    def shown(self, rows: Sequence[T]) -> Sequence[T]:
        """The rows of this page."""
        return rows[: self.size]

    def url(self, **changes: Any) -> str:
        """The address of this view with something changed; an empty value leaves the part out."""
        parts: dict[str, Any] = {**self.filters, "size": self.size, "page": self.page + 1, **changes}
        kept = {key: value for key, value in parts.items() if value not in ("", None)}
        return f"{self.path}?{urlencode(kept)}"

    def pager(self, rows: Sequence[Any], total: int | None = None) -> dict[str, Any]:
        """What `ui.pager` needs: text and the addresses of the neighbours."""
        last = self.first + len(self.shown(rows))
        text = _("%(first)s to %(last)s", first=self.first + 1, last=last) if last > self.first else ""
        if text and total is not None:
            text = _("%(first)s to %(last)s of %(total)s", first=self.first + 1, last=last, total=max(total, last))
        more = len(rows) > self.size
        return {
            "text": text, "previous": self.url(page=self.page) if self.page else "",
            "next": self.url(page=self.page + 2) if more else "",
        }  # fmt: skip

    @property
    def clear_url(self) -> str:
        """Shows everything again and forgets the filters."""
        return f"{self.path}?{CLEAR}=yes"


def listing(table: str, *names: str) -> Listing | Response:
    """The view the address asks for, or the redirect to the one that was used last.

    Filters are remembered for the session, per table and organization; `clear` forgets them.
    """
    here = f"{table}:{g.actor.organization.id if g.actor.organization else ''}"
    if CLEAR in request.args:
        _remember(here, {})
        return redirect(request.path, 302)  # type: ignore[return-value]
    sent = {name: request.args[name].strip()[:255] for name in names if request.args.get(name, "").strip()}
    kept = browser().get(KEPT, {}).get(here, {})
    if not request.args and kept:
        return redirect(f"{request.path}?{urlencode(kept)}", 302)  # type: ignore[return-value]
    if request.args and sent != kept:
        _remember(here, sent)
    page = max(1, min(_whole(request.args.get("page")) or 1, FURTHEST)) - 1
    return Listing(table, sent, _size(table), page, request.path)


def _remember(here: str, filters: dict[str, str]) -> None:
    known = [(key, value) for key, value in browser().get(KEPT, {}).items() if key != here]
    others = dict(known[-REMEMBERED:])
    browser()[KEPT] = {**others, here: filters} if filters else others


def _size(table: str) -> int:
    asked, sizes = _whole(request.args.get("size")), browser().get(KEPT_SIZE, {})
    if asked in SIZES:
        if sizes.get(table, USUAL) != asked:
            browser()[KEPT_SIZE] = {**sizes, table: asked}
        return asked
    return int(sizes.get(table, USUAL))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
