"""Rows of the table about setup links, and what each intent of a link opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.access_row import BOTH, MINUTES, Right, Scope, Target, Via, any_of
from portal.access_sso import CONNECT

SSO, DOMAINS, RENEWAL, EVENTS = "sso", "domain_verification", "certificate_renewal", "audit_logs"
# What a link can be for now; the others of `return_addresses.INTENTS` are known and refused.
OFFERED = (SSO, DOMAINS, RENEWAL, EVENTS)
# Roles whoever makes a link must hold in the organization, and the guest counts as holding: nobody hands out more.
INTENT_ROLES: Mapping[str, frozenset[str]] = {
    SSO: frozenset(CONNECT),
    DOMAINS: frozenset({"view-organization", "manage-organization"}),
    RENEWAL: frozenset(CONNECT),
    EVENTS: frozenset({"view-organization", "view-members"}),
}
# The only rights of a guest, beside those about his own link. No rule that gives roles, no policy, no override.
INTENT_RIGHTS: Mapping[str, frozenset[str]] = {
    SSO: frozenset({"sso.view", "sso.setup", "sso.test", "sso.manage", "sso.renew"}),
    DOMAINS: frozenset({"domains.view", "domains.manage"}),
    RENEWAL: frozenset({"sso.view", "sso.test", "sso.renew"}),
    EVENTS: frozenset({"events.view", "events.export"}),
}
# The right without which the work for an intent cannot begin; its sections may be switched off.
INTENT_DOORS: Mapping[str, str] = {
    SSO: "sso.view", DOMAINS: "domains.view", RENEWAL: "sso.view", EVENTS: "events.view"
}  # fmt: skip
GUEST = frozenset({"setup.open", "setup.leave", "setup.finish", "setup.hand_over"})
SEE, MANAGE = {"view-organization"}, {"view-organization", "manage-organization"}

LINK_RIGHTS: tuple[Right, ...] = (
    Right("links.open", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("links.view", Scope.ORG, organization=any_of(MANAGE), sections=("org",), via=Via.NONE, faces=BOTH),
    # Which intents somebody may put into it is decided by the roles of each.
    Right(
        "links.create", Scope.ORG, organization=any_of(MANAGE), sections=("org",), fresh=15 * MINUTES, via=Via.NONE,
        writes=True, audit="links.create", limit="30/minute", plain=True, faces=BOTH,
    ),
    # Links that live minutes, made by programs: no key satisfies a `fresh` row.
    Right(
        "links.generate", Scope.ORG, organization=any_of(MANAGE), sections=("org",), via=Via.NONE, writes=True,
        audit="links.create", limit="600/minute", faces=BOTH,
    ),
    Right(
        "links.revoke", Scope.ORG, organization=any_of(MANAGE), target=Target.OBJECT, sections=("org",), via=Via.NONE,
        writes=True, audit="links.revoke", limit="120/minute", plain=True, faces=BOTH,
    ),
    Right("setup.open", Scope.LINK, via=Via.NONE),
    Right("setup.leave", Scope.LINK, via=Via.NONE, writes=True, audit="links.leave", limit="30/minute", plain=True),
    Right("setup.finish", Scope.LINK, via=Via.NONE, writes=True, audit="links.finish", limit="30/minute", plain=True),
    Right(
        "setup.hand_over", Scope.LINK, via=Via.NONE, writes=True, audit="links.create", limit="10/minute", plain=True
    ),
)  # fmt: skip


def roles_of(intents: Iterable[str]) -> frozenset[str]:
    """The organization's roles that these intents imply."""
    return frozenset().union(*(INTENT_ROLES.get(intent, frozenset()) for intent in intents))


def rights_of(intents: Iterable[str]) -> frozenset[str]:
    """Names of all rights of a guest who came for these intents."""
    return GUEST.union(*(INTENT_RIGHTS.get(intent, frozenset()) for intent in intents))
