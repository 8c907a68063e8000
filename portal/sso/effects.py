"""Whom it touches when a connection goes: how many people come through it, and which administrators have no other way.

Nobody is asked to trust a guess: all of it is read from Keycloak at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.clients.connections_types import IdentityProvider
from portal.clients.orgs_types import Member
from portal.errors import Conflict
from portal.organizations.administrators import administrators_of
from portal.sso.drafting import MANAGE

# What lets somebody in without an identity provider.
OWN_WAYS = frozenset({"password", "webauthn-passwordless"})


@dataclass(frozen=True)
class Effect:
    """`people` are linked to the connection; `stranded` are administrators who could come in no other way."""

    people: int
    stranded: tuple[Member, ...]
    domains: tuple[str, ...]


def effect(actor: Actor, alias: str) -> Effect:
    """What it would mean if this connection signed nobody in any more."""
    granted = grant(actor, MANAGE, actor.here.id, alias)
    known = actor.services.connections
    others = {each.alias for each in known.all(granted, actor.here.id) if each.enabled and each.alias != alias}
    present = known.get(granted, actor.here.id, alias)
    people = known.used_by(granted, alias)
    stranded = _stranded(actor, present, others) if people else ()
    return Effect(people, stranded, present.domains)


def _stranded(actor: Actor, present: IdentityProvider, others: set[str]) -> tuple[Member, ...]:
    held = administrators_of(actor, grant(actor, MANAGE, actor.here.id))
    return tuple(each for each in held if _only_by(actor, each, present.alias, others))


def _only_by(actor: Actor, member: Member, alias: str, others: set[str]) -> bool:
    admin, granted = actor.services.admin, grant(actor, MANAGE, actor.here.id, member.id)
    linked = set(admin.identity_providers(granted, member.id))
    if alias not in linked or linked & others:
        return False
    return not admin.credential_types(granted, member.id) & OWN_WAYS


def check_ways_in(actor: Actor, found: Effect) -> None:
    """Raise `Conflict` if administrators would be locked out; operators, who can let them in again, may go on."""
    if not found.stranded or actor.may("sso.override"):
        return
    # A guest is told that there are some, not who: he may not see members.
    names = ", ".join(each.label for each in found.stranded) if actor.may("organizations.open") else "–"
    raise Conflict(
        _(
            "These administrators come in by this connection alone and would be locked out: %(names)s. Give each of "
            "them a password or a passkey first, or take the administrator's roles from them.",
            names=names,
        )
    )
