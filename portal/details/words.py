"""What the fields are called, and what the form leaves alone."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.clients.orgs_types import Organization
from portal.details.merge import ATTRIBUTE, DISPLAY_NAME, URL, editable, fields_of


def label_of(field: str) -> str:
    """What a field is called on the page: an attribute by its own name."""
    return {DISPLAY_NAME: _("Display name"), URL: _("Web address")}.get(field) or field.removeprefix(ATTRIBUTE)


def kept_apart(organization: Organization) -> list[tuple[str, str]]:
    """Attributes that single lines of text would not give back as they are: shown, never written."""
    everything = fields_of(organization)
    apart = sorted(set(everything) - set(editable(everything)))
    return [(name.removeprefix(ATTRIBUTE), ", ".join(everything[name])) for name in apart]
