"""Lists page by page: an opaque cursor that stays where it was although rows before it come and go."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _

from portal import foreign_json
from portal.api.operations import PAGING, Body
from portal.errors import Invalid

T = TypeVar("T")
Fetch = Callable[[int, int], Sequence[T]]
MOST, USUAL = 100, 25
# How far back the last row of a page is looked for when rows before it have gone.
SLACK = 50
# Of how many rows a cursor knows that they were shown: any one of them left is enough.
ENDS = 10
FURTHEST = 1_000_000


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page. `next` is the cursor of the following one, None on the last; `hint` helps where there is nothing."""

    items: Sequence[T]
    next: str | None = None
    hint: str = ""


def page(body: Body, about: str, fetch: Fetch[T], key: Callable[[T], str]) -> Page[T]:
    """The page that `limit` and `cursor` ask for. `about` names the list: its cursors fit no other list or filter.

    `fetch(first, maximum)` brings rows in a fixed order, `key` tells them apart. Raises `Invalid`.
    """
    limit, mark = limit_of(body), mark_of(about, body)
    first, last = opened(body.get("cursor", ""), mark)
    start, found = _from(fetch, key, first, last, limit + 1)
    shown = found[:limit]
    ends = " ".join(_short(key(each)) for each in shown[-ENDS:])
    return Page(shown, written(mark, start + limit, ends) if len(found) > limit else None)


def _from(fetch: Fetch[T], key: Callable[[T], str], first: int, last: str, count: int) -> tuple[int, Sequence[T]]:
    """Where the page begins now, and its rows: behind the last of those shown before, wherever that stands by now."""
    if not first:
        return 0, _several(fetch, 0, count)
    ends = last.split()
    found = _several(fetch, first - 1, count + 1)
    if found and _short(key(found[0])) == ends[-1]:
        return first, found[1:]
    back = max(0, first - SLACK)
    near = [_short(key(each)) for each in _several(fetch, back, 2 * SLACK)]
    left = [place for place, each in enumerate(near) if each in ends]
    start = back + left[-1] + 1 if left else first
    return start, _several(fetch, start, count)


def _short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def _several(fetch: Fetch[T], first: int, count: int) -> Sequence[T]:
    """Back ends give a hundred at once."""
    found = list(fetch(first, min(count, MOST)))
    return [*found, *fetch(first + MOST, count - MOST)] if count > MOST and len(found) == MOST else found


def limit_of(body: Body) -> int:
    """How many rows are asked for. Raises `Invalid`."""
    text = str(body.get("limit", USUAL))
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= MOST):
        raise Invalid({"limit": _("Enter a number from 1 to %(most)s.", most=MOST)})
    return int(text)


def mark_of(about: str, body: Body) -> str:
    """What ties a cursor to its list and filters."""
    filters = sorted((name, str(value)) for name, value in body.items() if name not in PAGING)
    return hashlib.sha256(json.dumps([about, filters]).encode()).hexdigest()[:12]


def written(mark: str, first: int, last: str) -> str:
    """A cursor: how many rows were before, and what tells where they ended."""
    text = json.dumps([mark, first, last], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(cursor: str, mark: str) -> tuple[int, str]:
    """What `written` put into a cursor; nothing without one. Raises `Invalid` for one of another list."""
    if not cursor:
        return 0, ""
    try:
        raw: Any = foreign_json.read(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        named, first, last = raw
    except (ValueError, TypeError, RecursionError) as error:
        raise wrong_cursor() from error
    counted = type(first) is int and 0 < first <= FURTHEST
    if named != mark or not counted or not isinstance(last, str) or not last.strip():
        raise wrong_cursor()
    return first, last


def wrong_cursor() -> Invalid:
    """That a cursor is none of this list."""
    return Invalid({"cursor": _("This is no cursor of this list. Begin again without one.")})
