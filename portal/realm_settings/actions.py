"""Reading and writing the attributes of a realm that are the portal's settings.

Saves of this portal are made one after the other, are compared with what the form showed, and are read back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict, NotFound
from portal.realm_settings.writing import Accept, Writing
from portal.store import now, realm_settings
from portal.store.leases import lease
from portal.store.models_settings import SettingsChange

TAG = "settings.save"
Values = Mapping[str, str]


@dataclass(frozen=True)
class Clash:
    """An attribute that somebody else changed since the form was shown. An empty text is no attribute."""

    key: str
    shown: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Saved:
    """What a save did. With clashes nothing was written, and `present` is what stands there.

    `overwritten` names attributes that hold something else after all: somebody wrote at the same moment.
    """

    changed: tuple[str, ...] = ()
    change: str = ""
    overwritten: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    present: dict[str, str] = field(default_factory=dict)


def present(actor: Actor) -> dict[str, str]:
    """The attributes as the pages know them: some seconds old, or younger than the portal's last save."""
    return dict(actor.services.realm_facts(actor.realm.name).attributes)


def connected(actor: Actor) -> bool:
    """Whether the portal has the client with which operators save."""
    return bool(actor.realm.operator_client_secret)


def loopback(actor: Actor) -> bool:
    """Whether the portal runs on this machine only, so that plain http is fit for its addresses."""
    return actor.services.settings.loopback


def writable(actor: Actor) -> bool:
    """Whether the actor can save here and now. Raises `OperatorNeeded` when he only has to confirm who he is."""
    if not (connected(actor) and actor.may("settings.save")):
        return False
    actor.attributes.check()
    return True


def one_by_one(actor: Actor) -> bool:
    """Whether Keycloak takes attributes one at a time; otherwise the realm is written as a whole."""
    return actor.attributes.single()


def save(actor: Actor, area: str, shown: Values, wanted: Values, accept: Accept = False, *, undoes: str = "") -> Saved:
    """Write what differs from what was shown, unless somebody else changed the same in the meantime.

    `accept` says that the operator agreed to a write of the whole realm. Raises `Denied`, `Upstream`, `Conflict`, and
    `WholeRealm` where there is no other way and nobody agreed.
    """
    asked = {key: value for key, value in wanted.items() if value != shown.get(key, "")}
    if not asked:
        return Saved()
    with lease(actor.services.store, f"settings:{actor.realm.name}"):
        there = actor.attributes.read()
        clashes = _clashes(shown, asked, there)
        if clashes:
            return Saved(clashes=clashes, present=there)
        writes = {key: value for key, value in asked.items() if value != there.get(key, "")}
        writing = Writing(actor.attributes, there, writes)
        return _write(actor, area, writing, accept, undoes) if writes else Saved()


def _clashes(shown: Values, asked: Values, there: Values) -> tuple[Clash, ...]:
    return tuple(
        Clash(key, shown.get(key, ""), value, there.get(key, ""))
        for key, value in asked.items()
        if there.get(key, "") not in {shown.get(key, ""), value}
    )


def _write(actor: Actor, area: str, writing: Writing, accept: Accept, undoes: str) -> Saved:
    writing.prepare(accept)
    keys = sorted(writing.writes)
    with audited(actor, TAG, area, after={"area": area, "keys": keys, "undoes": undoes}) as record:
        change = _change(actor, area, undoes)
        try:
            writing.run()
        finally:
            # Even what was broken off halfway is in the history, with what was written until then.
            _keep(actor, change, writing)
        record.after["overwritten"] = sorted(change.found)
    return Saved(tuple(keys), change.id, tuple(sorted(change.found)))


def _change(actor: Actor, area: str, undoes: str) -> SettingsChange:
    return SettingsChange(
        id=uuid.uuid4().hex, realm=actor.realm.name, at=now(), area=area, by=actor.sub, by_name=actor.label,
        before={}, after={}, found={}, undoes=undoes, undone=None,
    )  # fmt: skip


def _keep(actor: Actor, change: SettingsChange, writing: Writing) -> None:
    change.before = {key: writing.there.get(key, "") for key in writing.written}
    change.after = {key: writing.writes[key] for key in writing.written}
    change.found = dict(writing.found)
    if writing.written:
        realm_settings.keep(actor.services.store, change)
    known = realm_settings.version(actor.services.store, actor.realm.name)
    actor.services.realms.expect(actor.realm.name, known)


def history(actor: Actor, first: int = 0, maximum: int = 50) -> list[SettingsChange]:
    """Saves, newest first."""
    return realm_settings.history(actor.services.store, actor.realm.name, first, maximum)


def change(actor: Actor, change_id: str) -> SettingsChange:
    """One save that can be taken back. Raises `NotFound`."""
    found = realm_settings.change(actor.services.store, actor.realm.name, change_id)
    if found is None or found.undone:
        raise NotFound("no such change")
    return found


def undo(actor: Actor, change_id: str, accept: Accept = False) -> Saved:
    """Take one save back, once, while what it wrote still stands. Raises `NotFound`, `Conflict`."""
    row = change(actor, change_id)
    saved = save(actor, row.area, row.after, row.before, accept, undoes=row.id)
    if saved.clashes:
        raise Conflict(_("The settings were changed again since. Look at them and change what you want by hand."))
    if not realm_settings.mark_undone(actor.services.store, row.id):
        raise NotFound("undone already")
    return saved
