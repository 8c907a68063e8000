"""What stands between a connection and going live."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.clients.connections_types import IdentityProvider
from portal.errors import Conflict
from portal.store import connections
from portal.store.models_sso import Connection

SEVERAL = "_providerConfig.orgs.config.multipleIdps"


def check_proved(actor: Actor, row: Connection) -> None:
    """Raise `Conflict` unless a test of what is saved passed and the organization has a verified domain."""
    if not (row.tested or row.waived_by_name):
        raise Conflict(_("Test this connection first: nobody has signed in by it as it is saved now."))
    proved = verified(actor)
    if not proved:
        raise Conflict(
            _(
                "%(name)s has no verified domain yet. Prove one first: only its people may come in.",
                name=actor.here.label,
            )
        )
    if foreign := set(row.domains) - proved:
        raise Conflict(_("Not verified: %(domains)s.", domains=", ".join(sorted(foreign))))


def verified(actor: Actor) -> set[str]:
    """The domains of the organization that Keycloak holds verified."""
    found = actor.services.orgs.domains(grant(actor, "sso.view", actor.here.id), actor.here.id)
    return {each.name for each in found if each.verified}


def check_alone(actor: Actor, granted: Grant, row: Connection) -> None:
    """Raise `Conflict` if it stands in the way of another one: each domain leads to exactly one connection."""
    others = live(actor, granted, row.alias)
    if not others:
        return
    names = ", ".join(each.display_name or each.alias for each in others)
    if not several(actor):
        text = _("Another connection is active: %(names)s. Disable it first; people keep their accounts.", names=names)
        raise Conflict(text)
    if not row.domains:
        raise Conflict(_("Choose which domains lead to this connection: another one is active as well."))
    if taken := set(row.domains) & {domain for each in others for domain in each.domains}:
        raise Conflict(_("These lead to another connection already: %(domains)s.", domains=", ".join(sorted(taken))))


def live(actor: Actor, granted: Grant, but: str) -> list[IdentityProvider]:
    """The other connections of the organization by which people sign in."""
    found = actor.services.connections.all(granted, actor.here.id)
    return [each for each in found if each.enabled and not each.pending and each.alias != but]


def several(actor: Actor) -> bool:
    """Whether the operator lets this organization have several connections, and the realm routes by domain."""
    allowed = connections.policy(actor.services.store, actor.realm.name, actor.here.id).several
    return allowed and actor.services.realm_facts(actor.realm.name).attributes.get(SEVERAL) == "true"
