"""Groups or claims of an identity provider that become roles of the organization.

A rule is a mapper at Keycloak and a row here that names who wrote it: nobody hands out more than he holds, neither by
hand nor by a rule, and only he or somebody who may give the same role takes it back.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.connections_allowed import IMPORT, SAML
from portal.clients.connections_types import Mapper
from portal.errors import Conflict, Denied, Invalid, NotFound
from portal.organizations.lock import locked
from portal.rank import ADMINISTRATOR
from portal.roles.actions import roles, within_reach
from portal.sso.drafting import OWN
from portal.sso.together import together
from portal.store import connections, now, rules
from portal.store.models_sso import Connection, RoleRule

TAG = "sso.map"
MOST = 50
# What happens to people for whom no rule holds: they are members without a role, or find the door closed here.
MEMBER, CLOSED = "member", "closed"
_CLAIM = re.compile(r"[^\s\"'<>&]{1,255}")


@dataclass(frozen=True)
class Shown:
    """A rule on a page. `editable`: the one who looks may give this role, so he may also take the rule away."""

    row: RoleRule
    editable: bool


def connection(actor: Actor, alias: str) -> Connection:
    """A connection of the portal's own. Raises `NotFound`."""
    return connections.get(actor.services.store, actor.realm.name, actor.here.id, alias)


def listed(actor: Actor, alias: str) -> list[Shown]:
    """The rules of a connection."""
    found = rules.of_connection(actor.services.store, actor.realm.name, alias)
    reach = within_reach(actor, {row.role for row in found}) if actor.may(TAG) else frozenset()
    return [Shown(row, row.role in reach) for row in found]


def choices(actor: Actor) -> list[str]:
    """Names of the roles that the actor may give, and so may give by a rule."""
    known = [role.name for role in roles(actor)]
    reach = within_reach(actor, known)
    return [name for name in known if name in reach]


def add(actor: Actor, alias: str, claim: str, value: str, role: str) -> None:
    """Make a rule. Raises `Invalid` beside the field, `Denied` for a role beyond the ceiling, `Conflict`."""
    row = connection(actor, alias)
    _check(actor, alias, claim, value, role)
    rule = RoleRule(
        id=uuid.uuid4().hex, realm=actor.realm.name, organization=actor.here.id, alias=alias, claim=claim, value=value,
        role=role, author=actor.sub, author_name=actor.label[:255], created=now(),
    )  # fmt: skip
    granted = grant(actor, TAG, actor.here.id, alias)
    after = {"deed": "add", "claim": claim, "value": value, "role": role}
    with locked(actor, actor.here.id), audited(actor, TAG, alias, {}, after), together() as work:
        work.begin(_("the portal's own record"), lambda: rules.remove(actor.services.store, rule.id))
        rules.insert(actor.services.store, rule)
        work.begin(_("the mapper at Keycloak"), lambda: _unmap(actor, granted, alias, rule))
        actor.services.connections.add_mapper(granted, actor.here.id, alias, mapper(row.protocol, rule, actor))


def _check(actor: Actor, alias: str, claim: str, value: str, role: str) -> None:
    errors: dict[str, str] = {}
    if not _CLAIM.fullmatch(claim):
        errors["claim"] = _("Enter the name under which it is sent, without blanks or quotes.")
    if not 0 < len(value) <= 255 or any(ord(each) < 32 for each in value):
        errors["value"] = _("Enter the value that has to be there, with at most 255 characters.")
    if role not in {each.name for each in roles(actor)}:
        errors["role"] = _("Choose a role.")
    if errors:
        raise Invalid(errors)
    if role not in within_reach(actor, {role}):
        raise Denied("target: beyond the ceiling")
    present = rules.of_connection(actor.services.store, actor.realm.name, alias)
    if (claim, value, role) in {(each.claim, each.value, each.role) for each in present}:
        raise Invalid({"value": _("There is this rule already.")})
    if len(present) >= MOST:
        raise Conflict(_("A connection can have %(most)d rules.", most=MOST))


def mapper(protocol: str, rule: RoleRule, actor: Actor) -> Mapper:
    """The rule as a mapper of the extension (EXTENSION: advanced organization role mappers)."""
    kind, key, regex = (
        ("saml-advanced-org-role-idp-mapper", "attributes", "are.attribute.values.regex")
        if protocol == SAML
        else ("oidc-advanced-org-role-idp-mapper", "claims", "are.claim.values.regex")
    )
    wanted = json.dumps([{"key": rule.claim, "value": rule.value}])
    # A forced mapper takes the role from whoever signs in without the value, be he the last administrator.
    often = IMPORT if rule.role in ADMINISTRATOR else "FORCE"
    return Mapper("", f"{OWN}role {rule.id}", kind, {
        "syncMode": often, key: wanted, regex: "false", "org": actor.here.name, "org_role": rule.role,
        "org_add": "true",
    })  # fmt: skip


def remove(actor: Actor, alias: str, rule_id: str) -> RoleRule:
    """Take a rule away; roles it has given stay until the next sign-in of each person. Raises `NotFound`, `Denied`."""
    found = _find(actor, alias, rule_id)
    granted = grant(actor, TAG, actor.here.id, alias)
    before = {"claim": found.claim, "value": found.value, "role": found.role}
    with locked(actor, actor.here.id), audited(actor, TAG, alias, before, {"deed": "remove"}):
        _unmap(actor, granted, alias, found)
        rules.remove(actor.services.store, found.id)
    return found


def _find(actor: Actor, alias: str, rule_id: str) -> RoleRule:
    for each in listed(actor, alias):
        if each.row.id == rule_id and each.row.organization == actor.here.id:
            if not each.editable:
                raise Denied("target: beyond the ceiling")
            return each.row
    raise NotFound("no such rule")


def find(actor: Actor, alias: str, rule_id: str) -> RoleRule:
    """A rule that the actor may take away. Raises `NotFound`, `Denied`."""
    return _find(actor, alias, rule_id)


def adopt(actor: Actor, alias: str, rule_id: str) -> RoleRule:
    """Stand for a rule in its author's place. Raises `NotFound`, `Denied` for a role beyond the ceiling."""
    found = _find(actor, alias, rule_id)
    after = {"deed": "adopt", "claim": found.claim, "value": found.value, "role": found.role}
    with audited(actor, TAG, alias, {}, after):
        rules.change(
            actor.services.store, found, author=actor.sub, author_name=actor.label[:255], looked=now(), orphaned=None
        )
    return found


def _unmap(actor: Actor, granted: Grant, alias: str, rule: RoleRule) -> None:
    known = actor.services.connections
    name = f"{OWN}role {rule.id}"
    for each in known.mappers(granted, actor.here.id, alias):
        if each.name == name:
            known.remove_mapper(granted, actor.here.id, alias, each.id)


def decide(actor: Actor, alias: str, unmapped: str) -> None:
    """Say what happens to people for whom no rule holds. Raises `Invalid`."""
    row = connection(actor, alias)
    if unmapped not in {MEMBER, CLOSED}:
        raise Invalid({"unmapped": _("Choose what happens to them.")})
    with audited(actor, TAG, alias, {"unmapped": row.unmapped}, {"deed": "unmapped", "unmapped": unmapped}):
        connections.change(actor.services.store, row, unmapped=unmapped)


def closed(actor: Actor) -> bool:
    """Whether the person came by a connection that gives no entry without a role, and has none."""
    if actor.roles or not actor.identity_provider or actor.organization is None:
        return False
    row = connections.find(actor.services.store, actor.realm.name, actor.here.id, actor.identity_provider)
    return row is not None and row.unmapped == CLOSED
