"""People who belong to one organization after another, always with the same roles, and sign in once for all of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cast import Client, Person, make_person
from organization_holdings import Place
from stack import Stack

# Seconds; a session that nobody uses ends after half an hour.
IDLE = 900


class Crew:
    """One person for each set of roles, made when first asked for."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: dict[frozenset[str], tuple[Person, Client, float]] = {}

    @contextmanager
    def at(self, place: Place, roles: Iterable[str]) -> Iterator[Client]:
        """The browser of a member of `place` with these roles; he is one for the block alone."""
        wanted = frozenset(roles)
        someone, browser = self._signed_in(wanted)
        place.put(someone, *sorted(wanted))
        yield browser
        place.drop(someone)
        self._known[wanted] = (someone, browser, time.monotonic())

    def _signed_in(self, roles: frozenset[str]) -> tuple[Person, Client]:
        someone, browser, used = self._known.get(roles) or (make_person(self._stack), None, 0.0)
        if browser is None or time.monotonic() - used > IDLE:
            browser = Client(self._stack).sign_in(someone)
        return someone, browser
