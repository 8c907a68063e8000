"""The look of one organization over that of its realm: logo, background colour and the bar on top, nothing else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import LOOK_BACKGROUND, LOOK_HEADER, LOOK_LOGO, Organization
from portal.details.actions import load
from portal.organizations.lock import locked
from portal.standing import stale
from portal.styles.branding import HEADER_STYLES
from portal.styles.organization import look_of

TAG = "organization.look"
KEYS = {"logo": LOOK_LOGO, "background": LOOK_BACKGROUND, "header": LOOK_HEADER}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
# A value of an attribute has no more room at the back end.
LONGEST = 255


@dataclass(frozen=True)
class OwnLook:
    """What is entered, and what is wrong with it by field. An empty text leaves the realm's look in that place."""

    logo: str = ""
    background: str = ""
    header: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def present(organization: Organization) -> OwnLook:
    """What the organization wears, as far as it can be used."""
    found = look_of(organization.look)
    return OwnLook(found.logo_url, found.background, found.header)


def entered(form: Mapping[str, str]) -> OwnLook:
    """What somebody entered, with what is wrong. There are no other fields, and nothing else is kept."""
    logo, background = form.get("logo", "").strip(), form.get("background", "").strip().lower()
    header, errors = form.get("header", ""), {}
    if background and not _COLOUR.fullmatch(background):
        errors["background"] = _("Enter a colour as # and six digits or letters a to f, like #2a56c6, or nothing.")
    if header and header not in HEADER_STYLES:
        errors["header"] = _("Choose one of these.")
    if len(logo) > LONGEST:
        errors["logo"] = _("Use at most %(most)s characters.", most=LONGEST)
    return OwnLook(logo, background, header, errors)


def save(actor: Actor, look: OwnLook) -> bool:
    """Write what differs; whether anything did. Other attributes stay as they are. Raises `Denied`, `Upstream`."""
    with locked(actor, actor.here.id):
        organization = load(actor)
        before = {name: organization.look.get(key, "") for name, key in KEYS.items()}
        wanted = {name: str(getattr(look, name)) for name in KEYS}
        if before == wanted:
            return False
        rest = {key: values for key, values in organization.attributes.items() if key not in KEYS.values()}
        new = {KEYS[name]: (value,) for name, value in wanted.items() if value}
        with audited(actor, TAG, organization.id, {"values": before}, {"values": wanted}):
            actor.orgs.save(dataclasses.replace(organization, attributes={**rest, **new}))
    stale(actor)
    return True
