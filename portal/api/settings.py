"""The settings of a realm as JSON, for those who run it. What is written goes with the caller's own token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.access import SECTIONS
from portal.actor import Actor
from portal.api.filling import FLAG, TEXT, TEXTS, objects
from portal.api.operations import Body, Operation
from portal.api.paging import Page, page
from portal.api.versions import unchanged
from portal.errors import Conflict, Invalid
from portal.realm_settings import actions, branding, returning, sections, style_sheet
from portal.realm_settings.actions import Saved
from portal.realm_settings.sections import is_on, key_of
from portal.realm_settings.writing import WholeRealm
from portal.return_addresses import INTENTS
from portal.store.models_settings import SettingsChange
from portal.styles.branding import CSS
from portal.styles.entry import address_error
from portal.web.language import spoken


@dataclass(frozen=True)
class BrandingDocument:
    """The look of the realm. Empty texts stand for the house's own; pictures are addresses."""

    primary: str
    secondary: str
    accent: str
    header: str
    logo: str
    favicon: str


@dataclass(frozen=True)
class ReturnDocument:
    """Where people return to, how long links live, which languages are offered."""

    origins: list[str]
    default: str
    success: Mapping[str, str]
    link_days: int
    api_link_minutes: int
    languages: list[str]


@dataclass(frozen=True)
class SettingsDocument:
    """The settings of the realm that are the portal's."""

    sections: Mapping[str, bool]
    branding: BrandingDocument
    returning: ReturnDocument
    style_sheet: str


@dataclass(frozen=True)
class SettingsChangeDocument:
    """One save. `before` and `after` are attributes of the realm; `found` what somebody else wrote at that moment."""

    id: str
    at: datetime
    by: str
    area: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    found: Mapping[str, str]
    undoes: str
    undone: bool


def read(actor: Actor, _body: Body) -> SettingsDocument:
    """The settings as they are."""
    return _document(actions.present(actor))


def _document(values: Mapping[str, str]) -> SettingsDocument:
    look, found = branding.look_of(values), returning.of(values)
    return SettingsDocument(
        {section: is_on(values.get(key_of(section), "")) for section in SECTIONS},
        BrandingDocument(look.primary, look.secondary, look.accent, look.header, look.logo, look.favicon),
        ReturnDocument(
            found.origins.splitlines(), found.default, found.success, int(found.days), int(found.minutes),
            list(found.languages),
        ),
        values.get(CSS, ""),
    )  # fmt: skip


def change(actor: Actor, body: Body) -> SettingsDocument:
    """Save what is named, area by area; what is not named stays."""
    values = actor.attributes.read()
    unchanged(_document(values))
    wanted: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
    if "sections" in body:
        on = {name: is_on(values.get(key_of(name), "")) for name in SECTIONS} | body["sections"]
        wanted["sections"] = sections.KEYS, sections.wanted(values, {name for name, held in on.items() if held})
    if "branding" in body:
        wanted["branding"] = branding.KEYS, branding.wanted(values, _look(actor, values, body["branding"]))
    if "returning" in body:
        wanted["return"] = returning.KEYS, returning.wanted(values, _returning(actor, values, body["returning"]))
    for area, (keys, new) in wanted.items():
        save(actor, area, {key: values[key] for key in keys if values.get(key)}, new, whole=bool(body.get("whole")))
    return _document(actor.attributes.read())


def _look(actor: Actor, values: Mapping[str, str], body: Body) -> branding.Look:
    present = branding.look_of(values)
    texts = {name: str(getattr(present, name)) for name in BrandingDocument.__annotations__}
    look = branding.entered({**texts, **body})
    errors = dict(look.errors)
    for kind in branding.PICTURES:
        if getattr(look, kind) != texts[kind] and (said := address_error(actor, getattr(look, kind))):
            errors[kind] = said
    if errors:
        raise Invalid({f"branding.{name}": said for name, said in errors.items()})
    return look


