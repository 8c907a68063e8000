"""Whatever several people do to each other's roles: nobody ends with more than somebody entitled gave."""

from __future__ import annotations

import random
from typing import Any

import pytest
from cast import Client, Person
from organization_holdings import Place
from stack import Stack

from portal.demo.organizations import ALL_ROLES

ADMINISTRATOR = {"manage-organization", "manage-roles"}
CASTING = (
    ALL_ROLES,
    ("view-organization", "view-members", "view-roles", "manage-roles", "manage-members"),
    ("view-organization", "view-members", "view-roles", "manage-roles"),
    ("view-organization",),
)
STEPS = 25


class Game:
    """People of one organization, and a model: what each may hold, by who gave it."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self.dice = random.Random(seed)
        self.place = Place(stack)
        self.people: list[Person] = [self.place.someone, *(self.place.join(*roles) for roles in CASTING)]
        self.browsers = {self.place.someone.id: self.place.browser}
        self.browsers |= {each.id: Client(stack).sign_in(each) for each in self.people[1:]}
        self.holds = {each.id: self.place.roles_of(each) for each in self.people}
        self.members = {each.id for each in self.people}

    def step(self) -> None:
        """Somebody tries something on somebody; the model follows only what was entitled."""
        actor, target = self.dice.choice(self.people), self.dice.choice(self.people)
        if self.dice.random() < 0.15:
            self.remove(actor, target)
        else:
            self.change(actor, target)

    def change(self, actor: Person, target: Person) -> None:
        before = self.holds[target.id]
        flipped = set(self.dice.sample(ALL_ROLES, self.dice.randint(1, 3)))
        form = [("roles", role) for role in before ^ flipped] + [("shown", role) for role in before]
        path = f"o/{self.place.name}/members/{target.id}/roles"
        done = self.browsers[actor.id].post(path, form).status_code == 303
        if not done:
            return
        mine = self.holds[actor.id]
        assert {actor.id, target.id} <= self.members and "manage-roles" in mine
        assert flipped - before <= mine, "nobody gives what he does not hold"
        if target.id != actor.id:
            assert flipped <= mine, "nobody takes what he could not give"
            self.check_rank(mine, before)
        self.holds[target.id] = before ^ flipped

    def remove(self, actor: Person, target: Person) -> None:
        path = f"o/{self.place.name}/members/{target.id}/remove"
        if self.browsers[actor.id].post(path, {"confirm": "yes"}).status_code != 303:
            return
        assert {actor.id, target.id} <= self.members and "manage-members" in self.holds[actor.id]
        assert actor.id != target.id
        self.check_rank(self.holds[actor.id], self.holds[target.id])
        self.members.discard(target.id)
        self.holds[target.id] = set()

    @staticmethod
    def check_rank(mine: set[str], theirs: set[str]) -> None:
        upper, lower = ({role for role in roles if not role.startswith("view-")} for roles in (mine, theirs))
        assert upper > lower if theirs >= ADMINISTRATOR or (lower and lower == upper) else upper >= lower

    def compare(self) -> None:
        """Keycloak holds what the model holds, and somebody administers."""
        assert {each.id: self.place.roles_of(each) for each in self.people} == self.holds
        assert any(self.holds[each] >= ADMINISTRATOR for each in self.members)


@pytest.mark.case("R2")
@pytest.mark.case("R10")
@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_ends_with_more_than_was_given_to_him(stack: Stack, seed: int) -> None:
    game: Any = Game(stack, seed)
    for _step in range(STEPS):
        game.step()
        game.compare()
