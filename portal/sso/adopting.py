"""Connections that were made elsewhere move to the portal's flows, one at a time, once it is seen whom that keeps out.

Only the two flows change; what else somebody set up at Keycloak stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.connections_allowed import CONFIG, LIVE_FLOW, POST_FLOW, check_mapper
from portal.clients.connections_types import IdentityProvider, Mapper
from portal.clients.trials_service import LinkedAccount
from portal.errors import Conflict, Denied, NotFound
from portal.organizations.lock import locked
from portal.rank import ADMINISTRATOR
from portal.sso import actions, gates
from portal.sso.drafting import MANAGE, check_kept
from portal.sso.ending import ends
from portal.sso.together import together
from portal.store import connections, now
from portal.store.connections import ACTIVE, DISABLED
from portal.store.models_sso import Connection

FLOWS = {"firstBrokerLoginFlowAlias": LIVE_FLOW, "postBrokerLoginFlowAlias": POST_FLOW}


@dataclass(frozen=True)
class Prospect:
    """What it would mean: `people` come by the connection, `refused` of them could not any more."""

    shown: actions.Shown
    people: int
    refused: tuple[LinkedAccount, ...]


def prospect(actor: Actor, alias: str) -> Prospect:
    """Look at a connection that was made elsewhere. Raises `NotFound`, and `Conflict` for one that cannot move."""
    shown = actions.find(actor, alias)
    if shown.row is not None or shown.provider is None:
        raise NotFound("not a connection made elsewhere")
    proved = gates.verified(actor)
    if reasons := [*_obstacles(actor, shown.provider, proved)]:
        raise Conflict(_("This connection cannot be brought under the portal’s rules. %(why)s", why=" ".join(reasons)))
    linked = [*actor.services.trials.every_linked(grant(actor, MANAGE, actor.here.id, alias), alias)]
    outside = [each for each in linked if each.email.rpartition("@")[2].lower() not in proved]
    return Prospect(shown, len(linked), tuple(outside))


def _obstacles(actor: Actor, provider: IdentityProvider, proved: set[str]) -> Iterator[str]:
    if provider.protocol not in CONFIG:
        yield _("It is neither SAML nor OpenID Connect.")
        return
    if provider.shared:
        yield _("Several organizations share it.")
    if not proved:
        yield _("%(name)s has no verified domain yet, so everybody would be refused.", name=actor.here.label)
    granted = grant(actor, MANAGE, actor.here.id, provider.alias)
    present = actor.services.connections.mappers(granted, actor.here.id, provider.alias)
    if foreign := [each.name for each in present if not _harmless(actor, provider, each)]:
        names = ", ".join(foreign)
        yield _("These mappers give more than an organization may; remove them at Keycloak: %(names)s.", names=names)


def _harmless(actor: Actor, provider: IdentityProvider, mapper: Mapper) -> bool:
    """Whether the portal could have made it: whoever looks after a connection decides what comes through it."""
    try:
        check_mapper(provider.protocol, mapper.kind, mapper.config, actor.here.name)
    except Denied:
        return False
    return mapper.config.get("org_role") not in ADMINISTRATOR


def adopt(actor: Actor, found: Prospect) -> Connection:
    """Move it to the portal's flows; it stays on or off as it is. Raises `Conflict` when it failed."""
    provider = found.shown.provider
    assert provider is not None
    granted, row = grant(actor, MANAGE, actor.here.id, provider.alias), _row(actor, provider)
    after = {"deed": "adopt", "state": row.state, "people": found.people}
    with locked(actor, actor.here.id), audited(actor, MANAGE, row.alias, {}, after), together() as work:
        work.begin(_("the portal's own record"), lambda: connections.remove(actor.services.store, row))
        connections.insert(actor.services.store, row)
        # Last, and one write: the portal could not put a foreign flow back.
        work.step = _("the identity provider")
        actor.services.connections.update(granted, actor.here.id, row.alias, FLOWS)
        check_kept(actor.services.connections.get(granted, actor.here.id, row.alias), FLOWS)
    return row


def _row(actor: Actor, provider: IdentityProvider) -> Connection:
    present = now()
    return Connection(
        realm=actor.realm.name, alias=provider.alias, organization=actor.here.id, guide=f"generic-{provider.protocol}",
        protocol=provider.protocol, state=ACTIVE if provider.enabled else DISABLED, domains=list(provider.domains),
        metadata_url="", reading={}, unmapped="member", attention={}, created=present, set_up_by=actor.sub,
        set_up_by_name=actor.label[:255], activated=present if provider.enabled else None,
        certificate_ends=ends(provider.config),
    )  # fmt: skip
