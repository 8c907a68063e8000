"""Wizards under way: begun, left, taken up again by a colleague on another device, finished."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict, NotFound
from portal.sso.guide_types import Guide
from portal.sso.guides import guide
from portal.store import connections, now, setups
from portal.store.models_sso import Setup
from portal.store.setups import DROPPED, OPEN, SAVED

TAG = "sso.setup"
# More than anybody needs at once; each holds an alias.
MOST = 10
# Connections of one organization: each is an identity provider of the whole realm.
MOST_IN_USE = 50
REVIEW = "review"


def begin(actor: Actor, key: str) -> Setup:
    """Start a wizard. Raises `NotFound` for an unknown guide, `Conflict` when too many are open."""
    chosen = guide(key)
    if len(setups.of_organization(actor.services.store, actor.realm.name, actor.here.id)) >= MOST:
        raise Conflict(_("%(most)d set-ups are open here already. Finish or discard one first.", most=MOST))
    if len(connections.of_organization(actor.services.store, actor.realm.name, actor.here.id)) >= MOST_IN_USE:
        raise Conflict(_("An organization can have %(most)d connections here.", most=MOST_IN_USE))
    present = now()
    row = Setup(
        id=uuid.uuid4().hex, realm=actor.realm.name, organization=actor.here.id, guide=chosen.key,
        alias=_alias(chosen), values={}, secrets=None, steps={}, state=OPEN, created=present, changed=present,
        by=actor.sub, by_name=actor.label[:255],
    )  # fmt: skip
    with audited(actor, TAG, row.alias, after={"deed": "begin", "guide": chosen.key}):
        setups.insert(actor.services.store, row)
    return row


def _alias(chosen: Guide) -> str:
    """Realm-wide unique by chance alone: the vendor first, so that people who read logs know what it is."""
    return f"{chosen.vendor}-{chosen.protocol}-{secrets.token_hex(8)}"


def open_ones(actor: Actor) -> list[Setup]:
    """What was begun here and is neither saved nor discarded."""
    return setups.of_organization(actor.services.store, actor.realm.name, actor.here.id)


def find(actor: Actor, setup_id: str) -> Setup:
    """A wizard of this organization that is still open. Raises `NotFound`."""
    row = setups.get(actor.services.store, actor.realm.name, actor.here.id, setup_id)
    if row is None or row.state == DROPPED:
        raise NotFound("no such set-up of this organization")
    return row


def finish_step(actor: Actor, row: Setup, step: str, values: Mapping[str, Any], **hidden: str) -> None:
    """Keep what a step brought and who finished it. Raises `Conflict` if somebody else went on meanwhile.

    `hidden` are secrets: they are sealed, and never shown again.
    """
    if row.state != OPEN:
        raise Conflict(_("This set-up is finished. Change the connection itself."))
    done = {**row.steps, step: {"by": actor.label[:255], "at": now().isoformat()}}
    changes: dict[str, Any] = {"values": {**row.values, **values}, "steps": done}
    if hidden:
        changes["secrets"] = _sealed(actor, row, {**secrets_of(actor, row), **hidden})
    if not setups.change(actor.services.store, row, **changes):
        raise Conflict(_("Somebody else has just gone on with this set-up. Look at what he entered, then go on."))


def secrets_of(actor: Actor, row: Setup) -> dict[str, str]:
    """The secrets entered so far, by name."""
    if row.secrets is None:
        return {}
    return dict(json.loads(actor.services.vault.open(row.secrets, *_place(row))))


def _sealed(actor: Actor, row: Setup, values: Mapping[str, str]) -> bytes:
    return actor.services.vault.seal(json.dumps(dict(values)), *_place(row))


def _place(row: Setup) -> tuple[str, ...]:
    return (row.realm, Setup.__tablename__, "secrets", row.id)


def drop(actor: Actor, row: Setup) -> None:
    """Discard a wizard with what was entered. A connection it has made stays."""
    if row.state != OPEN:
        raise Conflict(_("This set-up is finished. Change the connection itself."))
    with audited(actor, TAG, row.alias, {"guide": row.guide}, {"deed": "discard"}):
        setups.change(actor.services.store, row, state=DROPPED, values={}, secrets=None)


def mark_saved(actor: Actor, row: Setup) -> None:
    """The connection exists. Its secret is kept until a test has passed, for the portal's own run beside Keycloak's."""
    setups.change(actor.services.store, row, state=SAVED)
