"""Leaving an organization. The last administrator stays."""

from __future__ import annotations

from portal.access import Grant, grant
from portal.actor import Actor
from portal.audit import audited
from portal.errors import NotFound, Upstream
from portal.organizations.administrators import check_last
from portal.organizations.lock import locked
from portal.rank import is_administrator
from portal.standing import learn


def check(actor: Actor) -> None:
    """Raises `NotFound` for somebody who is no member, `Conflict` for the last administrator."""
    if not actor.facts.member:
        raise NotFound("an operator who is no member")
    _check_last(actor, _granted(actor))


def leave(actor: Actor) -> None:
    """End the actor's own membership. Raises as `check` does; the roles are read again under the lock."""
    granted, here = _granted(actor), actor.here
    if not actor.facts.member:
        raise NotFound("an operator who is no member")
    with locked(actor, here.id):
        _check_last(actor, granted)
        before = {"roles": sorted(actor.facts.organization_roles)}
        with audited(actor, "organization.leave", target=actor.sub, before=before):
            actor.services.orgs.remove_member(granted, here.id, actor.sub)
            after = learn(actor)
            if any(each.organization.id == here.id for each in after.standing.belongings):
                raise Upstream("still a member", retryable=False)


def _granted(actor: Actor) -> Grant:
    return grant(actor, "organizations.leave", actor.here.id, actor.sub)


def _check_last(actor: Actor, granted: Grant) -> None:
    if is_administrator(actor.facts.organization_roles):
        check_last(actor, granted, actor.sub)
