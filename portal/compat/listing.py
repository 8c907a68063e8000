"""Lists in pages: `before` and `after` name an object, `order` is by the time it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_babel import gettext as _

from portal.errors import Invalid

T = TypeVar("T")
USUAL, MOST = 10, 100
ORDERS = ("desc", "asc", "normal")


@dataclass(frozen=True)
class Window:
    """Which part of a list is wanted."""

    limit: int = USUAL
    before: str = ""
    after: str = ""
    order: str = "desc"


@dataclass(frozen=True)
class Part:
    """Ids of one page in their order, and the cursors to its neighbours."""

    ids: list[str]
    before: str | None
    after: str | None


def window(asked: Mapping[str, str]) -> Window:
    """What a request asks for. Raises `Invalid` by field."""
    limit, order = asked.get("limit", str(USUAL)), asked.get("order", "desc")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= MOST):
        raise Invalid({"limit": _("Enter a whole number from 1 to %(most)d.", most=MOST)})
    if order not in ORDERS:
        raise Invalid({"order": _("Use one of: %(all)s.", all=", ".join(ORDERS))})
    found = Window(int(limit), asked.get("before", ""), asked.get("after", ""), order)
    if found.before and found.after:
        raise Invalid({"before": _("Use before or after, not both.")})
    return found


def part(oldest_first: Sequence[str], wanted: Window) -> Part:
    """The wanted page of these ids. Raises `Invalid` for a cursor that is none of them.

    With order `normal`, newest first, `before` leads to older ones and `after` to newer ones.
    """
    ids = list(oldest_first) if wanted.order == "asc" else list(reversed(oldest_first))
    turned = wanted.order == "normal"
    places = {each: place for place, each in enumerate(ids)}
    place, ahead = sides(wanted, places.get)
    first, last = 0, wanted.limit
    if place is not None:
        first, last = (max(0, place - wanted.limit), place) if ahead else (place + 1, place + 1 + wanted.limit)
    found = ids[first:last]
    further = found[-1] if found and last < len(ids) else None
    back = found[0] if found and first > 0 else None
    return Part(found, further, back) if turned else Part(found, back, further)


def sides(wanted: Window, find: Callable[[str], T | None]) -> tuple[T | None, bool]:
    """What the cursor of a page is, and whether the page lies ahead of it. Raises `Invalid` where `find` knows none."""
    given = "before" if wanted.before else "after"
    cursor = wanted.before or wanted.after
    if not cursor:
        return None, False
    found = find(cursor)
    if found is None:
        raise Invalid({given: _("This is no object of the list.")})
    return found, (given == "before") is not (wanted.order == "normal")


def envelope(objects: Sequence[Any], page: Part) -> dict[str, Any]:
    """A list as programs get it."""
    cursors = {"before": page.before, "after": page.after}
    return {"object": "list", "data": list(objects), "list_metadata": cursors}
