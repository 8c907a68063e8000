"""Every operation there is. A room of the API is added here."""

from __future__ import annotations

from portal.api import (
    about,
    connections,
    domains,
    drafting,
    events,
    invitations,
    links,
    looks,
    many,
    members,
    organizations,
    profile,
    rooms,
    settings,
    sso_rules,
    trials,
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
    *sso_rules.OPERATIONS,
    *events.OPERATIONS,
    *links.OPERATIONS,
    *settings.OPERATIONS,
    *about.OPERATIONS,
)
