"""Rank and ceiling in an organization: whom somebody may act on, and which roles he may hand out. Pure functions.

Operators count as holding every role of every organization of the realm.
"""

from __future__ import annotations

from collections.abc import Iterable

from portal.access import MANAGE_ROLES, RIGHTS, VIEW_ROLES, Facts, Roles

ADMINISTRATOR = frozenset({"manage-organization", "manage-roles"})
OPERATOR = frozenset({"view-organizations", "manage-organizations"})


def is_operator(facts: Facts) -> bool:
    """Whether somebody runs the organizations of the realm."""
    return facts.realm_roles >= OPERATOR


def is_administrator(roles: Iterable[str]) -> bool:
    """Whether these roles make an administrator of the organization."""
    return frozenset(roles) >= ADMINISTRATOR


def rank(roles: Iterable[str]) -> Roles:
    """What counts when people act on each other: roles to manage or delete, and the organization's own."""
    return frozenset(roles) - VIEW_ROLES


def outranks(mine: Roles, theirs: Roles, operator: bool) -> bool:
    """Whether somebody with roles `mine` may act on a member with roles `theirs`.

    Equals who hold anything, and administrators, are acted on only by somebody who holds more, or by an operator.
    """
    if operator:
        return True
    upper, lower = rank(mine), rank(theirs)
    if is_administrator(lower) or (lower and lower == upper):
        return upper > lower
    return upper >= lower


def grantable(mine: Roles, operator: bool, names: Iterable[str]) -> Roles:
    """Those of `names` that somebody with roles `mine` may give to somebody else.

    A role is within the ceiling if it is held and every right it opens is held too; the organization's own roles,
    which the table of rights does not know, are given by administrators.
    """
    return frozenset(name for name in names if operator or _within(mine, name))


def _within(mine: Roles, name: str) -> bool:
    if name not in VIEW_ROLES | MANAGE_ROLES:
        return is_administrator(mine)
    # A view role opens nothing that its holder does not see; the others open what needs further roles beside them.
    return name in mine and (name in VIEW_ROLES or all(any(s <= mine for s in sets) for sets in _opened(name)))


def _opened(name: str) -> list[tuple[Roles, ...]]:
    """The role sets of each right that takes this role."""
    return [right.organization for right in RIGHTS if any(name in roles for roles in right.organization)]
