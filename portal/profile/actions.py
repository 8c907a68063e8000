"""Reading and saving the person's own profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms.form import BaseForm

from portal.actor import Actor
from portal.audit import audited
from portal.clients.account_types import Profile
from portal.profile.forms import changes, form_of
from portal.profile.texts import ProfileTexts


def load(actor: Actor) -> Profile:
    """The profile with its description. Raises `Denied`, `SessionEnded`, `Upstream`."""
    return actor.account.profile()


def texts(actor: Actor) -> ProfileTexts:
    """The realm's words for its user profile, in the actor's language."""
    return ProfileTexts(actor.services.realms.texts(actor.realm.name, actor.locale))


def save(actor: Actor, profile: Profile, sent: Mapping[str, Any]) -> tuple[BaseForm, list[str]]:
    """Save what differs from `profile`; returns the form and the names of the attributes that changed.

    Attributes that are not in the form survive: Keycloak deletes what a save leaves out, so the whole
    representation goes back. Raises `Invalid` with Keycloak's errors by attribute.
    """
    form = form_of(profile, sent)
    wanted = changes(form, profile, sent)
    if wanted:
        with audited(actor, "profile.edit", target=actor.sub, after={"fields": sorted(wanted)}):
            actor.account.save_profile(profile.with_values(wanted))
    return form, sorted(wanted)


def shown_name(profile: Profile) -> dict[str, str]:
    """What the person's menu shows, as claims of the session."""
    name = " ".join(part for part in (profile.value("firstName"), profile.value("lastName")) if part)
    return {"name": name, "email": profile.value("email"), "preferred_username": profile.value("username")}
