"""Whom somebody may act on, and which roles he may hand out."""

from __future__ import annotations

from itertools import combinations

import pytest

from portal.access import MANAGE_ROLES, VIEW_ROLES, Facts
from portal.rank import ADMINISTRATOR, grantable, is_administrator, is_operator, outranks, rank

ALL = VIEW_ROLES | MANAGE_ROLES
NONE: frozenset[str] = frozenset()
MANAGER = frozenset({"view-organization", "view-members", "manage-members", "view-roles"})
INVITER = frozenset({"view-organization", "view-invitations", "view-roles", "manage-invitations"})


def test_view_roles_give_no_rank() -> None:
    assert rank(VIEW_ROLES) == NONE
    assert rank({"view-members", "manage-members", "Boss"}) == {"manage-members", "Boss"}


def test_an_administrator_holds_both_roles() -> None:
    assert is_administrator(ALL)
    assert is_administrator(ADMINISTRATOR)
    assert not any(is_administrator({role}) for role in ADMINISTRATOR)


def test_an_operator_holds_both_realm_roles() -> None:
    assert is_operator(Facts(realm_roles=frozenset({"view-organizations", "manage-organizations"})))
    assert not is_operator(Facts(realm_roles=frozenset({"manage-organizations", "manage-realm"})))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (MANAGER, NONE, True),
        (MANAGER, VIEW_ROLES, True),
        (NONE, NONE, True),
        (MANAGER, MANAGER, False),
        (MANAGER, INVITER, False),
        (MANAGER | INVITER, INVITER, True),
        (ALL, MANAGER, True),
        (ALL, ALL, False),
        (ALL | {"Boss"}, ALL, True),
        (ALL, ALL | {"Boss"}, False),
        (ALL, ADMINISTRATOR, True),
        (ADMINISTRATOR, ADMINISTRATOR, False),
        (VIEW_ROLES, frozenset({"Boss"}), False),
    ],
)
def test_who_may_act_on_whom(mine: frozenset[str], theirs: frozenset[str], expected: bool) -> None:
    assert outranks(mine, theirs, False) is expected
    assert outranks(mine, theirs, True), "an operator may act on everybody"


def test_nobody_outranks_himself_or_both_ways() -> None:
    some = [frozenset(each) for size in (1, 2, 3) for each in combinations([*sorted(MANAGE_ROLES), "Boss"], size)]
    for mine in some:
        assert not outranks(mine, mine, False)
        assert not any(outranks(mine, theirs, False) and outranks(theirs, mine, False) for theirs in some)


def test_nobody_gives_what_he_does_not_hold() -> None:
    some = [*sorted(ALL), "Boss"]
    for size in range(4):
        for roles in combinations(sorted(ALL), size):
            given = grantable(frozenset(roles), False, some)
            assert given - {"Boss"} <= set(roles)


def test_a_role_whose_rights_are_not_held_is_not_given() -> None:
    assert "manage-members" in grantable(MANAGER, False, ALL)
    assert "manage-members" not in grantable(frozenset({"manage-members", "view-members"}), False, ALL)
    assert grantable(INVITER, False, ALL) == INVITER


def test_own_roles_are_given_by_administrators() -> None:
    assert grantable(ADMINISTRATOR, False, {"Boss"}) == {"Boss"}
    assert grantable(ALL - {"manage-roles"}, False, {"Boss"}) == NONE


def test_an_operator_gives_everything() -> None:
    assert grantable(NONE, True, [*ALL, "Boss"]) == {*ALL, "Boss"}
    assert grantable(ALL, False, [*ALL, "Boss"]) == {*ALL, "Boss"}
