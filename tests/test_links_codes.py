"""Codes that open a setup link in another browser: good once, for few tries, however many come at the same time."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from inside import background
from link_steps import Guest, guests
from organization_holdings import Place
from stack import Stack
from test_links_inviting import address, ask, mail, rows, token

from portal.store import links

CODE = re.compile(r"Code: (\d{6})")


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Guest:
    return Guest(stack, place)


def code(stack: Stack, to: str, number: int = 2) -> str:
    """The newest code that was mailed; the first mail was the link."""
    found = CODE.search(mail(stack, to, number)["text"])
    assert found
    return found[1]


def asked_elsewhere(place: Place, guest: Guest, one: str) -> tuple[Guest, str, str]:
    """A second browser with a link that is mailed to `one`, its form token, and the code that was mailed for it."""
    ask(place, one)
    raw = token(mail(place.stack, one)["text"])
    guest.enter(raw)
    second = Guest(place.stack, place)
    second.open(raw)
    second.post("/portal/launch/code", {"key": second.key()}, token=False)
    digits = code(place.stack, one)
    second.get("/portal/launch")
    return second, second.key(), digits


@pytest.mark.case("L2")
def test_another_browser_needs_the_code_that_is_mailed(place: Place, stack: Stack, guest: Guest) -> None:
    one = address()
    ask(place, one)
    raw = token(mail(stack, one)["text"])
    guest.enter(raw)
    second = Guest(stack, place)
    shown = second.open(raw)
    assert "Another browser opened this link first" in shown.text and one not in shown.text
    assert second.begin().status_code in {403, 422} and len(guests(place, rows(place)[0])) == 1
    second.open(raw)
    assert second.post("/portal/launch/code", {"key": second.key()}, token=False).status_code == 303
    digits = code(stack, one)
    second.get("/portal/launch")
    begun = second.begin(code=digits)
    assert begun.status_code == 303 and second.get("").status_code == 200
    third = Guest(stack, place)
    third.open(raw)
    assert third.begin(code=digits).status_code != 303, "a code is used once"


@pytest.mark.case("L9")
def test_fifty_guesses_at_once_are_five(place: Place, guest: Guest) -> None:
    one = address()
    second, key, digits = asked_elsewhere(place, guest, one)
    wrong = [f"{(int(digits) + step) % 10**6:06d}" for step in range(1, 51)]

    def guess(value: str) -> int:
        return int(second.post("/portal/launch/begin", {"key": key, "code": value}, token=False).status_code)

    with ThreadPoolExecutor(25) as pool:
        assert 303 not in set(pool.map(guess, wrong))
    row = [each for each in _tokens(place) if each.contact == one]
    assert row[0].code_tries == 5
    assert guess(digits) != 303, "after five wrong ones the right one is worth nothing"
    answers = [second.post("/portal/launch/code", {"key": key}, token=False).status_code for _ in range(5)]
    assert answers[-1] == 429 and len(guests(place, rows(place)[0])) == 1


def test_the_right_code_sent_fifty_times_at_once_lets_in_once(place: Place, guest: Guest) -> None:
    one = address()
    second, key, digits = asked_elsewhere(place, guest, one)

    def enter(_: int) -> int:
        fields = {"key": key, "code": digits}
        return int(second.post("/portal/launch/begin", fields, token=False).status_code)

    with ThreadPoolExecutor(25) as pool:
        assert list(pool.map(enter, range(50))).count(303) == 1


def _tokens(place: Place) -> list[Any]:
    return links.tokens(background(place.stack).store, rows(place)[-1].id)
