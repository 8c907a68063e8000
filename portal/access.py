"""THE table of rights. Guards, navigation, buttons, the API, the permissions page and the list of tests derive from it.

The expected answers stand in `tests/rights.csv`, written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.access_grant import Grant, issue
from portal.errors import Denied

if TYPE_CHECKING:
    from portal.actor import Actor


class Scope(StrEnum):
    """Whose things a right is about."""

    PUBLIC = "public"
    SELF = "self"
    ORG = "organization"
    REALM = "realm"
    LINK = "link"


class Via(StrEnum):
    """Whose token makes the upstream call."""

    NONE = "none"
    OWN = "own"
    OPERATOR = "operator"
    READ = "read"
    SETUP = "setup"
    ACCOUNTS = "accounts"


class Verdict(StrEnum):
    """What the table says, in the order in which refusals are given."""

    SIGN_IN = "sign in"
    HIDDEN = "hidden"
    DENIED = "denied"
    STEP_UP = "step up"
    OK = "ok"


Roles = frozenset[str]
HTML, API = "html", "api"


@dataclass(frozen=True)
class Right:
    """One row. `account` lists role sets of client `account`; all roles of one set suffice.

    `fresh` is the greatest age of the sign-in in seconds; `sections` are switches that must all be on;
    `action` is a required action of the realm that must be enabled; `audit` is the tag of the audit record;
    `plain` pages carry no tenant style sheet.
    """

    name: str
    scope: Scope
    account: tuple[Roles, ...] = ()
    sections: tuple[str, ...] = ()
    action: str = ""
    fresh: int = 0
    via: Via = Via.NONE
    writes: bool = False
    audit: str = ""
    limit: str = ""
    plain: bool = False
    faces: tuple[str, ...] = (HTML,)


@dataclass(frozen=True)
class Facts:
    """What the decision rests on. `switches_off` holds names of sections that are off."""

    signed_in: bool = False
    account_roles: Roles = frozenset()
    switches_off: frozenset[str] = frozenset()
    actions_off: frozenset[str] = field(default_factory=frozenset)
    sign_in_age: float = 0.0


def any_of(*role_sets: Iterable[str]) -> tuple[Roles, ...]:
    """Role sets of which one must be held whole."""
    return tuple(frozenset(roles) for roles in role_sets)


SEE = {"view-profile"}
CHANGE = {"view-profile", "manage-account"}
MINUTES = 60
BOTH = (HTML, API)

RIGHTS: tuple[Right, ...] = (
    Right("health.read", Scope.PUBLIC, plain=True),
    Right("metrics.read", Scope.PUBLIC, plain=True),
    Right("assets.read", Scope.PUBLIC, plain=True),
    Right("entry.open", Scope.PUBLIC, plain=True),
    Right("home.open", Scope.SELF),
    Right("branding.read", Scope.PUBLIC, plain=True),
    Right("api.describe", Scope.PUBLIC, plain=True),
    Right("permissions.read", Scope.SELF),
    Right("signin.start", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("signin.finish", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("signin.backchannel_logout", Scope.PUBLIC, writes=True, plain=True, limit="600/minute"),
    Right("signin.confirm", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("signin.signed_out", Scope.PUBLIC, plain=True),
    Right("signout", Scope.SELF, via=Via.OWN, writes=True, audit="session.signout", plain=True),
    Right("preferences.set", Scope.SELF, via=Via.OWN, writes=True),
    Right("profile.view", Scope.SELF, any_of(SEE), ("profile",), via=Via.OWN, faces=BOTH),
    Right(
        "profile.edit", Scope.SELF, any_of(CHANGE), ("profile",), via=Via.OWN, writes=True, audit="profile.edit",
        limit="60/minute", faces=BOTH,
    ),
    Right(
        "profile.change_email", Scope.SELF, any_of(CHANGE), ("profile",), action="UPDATE_EMAIL", via=Via.OWN,
        audit="profile.change_email", plain=True,
    ),
    Right("security.view", Scope.SELF, any_of(SEE), ("profile",), via=Via.OWN, faces=BOTH),
    Right(
        "security.password", Scope.SELF, any_of(CHANGE), ("profile", "profile.password"), action="UPDATE_PASSWORD",
        via=Via.OWN, audit="security.password", plain=True,
    ),
    Right(
        "security.twofactor", Scope.SELF, any_of(CHANGE), ("profile", "profile.twofactor"),
        via=Via.OWN, audit="security.twofactor", plain=True,
    ),
    Right(
        "security.passwordless", Scope.SELF, any_of(CHANGE), ("profile", "profile.passwordless"),
        via=Via.OWN, audit="security.passwordless", plain=True,
    ),
    Right(
        "security.rename", Scope.SELF, any_of(CHANGE), ("profile",), via=Via.OWN, writes=True,
        audit="security.rename", limit="60/minute", faces=BOTH,
    ),
    Right("devices.view", Scope.SELF, any_of(SEE), ("profile", "profile.activity"), via=Via.OWN, faces=BOTH),
    Right(
        "devices.end", Scope.SELF, any_of(CHANGE), ("profile", "profile.activity"), via=Via.OWN, writes=True,
        audit="devices.end", limit="60/minute", plain=True, faces=BOTH,
    ),
    Right("activity.view", Scope.SELF, any_of(SEE), ("profile", "profile.activity"), via=Via.READ, faces=BOTH),
    Right("linked.view", Scope.SELF, any_of(SEE), ("profile", "profile.linked"), via=Via.OWN, faces=BOTH),
    Right(
        "linked.link", Scope.SELF, any_of({*SEE, "manage-account-links"}), ("profile", "profile.linked"),
        action="idp_link", via=Via.OWN, audit="linked.link", plain=True,
    ),
    Right(
        "linked.unlink", Scope.SELF, any_of({*CHANGE, "manage-account-links"}), ("profile", "profile.linked"),
        fresh=15 * MINUTES, via=Via.OWN, writes=True, audit="linked.unlink", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "applications.view", Scope.SELF, any_of({"view-applications"}, {"manage-account"}), ("profile",),
        via=Via.OWN, faces=BOTH,
    ),
    Right(
        "applications.revoke", Scope.SELF, any_of({"view-applications", "manage-consent"}, {"manage-account"}),
        ("profile",), via=Via.OWN, writes=True, audit="applications.revoke", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "data.download", Scope.SELF, any_of(SEE), ("profile",), fresh=15 * MINUTES, via=Via.OWN,
        audit="data.download", limit="10/minute", plain=True, faces=BOTH,
    ),
    Right(
        "account.delete", Scope.SELF, any_of({*CHANGE, "delete-account"}), ("profile",), action="delete_account",
        fresh=5 * MINUTES, via=Via.OWN, writes=True, audit="account.delete", limit="10/minute", plain=True,
    ),
)  # fmt: skip

BY_NAME: dict[str, Right] = {right.name: right for right in RIGHTS}


def decide(right: Right, facts: Facts) -> Verdict:
    """What this row says to these facts. Pure: the same answer for the same input."""
    if right.scope is Scope.PUBLIC:
        return Verdict.OK
    if not facts.signed_in:
        return Verdict.SIGN_IN
    if any(section in facts.switches_off for section in right.sections):
        return Verdict.HIDDEN
    if right.action and right.action in facts.actions_off:
        return Verdict.HIDDEN
    if right.account and not any(roles <= facts.account_roles for roles in right.account):
        return Verdict.DENIED
    if right.fresh and facts.sign_in_age > right.fresh:
        return Verdict.STEP_UP
    return Verdict.OK


def grant(actor: Actor, right_name: str, *objects: str) -> Grant:
    """Decide once more and let a service account act on `objects` in the actor's place.

    A right about oneself covers nobody else. Raises `Denied`.
    """
    row = BY_NAME[right_name]
    if decide(row, actor.facts) is not Verdict.OK:
        raise Denied(f"no grant of {right_name}")
    if row.scope is Scope.SELF and set(objects) != {actor.sub}:
        raise Denied(f"{right_name} is about oneself")
    return issue(right_name, f"{actor.kind}:{actor.sub}", actor.realm.name, *objects)


SECTIONS = (
    "profile", "profile.password", "profile.twofactor", "profile.passwordless", "profile.activity", "profile.linked",
    "org", "org.details", "org.members", "org.invitations", "org.domains", "org.sso", "org.events",
)  # fmt: skip


def switched_off(attributes: dict[str, str]) -> frozenset[str]:
    """Sections that the realm's attributes switch off: absent is on, otherwise only the exact text `true` is on."""
    keys = {section: f"_providerConfig.portal.{section}.enabled" for section in SECTIONS}
    return frozenset(section for section, key in keys.items() if attributes.get(key, "true") != "true")
