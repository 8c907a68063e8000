"""The profile as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.actor import Actor
from portal.api.operations import Body, Operation
from portal.clients.account_types import Profile
from portal.errors import Invalid
from portal.profile import actions
from portal.profile.forms import ELSEWHERE, PREFIX


@dataclass(frozen=True)
class ProfileField:
    """One attribute of the realm's user profile."""

    name: str
    label: str
    required: bool
    read_only: bool
    multivalued: bool
    values: list[str]


@dataclass(frozen=True)
class ProfileDocument:
    """The person's own profile. `pending_email` waits for its owner to open a link; empty when there is none.

    `record` names the change that is being answered, for taking it back; empty otherwise.
    """

    id: str
    email_verified: bool
    pending_email: str
    attributes: list[ProfileField]
    record: str = ""


def read(actor: Actor, _body: Body) -> ProfileDocument:
    """The profile with the description of its attributes."""
    return _document(actor, actions.load(actor))


def _document(actor: Actor, profile: Profile) -> ProfileDocument:
    texts = actions.texts(actor)
    fields = [
        ProfileField(
            each.name, texts.label(each.display_name, each.name), each.required, each.read_only, each.multivalued,
            profile.values(each.name),
        )
        for each in profile.attributes
        if each.name not in ELSEWHERE
    ]  # fmt: skip
    return ProfileDocument(actor.sub, profile.email_verified, actions.pending_email(actor), fields)


def change(actor: Actor, body: Body) -> ProfileDocument:
    """Change the attributes that are named; the others stay. Unknown and read-only ones are errors of their field."""
    profile = actions.load(actor)
    try:
        saved = actions.save(actor, profile, _form_data(profile, body.get("attributes")))
    except Invalid as error:
        texts = actions.texts(actor)
        raise Invalid({name: texts.message(said) for name, said in error.errors.items()}, error.form) from error
    return replace(read(actor, {}), record=saved.record)


def _form_data(profile: Profile, wanted: Any) -> MultiDict[str, str]:
    if not isinstance(wanted, Mapping):
        raise Invalid({"attributes": "error-invalid-value"})
    writable = {each.name for each in profile.attributes if not each.read_only and each.name not in ELSEWHERE}
    errors = {str(name): "error-user-attribute-read-only" for name in wanted if name not in writable}
    data: MultiDict[str, str] = MultiDict()
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            errors[str(name)] = "error-invalid-value"
            continue
        data.setlist(PREFIX + str(name), values)
        data.add("_lists", PREFIX + str(name))
    if errors:
        raise Invalid(errors)
    return data


def undo(actor: Actor, _body: Body, record: str) -> ProfileDocument:
    """Take one's own save back, once, while it still stands."""
    actions.undo(actor, record)
    return read(actor, {})


CHANGE = {
    "type": "object",
    "required": ["attributes"],
    "properties": {
        "attributes": {
            "type": "object",
            "additionalProperties": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        }
    },
}

OPERATIONS = (
    Operation("GET", "/profile", "profile.view", "getProfile", "Your profile", read, ProfileDocument),
    Operation(
        "PATCH", "/profile", "profile.edit", "changeProfile", "Change your profile", change, ProfileDocument,
        body=CHANGE,
    ),
    Operation(
        "POST", "/profile/changes/<record>/undo", "profile.edit", "undoProfileChange", "Take back a change", undo,
        ProfileDocument,
    ),
)  # fmt: skip
