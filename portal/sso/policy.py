"""What an organization decides about signing in: whether its people come from its identity provider alone, whether
they must sign in there, and who still gets in when that provider is down.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.orgs_types import Member
from portal.errors import Conflict, Denied, NotFound, SignInElsewhere
from portal.organizations.administrators import administrators_of
from portal.organizations.lock import locked
from portal.rank import is_operator
from portal.sso.effects import OWN_WAYS
from portal.store import connections, domains, now, rules
from portal.store.connections import ACTIVE
from portal.store.models_sso import SsoPolicy

TAG = "sso.policy"
# A rehearsal is a sign-in that has just happened, and it is good for this long.
JUST, GOOD = 15 * 60, timedelta(days=180)


def present(actor: Actor) -> SsoPolicy:
    """What is decided now."""
    return connections.policy(actor.services.store, actor.realm.name, actor.here.id)


def candidates(actor: Actor) -> list[Member]:
    """The administrators, one of whom may be named."""
    return administrators_of(actor, grant(actor, TAG, actor.here.id))


def _own_way(actor: Actor, user_id: str) -> bool:
    """Whether somebody has a password or a passkey, and so needs no identity provider."""
    granted = grant(actor, TAG, actor.here.id, user_id)
    return bool(actor.services.admin.credential_types(granted, user_id) & OWN_WAYS)


def name_rescue(actor: Actor, user_id: str) -> Member:
    """Name the administrator who gets in without single sign-on. Raises `NotFound`, `Conflict`."""
    found = next((each for each in candidates(actor) if each.id == user_id), None)
    if found is None:
        raise NotFound("not an administrator")
    if not _own_way(actor, found.id):
        raise Conflict(_("%(name)s has neither a password nor a passkey: see Security.", name=found.label))
    before = present(actor)
    if before.rescue == found.id:
        return found

    def check() -> None:
        if present(actor).enforced:
            raise Conflict(_("Single sign-on is demanded. Stop demanding it before somebody else is named."))

    named = {"rescue": found.id, "rescue_name": found.label[:255], "rehearsed": None}
    _decide(actor, {"rescue": before.rescue_name}, check, **named)
    return found


def rehearse(actor: Actor) -> None:
    """The named administrator shows that he gets in. Raises `Conflict` with what is missing."""
    if present(actor).rescue != actor.sub:
        raise Denied("not the one who is named")
    if actor.identity_provider:
        raise Conflict(_("You came in by an identity provider. Sign out, and sign in with your password or passkey."))
    if time.time() - actor.auth_time > JUST:
        raise Conflict(_("You signed in more than fifteen minutes ago. Sign out and in again, then come back here."))
    _decide(actor, {}, rehearsed=now())


def enforce(actor: Actor, on: bool) -> None:
    """Demand single sign-on, or stop demanding it. Raises `Conflict` with what has to happen first."""

    def check() -> None:
        if on and (missing := lacking(actor, candidates(actor))):
            raise Conflict(missing)

    _decide(actor, {"enforced": not on}, check, enforced=on)


def lacking(actor: Actor, administrators: list[Member]) -> str:
    """What has to happen before single sign-on can be demanded; empty if nothing."""
    row = present(actor)
    if not _active(actor):
        return _("No connection is active.")
    if not row.rescue:
        return _("Name an administrator who gets in without it first.")
    if row.rehearsed is None or now() - row.rehearsed > GOOD:
        return _("%(name)s has not shown yet that the way in without it works.", name=row.rescue_name)
    if row.rescue not in {each.id for each in administrators} or not _own_way(actor, row.rescue):
        return _("%(name)s is no longer an administrator with a password or passkey.", name=row.rescue_name)
    return ""


def manage(actor: Actor, on: bool) -> None:
    """Let people and roles come from the identity provider alone, or not."""
    if on and not _active(actor):
        raise Conflict(_("No connection is active."))
    _decide(actor, {"managed": not on}, managed=on)


def allow_several(actor: Actor, on: bool) -> None:
    """Operators alone: whether the organization may have several connections, each with domains of its own."""
    if not is_operator(actor.facts):
        raise Denied("operators alone")
    _decide(actor, {"several": not on}, several=on)


def _decide(
    actor: Actor, before: dict[str, object], check: Callable[[], None] = lambda: None, **values: object
) -> None:
    """Write it, if `check` finds nothing against it once nobody else can decide."""
    after = {"deed": next(iter(values)), **{key: _plain(value) for key, value in values.items()}}
    with locked(actor, actor.here.id):
        check()
        with audited(actor, TAG, actor.here.id, before, after):
            rules.decide(actor.services.store, actor.realm.name, actor.here.id, **values)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _active(actor: Actor) -> list[str]:
    rows = connections.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    return [row.alias for row in rows if row.state == ACTIVE]


def check_managed(actor: Actor) -> None:
    """Raise `Conflict` where people come from the identity provider alone."""
    if present(actor).managed:
        raise Conflict(
            _("People and roles of %(name)s come from its identity provider. Add them there.", name=actor.here.label)
        )


def check_sign_in(actor: Actor) -> None:
    """Raise `SignInElsewhere` where somebody has to come by the organization's identity provider and has not.

    It is demanded of those whose address is of a verified domain; the named administrator and operators get in.
    """
    row = present(actor)
    if not row.enforced or actor.sub == row.rescue or is_operator(actor.facts):
        return
    active = _active(actor)
    if not active or actor.identity_provider in active or not _led_there(actor):
        return
    raise SignInElsewhere(active[0])


def _led_there(actor: Actor) -> bool:
    own = actor.email.rpartition("@")[2].lower()
    rows = domains.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    return own in {row.name for row in rows if row.state == domains.VERIFIED}
