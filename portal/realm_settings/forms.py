"""What the forms of the settings have in common: what they showed, and what was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal import foreign_json
from portal.errors import Invalid
from portal.realm_settings.actions import Saved
from portal.realm_settings.words import label_of
from portal.web import flash


def kept(values: Mapping[str, str], keys: Iterable[str]) -> str:
    """The present values of these attributes for a hidden field."""
    return json.dumps({key: values[key] for key in keys if values.get(key)}, ensure_ascii=False, sort_keys=True)


def shown(text: str, keys: Iterable[str]) -> dict[str, str]:
    """What the form showed. Raises `Invalid` for a field that no form of ours sends."""
    try:
        raw: Any = foreign_json.read(text or "{}")
    except ValueError as error:
        raise Invalid(form=[_("The form was not complete. Reload the page and try again.")]) from error
    if not isinstance(raw, dict):
        raise Invalid(form=[_("The form was not complete. Reload the page and try again.")])
    return {key: str(raw[key]) for key in keys if isinstance(raw.get(key), str)}


def accepted() -> bool:
    """Whether the operator agreed to a write of the whole realm."""
    return request.form.get("accept") == "whole"


def tell(saved: Saved, done: str) -> None:
    """Say on the next page what a save came to."""
    if not saved.changed:
        flash(_("Nothing was changed."), "note")
    elif saved.overwritten:
        names = ", ".join(label_of(key) for key in saved.overwritten)
        flash(_("Saved, but something else changed this at the same moment: %(names)s.", names=names), "warn")
    else:
        flash(done)
