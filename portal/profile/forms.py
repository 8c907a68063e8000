"""A form made from the realm's user profile (`userProfileMetadata` of the account API)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.form import BaseForm

from portal.clients.account_types import Attribute, Profile
from portal.profile.texts import ProfileTexts

# Kept by the portal's own language menu.
ELSEWHERE = {"locale"}
PREFIX = "attr."
MOST_VALUES, LONGEST = 100, 10_000
KINDS = {
    "textarea": "textarea", "select": "select", "select-radiobuttons": "radios", "multiselect": "checks",
    "multiselect-checkboxes": "checks",
}  # fmt: skip
INPUTS = {"email", "tel", "url", "number", "range", "date", "datetime-local", "month", "week", "time"}
AUTOCOMPLETE = {
    "firstName": "given-name", "lastName": "family-name", "email": "email", "username": "username", "phone": "tel",
    "phoneNumber": "tel", "street": "street-address", "postal_code": "postal-code", "postalCode": "postal-code",
    "locality": "address-level2", "city": "address-level2", "region": "address-level1", "country": "country",
    "birthdate": "bday", "nickname": "nickname", "website": "url",
}  # fmt: skip


class ValuesField(Field):
    """The values of one attribute as text, whatever its kind: Keycloak validates, and says why not."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the values that were sent, line ends as one character. Empty ones stay rows of a list."""
        self.data = [str(value).replace("\r\n", "\n")[:LONGEST] for value in valuelist[:MOST_VALUES]]


@dataclass(frozen=True)
class Control:
    """How one attribute is shown. `kind` is a macro of `ui.html`: field, textarea, select, radios, checks, multi."""

    attribute: Attribute
    name: str
    label: str
    kind: str
    type: str
    hint: str
    read_only: bool
    autocomplete: str
    options: tuple[tuple[str, str], ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> Mapping[str, str]:
        """Words by value."""
        return dict(self.options)


@dataclass(frozen=True)
class Section:
    """A heading with its controls."""

    name: str
    title: str
    text: str
    controls: tuple[Control, ...]


def sections(profile: Profile, texts: ProfileTexts) -> list[Section]:
    """The groups of the user profile in the realm's order; attributes without a group come first."""
    found = [Section("", "", "", _controls(profile, "", texts))]
    for group in profile.groups:
        title, about = (
            texts.label(group.header, group.name),
            texts.label(group.description) if group.description else "",
        )
        found.append(Section(group.name, title, about, _controls(profile, group.name, texts)))
    return [section for section in found if section.controls]


def _controls(profile: Profile, group: str, texts: ProfileTexts) -> tuple[Control, ...]:
    known = {each.name for each in profile.groups}
    mine = [each for each in profile.attributes if (each.group if each.group in known else "") == group]
    return tuple(_control(each, texts) for each in mine if each.name not in ELSEWHERE)


def _control(attribute: Attribute, texts: ProfileTexts) -> Control:
    notes = attribute.annotations
    wanted = str(notes.get("inputType") or "text")
    kind = KINDS.get(wanted, "field")
    if attribute.multivalued and kind in {"field", "textarea"}:
        kind = "multi"
    hints = [
        texts.label(str(notes[key])) for key in ("inputHelperTextBefore", "inputHelperTextAfter") if notes.get(key)
    ]
    html = wanted.removeprefix("html5-")
    kind_of_input = html if html in INPUTS else ("email" if attribute.name == "email" else "text")
    return Control(
        attribute, PREFIX + attribute.name, texts.label(attribute.display_name, attribute.name), kind, kind_of_input,
        " ".join(hints), attribute.read_only, AUTOCOMPLETE.get(attribute.name, ""), _options(attribute, texts),
        _attrs(attribute, texts),
    )  # fmt: skip


def _options(attribute: Attribute, texts: ProfileTexts) -> tuple[tuple[str, str], ...]:
    source = str(attribute.annotations.get("inputOptionsFromValidation") or "options")
    values = (attribute.validators.get(source) or {}).get("options") or []
    return tuple((str(value), texts.option(str(value), attribute.annotations)) for value in values)


def _attrs(attribute: Attribute, texts: ProfileTexts) -> dict[str, str]:
    notes = attribute.annotations
    names = {
        "inputTypePlaceholder": "placeholder", "inputTypeMaxlength": "maxlength", "inputTypeMinlength": "minlength",
        "inputTypeMin": "min", "inputTypeMax": "max", "inputTypeStep": "step", "inputTypeSize": "size",
    }  # fmt: skip
    found = {html: texts.label(str(notes[name])) for name, html in names.items() if notes.get(name)}
    longest = (attribute.validators.get("length") or {}).get("max")
    return {"maxlength": str(longest), **found} if longest and "maxlength" not in found else found


def form_of(profile: Profile, sent: Mapping[str, Any] | None = None) -> BaseForm:
    """The form with the profile's values, or with those that were sent. Read-only attributes are not in it."""
    fields: dict[str, Any] = {PREFIX + each.name: ValuesField() for each in profile.attributes if _editable(each)}
    form = BaseForm(fields)
    form.process(_sent(sent), data={PREFIX + each.name: profile.values(each.name) for each in profile.attributes})
    return form


def _editable(attribute: Attribute) -> bool:
    return not attribute.read_only and attribute.name not in ELSEWHERE


def _sent(sent: Mapping[str, Any] | None) -> MultiDict[str, str] | None:
    return sent if sent is None or isinstance(sent, MultiDict) else MultiDict(sent)


def changes(form: BaseForm, profile: Profile, sent: Mapping[str, Any]) -> dict[str, list[str]]:
    """Attributes whose values differ from the profile's. Only what was sent counts; ticking nothing sends nothing,
    so a list of ticks is accompanied by its name in `_lists`.
    """
    lists = set(MultiDict(sent).getlist("_lists"))
    found = {}
    for name, each in form._fields.items():
        if name in sent or name in lists:
            bare, values = name.removeprefix(PREFIX), [value for value in each.data or [] if value.strip()]
            if values != profile.values(bare):
                found[bare] = values
    return found
