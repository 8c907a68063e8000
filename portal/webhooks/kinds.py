"""The groups of events a webhook can be limited to."""

from __future__ import annotations

from portal.access import BY_NAME, Scope
from portal.events.kinds import GROUPS as OF_ORGANIZATIONS
from portal.events.kinds import group_of as _of_organizations

LINKS, PEOPLE, REALM = "links", "people", "realm"
GROUPS = (*OF_ORGANIZATIONS, LINKS, PEOPLE, REALM)
TEST = "webhook.test"
# Tags of the audit that are named otherwise than the right they go with.
_SELF = ("session.", "preferences.", "data.", "security.", "profile.", "devices.", "linked.", "applications.")


def group_of(kind: str) -> str:
    """The group of a kind of Keycloak's or of a tag of the audit. What is in no other is about the realm."""
    if kind.startswith("links."):
        return LINKS
    return _of_organizations(kind) or (PEOPLE if about_oneself(kind) else REALM)


def about_oneself(tag: str) -> bool:
    """Whether a record tells what somebody did about himself."""
    row = BY_NAME.get(tag)
    own = row is not None and row.scope is Scope.SELF and not tag.startswith("invitations.")
    return own or tag.startswith(_SELF)
