"""Rules name their organization by its name, as the extension's mappers do: they follow when it is renamed."""

from __future__ import annotations

from portal.access import grant
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.store import rules


def renamed(actor: Actor, organization: Organization) -> None:
    """Write the new name into the mappers of roles. Called under the organization's lock, once the name is changed."""
    rows = rules.of_organization(actor.services.store, actor.realm.name, organization.id)
    for alias in sorted({row.alias for row in rows}):
        granted = grant(actor, "organization.rename", organization.id, alias)
        for each in actor.services.connections.mappers(granted, organization.id, alias):
            if each.config.get("org", organization.name) != organization.name:
                config = {**each.config, "org": organization.name}
                actor.services.connections.update_mapper(granted, organization.id, alias, each.id, config)
