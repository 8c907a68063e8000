"""Setup links, opened by somebody without an account: what a look does, what the click does, how far it reaches."""

from __future__ import annotations

import pytest
from link_steps import ALL, Guest, guests, make_link
from organization_holdings import Place
from stack import Stack


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def own(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, own: Place) -> Guest:
    return Guest(stack, own)


def test_a_click_opens_what_the_link_is_for(own: Place, guest: Guest) -> None:
    link, token = make_link(own)
    answer = guest.open(token)
    assert answer.status_code == 200 and token not in answer.url and token not in answer.text, answer.text
    assert "Tess Tester asks you to set up the following" in answer.text
    assert guests(own, link) == []
    begun = guest.begin()
    assert begun.status_code == 303, begun.text
    home = guest.get(begun.headers["Location"])
    assert home.status_code == 200, home.text
    for path in ("sso", "sso/setup", "domains", "events"):
        shown = guest.get(path)
        assert shown.status_code == 200, (path, shown.text)
    assert len(ALL) == 4
