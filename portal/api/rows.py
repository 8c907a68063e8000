"""Every operation there is. A room of the API is added here."""

from __future__ import annotations

from portal.api import (
    about,
    connections,
    deliveries,
    domains,
    drafting,
    events,
    invitations,
    layout,
    links,
    looks,
    many,
    members,
    organizations,
    profile,
    rooms,
    settings,
    sso_fields,
    sso_policy,
    sso_rules,
    trials,
    webhooks,
)
from portal.api.operations import Operation

OPERATIONS: tuple[Operation, ...] = (
    *profile.OPERATIONS,
    *rooms.OPERATIONS,
    *organizations.OPERATIONS,
    *looks.OPERATIONS,
    *members.OPERATIONS,
    *invitations.OPERATIONS,
    *many.OPERATIONS,
    *domains.OPERATIONS,
    *connections.OPERATIONS,
    *drafting.OPERATIONS,
    *trials.OPERATIONS,
    *sso_fields.OPERATIONS,
    *sso_rules.OPERATIONS,
    *sso_policy.OPERATIONS,
    *events.OPERATIONS,
    *links.OPERATIONS,
    *settings.OPERATIONS,
    *layout.OPERATIONS,
    *webhooks.OPERATIONS,
    *deliveries.OPERATIONS,
    *about.OPERATIONS,
)
