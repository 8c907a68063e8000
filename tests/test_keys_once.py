"""Idempotency keys without a server: what was cut off, and what several send at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.store import Store, answers, now
from portal.store.answers import BEGUN, DONE, UNKNOWN
from portal.store.models_keys import Answered


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Store]:
    found = Store(f"sqlite:///{tmp_path / 'portal.db'}")
    found.upgrade()
    yield found
    found.engine.dispose()


def age(store: Store, minutes: int) -> None:
    with store.write() as session:
        session.execute(update(Answered).values(begun=now() - timedelta(minutes=minutes)))


def test_what_was_cut_off_is_not_under_way_for_a_day(store: Store) -> None:
    assert answers.begin(store, "k", "d", "r") is None
    age(store, 1)
    under_way = answers.begin(store, "k", "d", "r")
    assert under_way is not None and under_way.state == BEGUN
    age(store, 11)
    lost = answers.begin(store, "k", "d", "r")
    assert lost is not None and lost.state == UNKNOWN, "nobody waits for a process that was killed"
    answers.finish(store, "k", "d", state=DONE, status=201)
    done = answers.begin(store, "k", "d", "r")
    assert done is not None and done.state == DONE


def test_whoever_comes_while_the_first_one_is_forgotten_is_the_first(store: Store) -> None:
    """The row is gone between the refused insert and the look at it: a third one must still find the second."""
    assert answers.begin(store, "k", "d", "r") is None

    class Late(Store):
        @contextmanager
        def read(self) -> Iterator[Session]:
            answers.forget(store, "k", "d")
            with super().read() as session:
                yield session

    late = Late(store.url)
    assert answers.begin(late, "k", "d", "r") is None
    third = answers.begin(store, "k", "d", "r")
    assert third is not None and third.state == BEGUN
    late.engine.dispose()


def test_of_many_at_once_one_is_the_first(store: Store) -> None:
    found: list[Answered | None] = []
    threads = [threading.Thread(target=lambda: found.append(answers.begin(store, "k", "d", "r"))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found.count(None) == 1 and len(found) == 8
