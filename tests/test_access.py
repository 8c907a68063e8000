"""The table of rights against what was written by hand in rights.csv."""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from portal.access import BY_NAME, RIGHTS, SECTIONS, Facts, Right, Scope, Verdict, decide
from portal.web.rights import UnguardedEndpoint, check

ROLES = (
    "view-profile", "manage-account", "manage-account-links", "view-applications", "view-consent", "manage-consent",
    "view-groups", "delete-account",
)  # fmt: skip
ROLE_SETS = [frozenset(chosen) for n in range(len(ROLES) + 1) for chosen in itertools.combinations(ROLES, n)]
ACTIONS = ("UPDATE_EMAIL", "UPDATE_PASSWORD", "idp_link", "delete_account")
# What anybody signed in may do, whatever his roles: go home, read what he may, choose his colours, sign out.
ROLELESS = {
    "home.open", "help.read", "permissions.read", "preferences.set", "signout", "organizations.list",
    "organizations.search", "invitations.received", "invitations.answer",
}  # fmt: skip
# Writes that leave no record of their own: a preference, and Keycloak's own message.
UNRECORDED = {"preferences.set", "signin.backchannel_logout", "organizations.star"}


# Whoever holds one of these runs the realm and still sees organizations when their section is off.
RUNNING = {"view-realm", "manage-realm", "view-organizations", "manage-organizations"}
OWN = [right for right in RIGHTS if right.scope in {Scope.PUBLIC, Scope.SELF}]


@dataclass(frozen=True)
class Line:
    """One line of rights.csv."""

    right: str
    scope: str
    roles: tuple[frozenset[str], ...]
    sections: frozenset[str]
    action: str
    fresh: int

    def answer(self, facts: Facts) -> Verdict:
        """What a reader of the line expects, refusals in their order."""
        if self.scope == "public":
            return Verdict.OK
        if not facts.signed_in:
            return Verdict.SIGN_IN
        off = facts.switches_off - {"org"} if facts.realm_roles & RUNNING else facts.switches_off
        if self.sections & off or self.action in facts.actions_off:
            return Verdict.HIDDEN
        if self.roles and all(wanted - facts.account_roles for wanted in self.roles):
            return Verdict.DENIED
        return Verdict.STEP_UP if self.fresh and facts.sign_in_age > self.fresh else Verdict.OK


def read() -> list[dict[str, str]]:
    with Path(__file__).with_name("rights.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def line(raw: dict[str, str]) -> Line:
    roles = tuple(frozenset(each.strip().split("+")) for each in raw["roles"].split("|") if each.strip())
    fresh = int(raw["fresh"] or 0) * 60
    return Line(raw["right"], raw["scope"], roles, frozenset(raw["sections"].split()), raw["action"], fresh)


LINES = {raw["right"]: line(raw) for raw in read()}


def situations() -> Iterator[Facts]:
    """All role sets with everything on and fresh; then each switch, each action and each age, for fewer of them."""
    for roles in ROLE_SETS:
        yield Facts(True, roles)
    for roles in (frozenset(), frozenset(ROLES), *({role} for role in ROLES)):
        held = frozenset(roles)
        yield Facts(False, held)
        yield from (Facts(True, held, switches_off=frozenset({section})) for section in SECTIONS)
        yield from (Facts(True, held, actions_off=frozenset({action})) for action in ACTIONS)
        yield from (Facts(True, held, sign_in_age=minutes * 60 + 1.0) for minutes in (4, 5, 14, 15, 1000))
        yield Facts(True, held, frozenset(SECTIONS), frozenset(ACTIONS), 1e6)


SITUATIONS = list(situations())


def differs(right: Right, expected: Line) -> bool:
    return any(decide(right, facts) is not expected.answer(facts) for facts in SITUATIONS)


def test_every_right_has_a_line_and_every_line_a_right() -> None:
    assert [raw["right"] for raw in read()] == [right.name for right in RIGHTS]


@pytest.mark.feature("P2-55")
@pytest.mark.feature("P2-56")
@pytest.mark.feature("P2-57")
@pytest.mark.parametrize("right", OWN, ids=lambda right: right.name)
def test_the_decision_is_the_one_written_by_hand(right: Right) -> None:
    for facts in SITUATIONS:
        assert decide(right, facts) is LINES[right.name].answer(facts), facts


@pytest.mark.parametrize("raw", read(), ids=lambda raw: raw["right"])
def test_the_rest_of_the_row_is_the_one_written_by_hand(raw: dict[str, str]) -> None:
    right = BY_NAME[raw["right"]]
    assert (right.scope, right.via, right.target) == (raw["scope"], raw["via"], raw["target"])
    assert (right.writes, right.plain) == (raw["writes"] == "yes", raw["plain"] == "yes")
    assert right.faces == tuple(raw["faces"].split())


def mutants(right: Right) -> Iterator[Right]:
    """Every way to make the row laxer or stricter by one thing."""
    for number, roles in enumerate(right.account):
        others = right.account[:number] + right.account[number + 1 :]
        for role in roles:
            yield dataclasses.replace(right, account=(*others, roles - {role}))
        for role in set(ROLES) - roles:
            yield dataclasses.replace(right, account=(*others, roles | {role}))
        if len(roles) > 1:
            yield dataclasses.replace(right, account=(*others, *(frozenset({role}) for role in roles)))
    if len(right.account) > 1:
        yield dataclasses.replace(right, account=(frozenset().union(*right.account),))
    if right.account:
        yield dataclasses.replace(right, account=())
    for section in SECTIONS:
        changed = tuple(set(right.sections) ^ {section})
        yield dataclasses.replace(right, sections=changed)
    yield dataclasses.replace(right, action="" if right.action else ACTIONS[0])
    yield dataclasses.replace(right, fresh=0 if right.fresh else 600)
    yield dataclasses.replace(right, scope=Scope.PUBLIC)


def redundant(right: Right, mutant: Right) -> bool:
    """A set that another set contains already changes nothing."""

    def minimal(sets: tuple[frozenset[str], ...]) -> set[frozenset[str]]:
        return {each for each in sets if not any(other < each for other in sets)}

    same = dataclasses.replace(mutant, account=right.account) == right
    return same and minimal(mutant.account) == minimal(right.account)


@pytest.mark.parametrize("right", [each for each in OWN if each.scope is not Scope.PUBLIC], ids=lambda r: r.name)
def test_every_change_of_the_row_is_noticed(right: Right) -> None:
    made = [mutant for mutant in mutants(right) if not redundant(right, mutant)]
    assert len(made) > len(SECTIONS)
    unnoticed = [mutant for mutant in made if not differs(mutant, LINES[right.name])]
    assert unnoticed == []


def test_a_further_role_never_takes_a_right_away() -> None:
    for right in OWN:
        allowed = {roles for roles in ROLE_SETS if decide(right, Facts(True, roles)) is Verdict.OK}
        assert all(roles | {role} in allowed for roles in allowed for role in ROLES), right.name


def test_only_named_rights_go_without_a_role_or_without_a_record() -> None:
    roleless = {right.name for right in RIGHTS if right.scope is Scope.SELF and not right.account}
    unrecorded = {right.name for right in RIGHTS if right.writes and not right.audit}
    assert (roleless, unrecorded) == (ROLELESS, UNRECORDED)


def test_an_endpoint_without_a_row_keeps_the_application_from_starting() -> None:
    app = Flask("bare")
    app.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(UnguardedEndpoint, match="open"):
        check(app)
