"""THE table of rights. Guards, navigation, buttons, the API, the permissions page and the list of tests derive from it.

Its rows stand in `portal.access_self`, `portal.access_organization`, `portal.access_sso`, `portal.access_links` and
`portal.access_realm`;
the expected answers stand in `tests/rights.csv`, written by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.access_grant import SYSTEM, Grant, issue
from portal.access_keys import KEY_RIGHTS
from portal.access_links import LINK_RIGHTS
from portal.access_organization import MANAGE_ROLES, ORGANIZATION_RIGHTS, VIEW_ROLES
from portal.access_realm import REALM_RIGHTS
from portal.access_row import API, BOTH, HTML, Facts, Right, Roles, Scope, Target, Verdict, Via
from portal.access_self import SELF_RIGHTS
from portal.access_sso import SSO_RIGHTS
from portal.access_webhooks import WEBHOOK_RIGHTS
from portal.errors import Denied

if TYPE_CHECKING:
    from portal.actor import Actor

OPERATOR_ROLES = frozenset({"view-realm", "manage-realm", "view-organizations", "manage-organizations"})
RIGHTS: tuple[Right, ...] = (
    *SELF_RIGHTS, *ORGANIZATION_RIGHTS, *SSO_RIGHTS, *LINK_RIGHTS, *REALM_RIGHTS, *KEY_RIGHTS,
    *WEBHOOK_RIGHTS,
)  # fmt: skip
BY_NAME: dict[str, Right] = {right.name: right for right in RIGHTS}
# What the portal also does by itself, in one organization at a time.
UPKEEP = frozenset({"domains.manage"})


def decide(right: Right, facts: Facts) -> Verdict:
    """What this row says to these facts. Pure: the same answer for the same input."""
    if right.scope is Scope.PUBLIC:
        return Verdict.OK
    if not facts.signed_in:
        return Verdict.SIGN_IN
    if facts.only is not None and right.name not in facts.only:
        return Verdict.HIDDEN
    if right.scope is Scope.LINK and facts.only is None:
        return Verdict.HIDDEN
    if right.scope is Scope.ORG and not (facts.member or organization_roles(facts)):
        return Verdict.HIDDEN
    if _switched_off(right, facts) or (right.action and right.action in facts.actions_off):
        return Verdict.HIDDEN
    if not _held(right, facts):
        return Verdict.DENIED
    if right.fresh and facts.sign_in_age > right.fresh:
        return Verdict.STEP_UP
    return Verdict.OK


def _switched_off(right: Right, facts: Facts) -> bool:
    """Whether a section is off. The whole of the organizations stays open to operators."""
    off = {section for section in right.sections if section in facts.switches_off}
    return bool(off - {"org"} if operator(facts) else off)


def _held(right: Right, facts: Facts) -> bool:
    here = organization_roles(facts)
    asked = ((right.account, facts.account_roles), (right.organization, here), (right.realm, facts.realm_roles))
    return all(not sets or any(roles <= held for roles in sets) for sets, held in asked)


def organization_roles(facts: Facts) -> Roles:
    """The roles somebody counts as holding in the organization of the request: his own and an operator's."""
    roles = facts.organization_roles
    if facts.realm_roles >= {"view-organizations", "manage-organizations"}:
        return roles | VIEW_ROLES | MANAGE_ROLES
    return roles | VIEW_ROLES if "view-organizations" in facts.realm_roles else roles


def operator(facts: Facts) -> bool:
    """Whether somebody runs the realm, in whole or in part."""
    return bool(facts.realm_roles & OPERATOR_ROLES)


def missing(right: Right, facts: Facts) -> Roles:
    """Roles of the organization that are lacking for this right: of the set that lacks fewest."""
    here = organization_roles(facts)
    return min((roles - here for roles in right.organization), key=len, default=frozenset())


def grant(actor: Actor, right_name: str, *objects: str) -> Grant:
    """Decide once more and let a service account act on `objects` in the actor's place.

    A right about oneself covers nobody else. Raises `Denied`.
    """
    row = BY_NAME[right_name]
    if actor.kind == SYSTEM:
        return _upkeep(actor, right_name, *objects)
    if decide(row, actor.facts) is not Verdict.OK:
        raise Denied(f"no grant of {right_name}")
    if row.scope is Scope.SELF and row.via is not Via.SETUP and set(objects) != {actor.sub}:
        raise Denied(f"{right_name} is about oneself")
    if row.scope is Scope.ORG and (actor.organization is None or actor.organization.id not in objects):
        raise Denied(f"{right_name} is about the organization of the request")
    if row.via is Via.ACCOUNTS and (actor.organization is None or actor.organization.id not in objects):
        raise Denied(f"{right_name} is done for one organization")
    if actor.still is not None:
        actor.still()
    return issue(right_name, f"{actor.kind}:{actor.sub}", actor.realm.name, *objects, still=actor.still)


def _upkeep(actor: Actor, right_name: str, *objects: str) -> Grant:
    if right_name not in UPKEEP or actor.organization is None or set(objects) != {actor.organization.id}:
        raise Denied(f"{right_name} is not the portal's own work")
    return issue(right_name, SYSTEM, actor.realm.name, *objects)


SECTIONS = (
    "profile", "profile.password", "profile.twofactor", "profile.passwordless", "profile.activity", "profile.linked",
    "org", "org.details", "org.members", "org.invitations", "org.domains", "org.sso", "org.events",
)  # fmt: skip


def switched_off(attributes: dict[str, str]) -> frozenset[str]:
    """Sections that the realm's attributes switch off: absent is on, otherwise only the exact text `true` is on."""
    keys = {section: f"_providerConfig.portal.{section}.enabled" for section in SECTIONS}
    return frozenset(section for section, key in keys.items() if attributes.get(key, "true") != "true")


__all__ = [
    "API", "BOTH", "BY_NAME", "HTML", "MANAGE_ROLES", "RIGHTS", "VIEW_ROLES", "Facts", "Grant", "Right", "Roles",
    "Scope", "Target", "Verdict", "Via", "decide", "grant", "missing", "operator", "organization_roles", "switched_off",
]  # fmt: skip
