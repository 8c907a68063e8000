"""The page of events and its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from flask import Blueprint, Response, request, stream_with_context, url_for

from portal.errors import Invalid, NotFound
from portal.events import actions, files, filters, words
from portal.standing import address
from portal.web import actor, page, right
from portal.web.listing import Listing, listing

events = Blueprint("events", __name__, url_prefix="/<realm>/o/<organization>/events")

FORMATS = {"csv": (files.as_csv, "text/csv; charset=utf-8"), "jsonl": (files.as_json, "application/jsonl")}


@events.get("")
@right("events.view")
def index() -> Response:
    """What happened in the organization, newest first."""
    view = listing("events", *filters.NAMES)
    if not isinstance(view, Listing):
        return view
    view = replace(view, filters=_told(view.filters))
    wanted = filters.parse(view.filters)
    lines = [] if wanted.wrong else actions.page(actor(), wanted, view.first, view.maximum)
    exports = {form: _export_url(form, view.filters) for form in FORMATS}
    return page(
        "events/list.html", view=view, lines=lines, wanted=wanted, groups=words.groups(), exports=exports,
        reach=actions.reach(actor()),
    )  # fmt: skip


@events.get("/export")
@right("events.export")
def export() -> Response:
    """The same events as a file, written while it is read. An unknown format is unknown; a wrong date is refused."""
    form = request.args.get("format", "")
    if form not in FORMATS:
        raise NotFound("no such format")
    wanted = filters.parse({name: request.args.get(name, "").strip()[:255] for name in filters.NAMES})
    if wanted.wrong:
        raise Invalid({"from": wanted.wrong})
    write, content_type = FORMATS[form]
    lines = write(actions.export(actor(), wanted, form))
    answer = Response(stream_with_context(_begun(lines)), content_type=content_type)
    name = f"events-{address(actor().here)}-{datetime.now(UTC).date()}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _begun(lines: Iterator[str]) -> Iterator[str]:
    """The same, with the first piece made now: what cannot be recorded is refused before the answer begins."""
    return chain([next(lines, "")], lines)


def _told(found: dict[str, str]) -> dict[str, str]:
    """The filters, without a time zone that no day needs."""
    return found if {"from", "to"} & found.keys() else {key: each for key, each in found.items() if key != "zone"}


def _export_url(form: str, found: dict[str, str]) -> str:
    values: dict[str, Any] = {**found, "format": form}
    return url_for("events.export", **values)
