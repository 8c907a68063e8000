"""Limits and locks that all processes share, on each kind of database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from portal import create_app
from portal.errors import Conflict, TooMany
from portal.settings import from_mapping
from portal.store import Store
from portal.store.counters import hit
from portal.store.leases import lease, release, renew, try_lease
from portal.store.models_work import Counter, Lease


def allowed(store: Store, key: str, limit: int, window: int = 60) -> bool:
    try:
        hit(store, key, limit, window)
    except TooMany:
        return False
    return True


def age(store: Store, column: object, seconds: float) -> None:
    """Let time pass for all rows of a table."""
    with store.write() as session:
        session.execute(update(column.class_).values({column: column - seconds}))  # type: ignore[attr-defined]


# Counters


def test_as_many_as_the_limit_says_and_not_one_more(store: Store) -> None:
    assert [allowed(store, "resend:a@b.test", 3) for _ in range(5)] == [True, True, True, False, False]
    assert allowed(store, "resend:c@b.test", 3), "another one is counted apart"


def test_the_refusal_says_when_to_try_again(store: Store) -> None:
    hit(store, "k", 1, 3600)
    age(store, Counter.begun, 600)
    with pytest.raises(TooMany) as refused:
        hit(store, "k", 1, 3600)
    assert 2998 <= refused.value.retry_after <= 3000


def test_a_new_window_begins_when_the_old_one_is_over(store: Store) -> None:
    assert [allowed(store, "k", 1) for _ in range(2)] == [True, False]
    age(store, Counter.begun, 61)
    assert [allowed(store, "k", 1) for _ in range(2)] == [True, False]


def test_many_at_once_get_exactly_the_limit(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: allowed(store, "k", 25), range(80)))
    assert found.count(True) == 25


def test_no_address_is_kept_to_count_it(store: Store) -> None:
    hit(store, "resend:somebody@umbrella.test", 3, 60)
    with store.read() as session:
        assert "somebody" not in session.scalars(select(Counter.key)).one()


def test_a_window_longer_than_a_day_is_a_mistake(store: Store) -> None:
    with pytest.raises(ValueError, match="86400"):
        hit(store, "k", 1, 86401)


# The page and the problem


@pytest.fixture(scope="module")
def app() -> object:
    realm = {"name": "demo", "keycloak_url": "http://localhost:1"}
    return create_app(from_mapping({"public_url": "http://localhost:1", "demo": True, "realms": [realm]}))


@pytest.mark.parametrize(("seconds", "said"), [(45, "in 45 seconds"), (601, "in 11 minutes"), (7201, "in 3 hours")])
def test_the_page_of_a_limit_says_when(app: object, seconds: int, said: str) -> None:
    with app.test_request_context("/demo/profile"):  # type: ignore[attr-defined]
        answer = app.handle_user_exception(TooMany(seconds))  # type: ignore[attr-defined]
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(seconds))
    assert f"try again {said}." in answer.get_data(as_text=True)


def test_the_problem_of_a_limit_says_when(app: object) -> None:
    with app.test_request_context("/demo/api/v1/me"):  # type: ignore[attr-defined]
        answer = app.handle_user_exception(TooMany(90))  # type: ignore[attr-defined]
    assert (answer.content_type, answer.headers["Retry-After"]) == ("application/problem+json", "90")
    assert json.loads(answer.data)["status"] == 429


# Leases


def test_one_holder_at_a_time(store: Store) -> None:
    holder = try_lease(store, "organization:1")
    assert holder
    assert not try_lease(store, "organization:1")
    assert try_lease(store, "organization:2"), "another name is another lease"
    release(store, "organization:1", holder)
    assert try_lease(store, "organization:1")


def test_a_lease_of_the_dead_is_free_again(store: Store) -> None:
    dead = try_lease(store, "k", 30)
    age(store, Lease.until, 31)
    heir = try_lease(store, "k", 30)
    assert heir
    assert not renew(store, "k", dead), "who comes back late is told that it was lost"
    release(store, "k", dead)
    assert not try_lease(store, "k"), "and cannot give it away"
    assert renew(store, "k", heir)


def test_waiting_for_a_lease_ends_with_a_conflict(store: Store) -> None:
    holder = try_lease(store, "k")
    with pytest.raises(Conflict), lease(store, "k", wait=0.2):
        raise AssertionError("never held")
    release(store, "k", holder)
    with lease(store, "k", wait=0.2):
        assert not try_lease(store, "k")
    assert try_lease(store, "k")


def test_a_lease_is_given_back_when_the_work_fails(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), lease(store, "k"):
        1 / 0  # noqa: B018
    assert try_lease(store, "k")


def test_work_under_a_lease_never_overlaps(store: Store) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with lease(store, "k", wait=20):
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert most == [1] * 24
