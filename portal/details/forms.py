"""The form of the details, and the checks of names and addresses. What nobody touched is not judged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField, ValidationError

from portal import foreign_json
from portal.clients.orgs_types import RESERVED_ATTRIBUTES, Organization
from portal.details.merge import (
    ATTRIBUTE,
    DISPLAY_NAME,
    KEY,
    URL,
    Clash,
    Fields,
    changed,
    editable,
    fields_of,
    several,
)
from portal.errors import Invalid
from portal.forms import ConfirmForm
from portal.organizations.forms import LONGEST, text_error, url_error

MOST_VALUES = 100
MINE, THEIRS = "mine", "theirs"
RESERVED = tuple(prefix.casefold() for prefix in RESERVED_ATTRIBUTES)


@dataclass(frozen=True)
class Row:
    """One value of an attribute, with what is wrong with it."""

    key: str = ""
    value: str = ""
    error: str = ""


@dataclass(frozen=True)
class Details:
    """The form: what is entered, what it showed, what others had written when it was shown to clash, the choices."""

    display_name: str = ""
    url: str = ""
    rows: tuple[Row, ...] = ()
    shown: Fields = field(default_factory=dict)
    theirs: Fields = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> Fields:
        """What is entered, by field."""
        found: dict[str, list[str]] = {DISPLAY_NAME: [self.display_name], URL: [self.url]}
        for row in self.rows:
            found.setdefault(ATTRIBUTE + row.key, []).append(row.value)
        return {name: several(tuple(v for v in values if v)) for name, values in found.items() if any(values)}

    @property
    def decided(self) -> tuple[Fields, Fields]:
        """What was shown and what is entered, after the choices: a choice says that the other text was seen."""
        shown, mine = dict(self.shown), self.fields
        for name, choice in self.choices.items():
            shown[name] = self.theirs.get(name, ())
            if choice == THEIRS:
                mine[name] = self.theirs.get(name, ())
        return shown, mine

    @property
    def clashes(self) -> list[Clash]:
        """What has to be decided."""
        mine = self.fields
        return [
            Clash(name, self.shown.get(name, ()), mine.get(name, ()), theirs) for name, theirs in self.theirs.items()
        ]

    def kept(self, which: str) -> str:
        """`shown` or `theirs` for a hidden field."""
        return json.dumps(getattr(self, which), ensure_ascii=False)


def of(organization: Organization) -> Details:
    """The form as it is shown first."""
    return _holding(editable(fields_of(organization)))


def _holding(fields: Fields) -> Details:
    rows = [
        Row(name.removeprefix(ATTRIBUTE), value)
        for name, values in sorted(fields.items())
        if name.startswith(ATTRIBUTE)
        for value in values
    ]
    texts = {name: "".join(fields.get(name, ())) for name in (DISPLAY_NAME, URL)}
    return Details(**texts, rows=tuple(rows), shown=fields)  # type: ignore[arg-type]


def sent(form: MultiDict[str, str]) -> Details:
    """What a browser sent. Raises `Invalid` if the hidden parts were tampered with."""
    shown, theirs = _kept(form.get("shown", "{}")), _kept(form.get("theirs", "{}"))
    pairs = zip(form.getlist("key"), form.getlist("value"), strict=False)
    rows = tuple(_row(key.strip(), value, shown) for key, value in pairs)
    chosen = {name: form.get(f"choice.{name}", "") for name in theirs}
    return Details(
        form.get(DISPLAY_NAME, "").strip(), form.get(URL, "").strip(), rows, shown, theirs,
        {name: choice for name, choice in chosen.items() if choice in {MINE, THEIRS}},
    )  # fmt: skip


def _row(key: str, value: str, shown: Fields) -> Row:
    return Row(key, value if value in shown.get(ATTRIBUTE + key, ()) else value.strip())


def _kept(text: str) -> Fields:
    try:
        raw = foreign_json.read(text)
        return {str(name): several(tuple(map(str, values))) for name, values in raw.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise Invalid(form=[_("This form is no longer valid")]) from error


def one_row_more_or_less(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """What "Add" and "Remove" of the attributes mean without scripts."""
    rows = list(zip(form.getlist("key"), form.getlist("value"), strict=False))
    place = form.get("_remove", "").rpartition(":")[2]
    if "_add" in form:
        rows.append(("", ""))
    elif place.isascii() and place.isdigit() and int(place) < len(rows):
        del rows[int(place)]
    other = MultiDict(form)
    other.setlist("key", [key for key, _value in rows])
    other.setlist("value", [value for _key, value in rows])
    return other


def checked(details: Details) -> Details:
    """The form with errors beside what the person touched and may not be so."""
    shown, mine = details.decided
    touched = changed(shown, mine)
    errors = {}
    if DISPLAY_NAME in touched and (said := text_error(details.display_name)):
        errors[DISPLAY_NAME] = said
    if URL in touched and (said := url_error(details.url)):
        errors[URL] = said
    rows = tuple(replace(row, error=_row_error(row, touched)) for row in details.rows)
    rows = tuple(row for row in rows if row.key or row.value)
    if len(rows) > MOST_VALUES and any(name.startswith(ATTRIBUTE) for name in touched):
        errors["attributes"] = _("An organization has at most %(most)d values here.", most=MOST_VALUES)
    return replace(details, errors=errors, rows=rows)


def wrong(details: Details) -> bool:
    """Whether anything stands beside a field."""
    return bool(details.errors) or any(row.error for row in details.rows)


def _row_error(row: Row, touched: Iterable[str]) -> str:
    if not (row.key or row.value) or (row.key and ATTRIBUTE + row.key not in touched and row.value):
        return ""
    if not row.key:
        return _("Give the attribute a name.")
    if not row.value.strip():
        return _("Enter a value, or remove the row.")
    if len(row.key) > LONGEST or not KEY.fullmatch(row.key):
        return _(
            "A name has letters a to z, digits, dots, colons, hyphens and underscores, at most %(most)s.", most=LONGEST
        )
    if row.key.casefold().startswith(RESERVED):
        return _("Names that begin like this are kept for the portal and the sign-in service.")
    return text_error(row.value)


def overtaken(details: Details, present: Fields, clashes: Iterable[Clash]) -> Details:
    """The form once more, with what stands there now: untouched fields as they are, touched ones as entered."""
    shown, mine = details.decided
    touched = set(changed(shown, mine))
    now = editable(present)
    held = {name: values for name, values in now.items() if name not in touched}
    again = _holding({**held, **{name: mine[name] for name in touched if name in mine}})
    seen = {**held, **{name: shown[name] for name in touched if shown.get(name)}}
    return replace(again, shown=seen, theirs={each.field: each.theirs for each in clashes})


class DeleteForm(ConfirmForm):
    """The name, typed out: nobody deletes an organization by a slip."""

    name = StringField(filters=[lambda value: (value or "").strip()])

    def __init__(self, expected: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._expected = expected

    def validate_name(self, field: Field) -> None:
        """Refuse anything but the very name."""
        if not field.data or field.data != self._expected:
            raise ValidationError(_("Type the name exactly as it stands above."))
