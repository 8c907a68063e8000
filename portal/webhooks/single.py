"""The single kinds of events a webhook can be limited to."""

from __future__ import annotations

from functools import cache

from portal.audit.fields import FIELDS
from portal.events.kinds import KNOWN
from portal.webhooks.kinds import GROUPS, group_of


@cache
def by_group() -> dict[str, tuple[str, ...]]:
    """Every kind there is: Keycloak's, as it names them, and the tags of the portal's own records."""
    kinds = sorted({*KNOWN, *FIELDS})
    return {group: tuple(kind for kind in kinds if group_of(kind) == group) for group in GROUPS}


def is_kind(kind: str) -> bool:
    """Whether something can be of this kind."""
    return kind in KNOWN or kind in FIELDS
