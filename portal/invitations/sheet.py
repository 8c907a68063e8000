"""A list of people as text: read line by line, each line with what is wrong with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from flask_babel import gettext as _

from portal.errors import Invalid
from portal.invitations.forms import LONGEST_NAME, beyond_text, check_email, unknown_text
from portal.jobs.actions import MOST_ROWS

LARGEST = 512 * 1024
COLUMNS = ("email", "first", "last", "roles")
_HEADINGS = {
    "email": "email", "e-mail": "email", "email address": "email", "mail": "email", "e-mail-adresse": "email",
    "first": "first", "first name": "first", "firstname": "first", "given name": "first", "vorname": "first",
    "last": "last", "last name": "last", "lastname": "last", "family name": "last", "surname": "last",
    "nachname": "last", "roles": "roles", "role": "roles", "rollen": "roles", "rolle": "roles",
}  # fmt: skip
_BETWEEN_ROLES = re.compile(r"[\s,;|+]+")


@dataclass(frozen=True)
class Line:
    """One person of a list. `number` is the line of the text, from 1; `problem` is empty if it can be sent."""

    number: int
    email: str
    first: str = ""
    last: str = ""
    roles: tuple[str, ...] = ()
    problem: str = ""

    def data(self) -> dict[str, object]:
        """As a row of a job."""
        return {"email": self.email, "first": self.first, "last": self.last, "roles": list(self.roles)}


def decoded(content: bytes) -> str:
    """The text of a file. Raises `Invalid` for one that is too large or not text."""
    if len(content) > LARGEST:
        raise Invalid(form=[_("The list is larger than 512 KB.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    # UTF-16 without its mark is read as letters with zero bytes between them.
    if "\0" in text:
        raise Invalid(form=[_("This file is not text in UTF-8. Save it as “CSV UTF-8” and try again.")])
    return text


def read(text: str) -> list[Line]:
    """The lines of a list, divided by comma, semicolon or tab, with or without headings; empty ones left out.

    Raises `Invalid` for a list that is too long, empty, or broken.
    """
    if len(text.encode()) > LARGEST:
        raise Invalid(form=[_("The list is larger than 512 KB.")])
    text = text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    try:
        lines = list(_lines(text))
    except csv.Error as error:
        raise Invalid(form=[_("The list cannot be read: %(reason)s.", reason=str(error))]) from error
    if not lines:
        raise Invalid(form=[_("There is nobody on this list.")])
    if len(lines) > MOST_ROWS:
        raise Invalid(form=[_("This list has %(count)s people; at most %(most)s can be invited at once.",
                              count=len(lines), most=MOST_ROWS)])  # fmt: skip
    return lines


def _lines(text: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    columns: Sequence[str] = COLUMNS
    for index, cells in enumerate(each for each in reader if any(cell.strip() for cell in each)):
        names = [_HEADINGS.get(cell.strip().casefold(), "") for cell in cells]
        if index == 0 and "email" in names:
            columns = names
            continue
        yield _line(reader.line_num, columns, cells)


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _line(number: int, columns: Sequence[str], cells: Sequence[str]) -> Line:
    found = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    roles = tuple(sorted({role for role in _BETWEEN_ROLES.split(found.get("roles", "")) if role}))
    return Line(number, found.get("email", "").lower(), found.get("first", ""), found.get("last", ""), roles)


def checked(
    lines: Iterable[Line], *, usual: Sequence[str], known: Collection[str], given: Collection[str],
    waiting: Mapping[str, object],
) -> list[Line]:  # fmt: skip
    """The lines with roles and problems. `usual` are the roles of lines that name none; `known` those there are,
    `given` those that may be given; `waiting` has the addresses invited already."""
    seen: dict[str, int] = {}
    found = []
    for given_line in lines:
        line = given_line if given_line.roles else replace(given_line, roles=tuple(usual))
        problem = _problem(line, known, given) or _twice(line, seen, waiting)
        seen.setdefault(line.email, line.number)
        found.append(replace(line, problem=problem))
    return found


def _problem(line: Line, known: Collection[str], given: Collection[str]) -> str:
    if wrong := check_email(line.email):
        return wrong
    for name in (line.first, line.last):
        if len(name) > LONGEST_NAME or not name.isprintable():
            return _("The name is too long, or holds characters that cannot be sent.")
    if unknown := [role for role in line.roles if role not in known]:
        return unknown_text(unknown[0])
    beyond = [role for role in line.roles if role not in given]
    return beyond_text(beyond) if beyond else ""


def _twice(line: Line, seen: Mapping[str, int], waiting: Mapping[str, object]) -> str:
    if line.email in seen:
        return _("The same address stands in line %(number)s.", number=seen[line.email])
    return _("Invited already.") if line.email in waiting else ""
