"""What a row of the table of rights says, and what a decision rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

Roles = frozenset[str]
HTML, API = "html", "api"
BOTH = (HTML, API)
MINUTES = 60


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


class Target(StrEnum):
    """To whom or what a right is exercised, beyond the scope."""

    NONE = "none"
    SELF = "self"
    OUTRANKED = "outranked"
    OBJECT = "object of this organization"


class Verdict(StrEnum):
    """What the table says, in the order in which refusals are given."""

    SIGN_IN = "sign in"
    HIDDEN = "hidden"
    DENIED = "denied"
    STEP_UP = "step up"
    OK = "ok"


@dataclass(frozen=True)
class Right:
    """One row. `account`, `organization` and `realm` list role sets of client `account`, of the organization and of
    client `realm-management`; all roles of one set suffice.

    `target` is the rule for whom it is done to; `fresh` is the greatest age of the sign-in in seconds; `sections` are
    switches that must all be on; `action` is a required action of the realm that must be enabled; `audit` is the tag
    of the audit record; `plain` pages carry no tenant style sheet.
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
    organization: tuple[Roles, ...] = ()
    realm: tuple[Roles, ...] = ()
    target: Target = Target.NONE


@dataclass(frozen=True)
class Facts:
    """What the decision rests on. `switches_off` holds names of sections that are off; `sign_in_age` is in seconds.

    `member` and `organization_roles` are about the organization of the request; `realm_roles` are those of client
    `realm-management` that make somebody an operator. `only` names the rights that the holder of a link or a key has
    at all; None is everybody else.
    """

    signed_in: bool = False
    account_roles: Roles = frozenset()
    switches_off: frozenset[str] = frozenset()
    actions_off: frozenset[str] = field(default_factory=frozenset)
    sign_in_age: float = 0.0
    member: bool = False
    organization_roles: Roles = frozenset()
    realm_roles: Roles = frozenset()
    only: frozenset[str] | None = None

    def limited(self, names: Iterable[str]) -> Facts:
        """The same facts for the holder of a link or a key, who has these rights at most."""
        return replace(self, only=frozenset(names))


def any_of(*role_sets: Iterable[str]) -> tuple[Roles, ...]:
    """Role sets of which one must be held whole."""
    return tuple(frozenset(roles) for roles in role_sets)
