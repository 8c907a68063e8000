"""Reading and saving the person's own profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.audit import audited, own, take_back
from portal.clients.account_types import Profile
from portal.errors import Conflict, NotFound
from portal.preferences.actions import drop, keep, kept
from portal.profile.forms import changes, form_of
from portal.profile.texts import ProfileTexts

EMAIL_ASKED = "email_asked"
EMAIL_WINDOW = timedelta(minutes=10)


def load(actor: Actor) -> Profile:
    """The profile with its description. Raises `Denied`, `SessionEnded`, `Upstream`."""
    return actor.account.profile()


def ask_for_email(actor: Actor) -> None:
    """Remember that the actor goes to change the address, so that the page looks for a pending one afterwards."""
    keep(actor, EMAIL_ASKED, datetime.now(UTC).isoformat())


def pending_email(actor: Actor) -> str:
    """The address that waits for its owner to open a link, or an empty string.

    Only the service account sees it, so it is asked for only while a change may be under way.
    """
    asked = kept(actor, EMAIL_ASKED)
    if not asked:
        return ""
    found = actor.services.admin.pending_email(grant(actor, "profile.view", actor.sub), actor.sub)
    if not found and datetime.now(UTC) - datetime.fromisoformat(asked) > EMAIL_WINDOW:
        drop(actor, EMAIL_ASKED)
    return found


def texts(actor: Actor) -> ProfileTexts:
    """The realm's words for its user profile, in the actor's language."""
    return ProfileTexts(actor.services.realms.texts(actor.realm.name, actor.locale))


@dataclass(frozen=True)
class Saved:
    """What a save did: the attributes that changed, and the audit row that could be undone."""

    changed: tuple[str, ...] = ()
    record: str = ""


def save(actor: Actor, profile: Profile, sent: Mapping[str, Any]) -> Saved:
    """Save what differs from `profile`.

    Attributes that are not in the form survive: Keycloak deletes what a save leaves out, so the whole
    representation goes back. Raises `Invalid` with Keycloak's errors by attribute.
    """
    wanted = changes(form_of(profile, sent), profile, sent)
    return _write(actor, profile, wanted) if wanted else Saved()


def _write(actor: Actor, profile: Profile, wanted: dict[str, list[str]], **notes: str) -> Saved:
    before = {"values": {name: profile.values(name) for name in wanted}}
    after = {"values": wanted, **notes}
    with audited(actor, "profile.edit", target=actor.sub, before=before, after=after) as record:
        actor.account.save_profile(profile.with_values(wanted))
    return Saved(tuple(sorted(wanted)), record.id)


def undo(actor: Actor, record_id: str) -> Saved:
    """Take one save back, once, while what it wrote still stands. Raises `NotFound`, `Conflict`, `Invalid`."""
    row = own(actor, record_id, "profile.edit")
    if row.after.get("undoes"):
        raise NotFound("an undoing is not undone")
    profile = load(actor)
    if any(profile.values(name) != values for name, values in row.after["values"].items()):
        raise Conflict(_("Your profile was changed again since. Look at it and change what you want by hand."))
    take_back(actor, row)
    return _write(actor, profile, dict(row.before["values"]), undoes=row.id)


def shown_name(profile: Profile) -> dict[str, str]:
    """What the person's menu shows, as claims of the session."""
    name = " ".join(part for part in (profile.value("firstName"), profile.value("lastName")) if part)
    return {"name": name, "email": profile.value("email"), "preferred_username": profile.value("username")}