def _returning(actor: Actor, values: Mapping[str, str], body: Body) -> returning.Returning:
    found = returning.of(values)
    form = {"default": found.default, "days": found.days, "minutes": found.minutes, "origins": found.origins}
    form |= {f"success.{intent}": url for intent, url in {**found.success, **body.get("success", {})}.items()}
    names = {"default": "default", "link_days": "days", "api_link_minutes": "minutes"}
    form |= {names[name]: str(value) for name, value in body.items() if name in names}
    if "origins" in body:
        form["origins"] = "\n".join(body["origins"])
    asked = body.get("languages", found.languages)
    tags = [tag for tag, _label in spoken() if tag in asked]
    entered = returning.entered(form, tags, loopback=actions.loopback(actor))
    errors = dict(entered.errors)
    if unknown := sorted(set(asked) - set(tags)):
        errors["languages"] = _("The portal does not speak: %(languages)s.", languages=", ".join(unknown))
    if errors:
        raise Invalid({f"returning.{name}": said for name, said in errors.items()})
    return entered


def save(actor: Actor, area: str, shown: Mapping[str, str], wanted: Mapping[str, str], *, whole: bool) -> Saved:
    """Write an area as the page does. Raises `Conflict` where somebody else changed the same, or all would be."""
    try:
        saved = actions.save(actor, area, shown, wanted, whole)
    except WholeRealm as error:
        raise _only_whole() from error
    if saved.clashes:
        raise Conflict(_("Somebody else changed the same in the meantime. Read it again, then decide."))
    return saved


def _only_whole() -> Conflict:
    return Conflict(
        _("This Keycloak can only be written to as a whole; what others save in that moment is lost. Send whole: true.")
    )


def dress(actor: Actor, body: Body) -> SettingsDocument:
    """Save the style sheet."""
    values, text = actor.attributes.read(), style_sheet.normal(body["css"])
    unchanged(_document(values))
    if said := style_sheet.check(text).refused:
        raise Invalid({"css": said})
    shown = {CSS: values[CSS]} if values.get(CSS) else {}
    if style_sheet.normal(shown.get(CSS, "")) != text:
        save(actor, "style sheet", shown, {CSS: text}, whole=bool(body.get("whole")))
    return _document(actor.attributes.read())


def history(actor: Actor, body: Body) -> Page[SettingsChangeDocument]:
    """A page of saves, newest first."""

    def fetch(first: int, maximum: int) -> Sequence[SettingsChange]:
        return actions.history(actor, first, maximum)

    found = page(body, "settings changes", fetch, lambda row: row.id)
    return Page([_change(each) for each in found.items], found.next)


def _change(row: SettingsChange) -> SettingsChangeDocument:
    return SettingsChangeDocument(
        row.id, row.at, row.by_name, row.area, row.before, row.after, row.found, row.undoes or "", bool(row.undone)
    )


def undo(actor: Actor, body: Body, change: str) -> SettingsDocument:
    """Take a save back."""
    try:
        actions.undo(actor, change, bool(body.get("whole")))
    except WholeRealm as error:
        raise _only_whole() from error
    return _document(actor.attributes.read())


LOOK = objects(**dict.fromkeys(BrandingDocument.__annotations__, TEXT))
NUMBER = {"type": "integer"}
RETURN = objects(
    origins=TEXTS, default=TEXT, success=objects(**dict.fromkeys(INTENTS, TEXT)), link_days=NUMBER,
    api_link_minutes=NUMBER, languages=TEXTS,
)  # fmt: skip
WANTED = objects(sections=objects(**dict.fromkeys(SECTIONS, FLAG)), branding=LOOK, returning=RETURN, whole=FLAG)

OPERATIONS = (
    Operation(
        "GET", "/settings", "settings.view", "getSettings", "The settings of the realm", read, SettingsDocument,
        versioned=True,
    ),
    Operation(
        "PATCH", "/settings", "settings.save", "changeSettings", "Save what is named", change, SettingsDocument,
        body=WANTED, versioned=True,
    ),
    Operation(
        "PUT", "/settings/style-sheet", "settings.style", "changeStyleSheet", "Save the style sheet", dress,
        SettingsDocument, body=objects(("css",), css=TEXT, whole=FLAG), versioned=True,
    ),
    Operation(
        "GET", "/settings/changes", "settings.view", "listSettingsChanges", "Saves, newest first", history,
        SettingsChangeDocument, paged=True,
    ),
    Operation(
        "POST", "/settings/changes/<change>/undo", "settings.save", "undoSettingsChange", "Take a save back", undo,
        SettingsDocument, body=objects(whole=FLAG),
    ),
)  # fmt: skip
