"""The rows about organizations against rights.csv, written by hand, over all role sets of an organization."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from test_access import RUNNING, read
from test_gate import app

from portal.access import HTML, RIGHTS, Facts, Right, Scope, Verdict, decide
from portal.home.permissions import label_of

SEEING = (
    "view-organization", "view-members", "view-roles", "view-invitations", "view-identity-providers",
)  # fmt: skip
MANAGING = (
    "manage-organization", "delete-organization", "manage-members", "manage-roles", "manage-invitations",
    "manage-identity-providers",
)  # fmt: skip
ROLES = (*SEEING, *MANAGING)
ROLE_SETS = [frozenset(chosen) for n in range(len(ROLES) + 1) for chosen in itertools.combinations(ROLES, n)]
OPERATORS = [
    frozenset(roles)
    for roles in (
        {"view-organizations"}, {"manage-organizations"}, {"view-organizations", "manage-organizations"},
        {"create-organization"}, {"view-realm"}, {"manage-realm"}, {"view-realm", "manage-realm"}, {"manage-users"},
        {"view-realm", "view-organizations"}, {"view-realm", "manage-organizations"},
        {"view-realm", "view-organizations", "manage-organizations"},
        {"view-realm", "view-organizations", "manage-organizations", "manage-realm"},
    )
]  # fmt: skip
ABOUT = [right for right in RIGHTS if right.scope in {Scope.ORG, Scope.REALM}]
SWITCHES = ("org", "org.details", "org.members", "org.invitations", "org.domains", "org.sso", "org.events", "profile")


@dataclass(frozen=True)
class Line:
    """One line of rights.csv about organizations."""

    scope: str
    roles: tuple[frozenset[str], ...]
    realm: tuple[frozenset[str], ...]
    sections: frozenset[str]
    fresh: int

    def answer(self, facts: Facts) -> Verdict:
        """What a reader of the line expects, refusals in their order."""
        held = set(facts.organization_roles)
        if "view-organizations" in facts.realm_roles:
            held |= {*SEEING, *(MANAGING if "manage-organizations" in facts.realm_roles else ())}
        if not facts.signed_in:
            return Verdict.SIGN_IN
        if self.scope == "organization" and not facts.member and not held:
            return Verdict.HIDDEN
        if self.sections & (facts.switches_off - ({"org"} if facts.realm_roles & RUNNING else set())):
            return Verdict.HIDDEN
        if self.roles and all(wanted - held for wanted in self.roles):
            return Verdict.DENIED
        if self.realm and all(wanted - facts.realm_roles for wanted in self.realm):
            return Verdict.DENIED
        return Verdict.STEP_UP if self.fresh and facts.sign_in_age > self.fresh else Verdict.OK


def sets(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(each.strip().split("+")) for each in text.split("|") if each.strip())


LINES = {
    raw["right"]: Line(
        raw["scope"], sets(raw["roles"]), sets(raw["realm"]), frozenset(raw["sections"].split()),
        int(raw["fresh"] or 0) * 60,
    )
    for raw in read()
}  # fmt: skip


def situations() -> Iterator[Facts]:
    """Members with every set of roles, strangers, operators; then each switch and age for some of them."""
    yield Facts()
    yield Facts(True)
    for roles in ROLE_SETS:
        yield Facts(True, member=True, organization_roles=roles)
    for realm_roles in OPERATORS:
        for roles in (frozenset(), frozenset({"view-organization"}), frozenset(ROLES)):
            yield Facts(True, realm_roles=realm_roles, organization_roles=roles, member=bool(roles))
        yield Facts(True, realm_roles=realm_roles, switches_off=frozenset({"org"}))
        yield Facts(True, realm_roles=realm_roles, switches_off=frozenset(SWITCHES))
    everything = Facts(True, member=True, organization_roles=frozenset(ROLES), realm_roles=frozenset())
    for facts in (everything, dataclasses.replace(everything, realm_roles=frozenset().union(*OPERATORS))):
        yield from (dataclasses.replace(facts, switches_off=frozenset({each})) for each in SWITCHES)
        yield from (dataclasses.replace(facts, sign_in_age=minutes * 60 + 1.0) for minutes in (4, 5, 15, 1000))


SITUATIONS = list(situations())


@pytest.mark.feature("P2-60")
@pytest.mark.feature("P2-61")
@pytest.mark.feature("P2-62")
@pytest.mark.feature("P2-63")
@pytest.mark.feature("P2-64")
@pytest.mark.parametrize("right", ABOUT, ids=lambda right: right.name)
def test_the_decision_is_the_one_written_by_hand(right: Right) -> None:
    for facts in SITUATIONS:
        assert decide(right, facts) is LINES[right.name].answer(facts), facts


def mutants(right: Right) -> Iterator[Right]:
    """Every way to make the row laxer or stricter by one thing."""
    for field, names in (
        ("organization", ROLES),
        ("realm", ("view-organizations", "manage-organizations", "view-realm", "manage-realm")),
    ):
        present = getattr(right, field)
        for number, roles in enumerate(present):
            others = present[:number] + present[number + 1 :]
            changes = [roles - {role} for role in roles] + [roles | {role} for role in set(names) - roles]
            yield from (dataclasses.replace(right, **{field: (*others, change)}) for change in changes if change)
            if len(roles) > 1:
                yield dataclasses.replace(right, **{field: (*others, *(frozenset({role}) for role in roles))})
        if present:
            yield dataclasses.replace(right, **{field: ()})
    for section in SWITCHES[:-1]:
        yield dataclasses.replace(right, sections=tuple(set(right.sections) ^ {section}))
    yield dataclasses.replace(right, fresh=0 if right.fresh else 600)
    yield dataclasses.replace(right, scope=Scope.PUBLIC)
    yield dataclasses.replace(right, scope=Scope.REALM if right.scope is Scope.ORG else Scope.ORG)


def same(right: Right, mutant: Right) -> bool:
    """A set that another set contains already changes nothing."""

    def minimal(given: tuple[frozenset[str], ...]) -> set[frozenset[str]]:
        return {each for each in given if not any(other < each for other in given)}

    alike = dataclasses.replace(mutant, organization=right.organization, realm=right.realm) == right
    return (
        alike
        and minimal(mutant.organization) == minimal(right.organization)
        and minimal(mutant.realm) == minimal(right.realm)
    )


@pytest.mark.parametrize("right", ABOUT, ids=lambda right: right.name)
def test_every_change_of_the_row_is_noticed(right: Right) -> None:
    made = [mutant for mutant in mutants(right) if not same(right, mutant)]
    unnoticed = [
        mutant for mutant in made
        if all(decide(mutant, facts) is LINES[right.name].answer(facts) for facts in SITUATIONS)
    ]  # fmt: skip
    # Whoever may see an organization at all through the realm holds these roles there already.
    assert [mutant for mutant in unnoticed if not _implied(right, mutant)] == []


def _implied(right: Right, mutant: Right) -> bool:
    return bool(right.realm) and dataclasses.replace(mutant, organization=right.organization) == right


def test_a_further_role_never_takes_a_right_away() -> None:
    for right in ABOUT:
        allowed = {
            roles
            for roles in ROLE_SETS
            if decide(right, Facts(True, member=True, organization_roles=roles)) is Verdict.OK
        }
        assert all(roles | {role} in allowed for roles in allowed for role in ROLES), right.name


def test_what_people_may_do_is_told_in_words() -> None:
    with app().test_request_context():
        rows = [right for right in RIGHTS if right.scope is Scope.ORG and right.organization]
        told = [label_of(right) for right in rows if HTML in right.faces]
    assert all(told) and len(set(told)) == len(told)
