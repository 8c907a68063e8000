"""Keycloak stops, hangs, loses an answer, and comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from cast import Client, Person, age, rows
from organization_holdings import Place
from recorder import Recorder
from requests.adapters import HTTPAdapter
from sqlalchemy import select
from stack import Stack

from portal.clients.http import CONNECT, PATIENCE, READ, Patience, Patient
from portal.store.models import AuditRow

SECONDS = 3.0


def asked(browser: Client, path: str) -> tuple[requests.Response, float]:
    """The answer without following, and how long it took."""
    began = time.monotonic()
    return browser.get(path, follow=False), time.monotonic() - began


@pytest.fixture
def stopped(recorder: Recorder) -> Iterator[Callable[[], None]]:
    """Stops Keycloak; it runs again after the test."""
    yield lambda: recorder.ask("stop-keycloak")
    recorder.ask("start-keycloak")


@pytest.mark.serial
@pytest.mark.timeout(300)
def test_keycloak_stops_and_comes_back(
    stack: Stack, person: Any, client: Any, stopped: Any, recorder: Recorder, eventually: Callable[..., Any]
) -> None:
    someone: Person = person()
    browser = client(someone)
    assert browser.get("profile").status_code == 200
    stopped()
    for path in ("profile", "devices", "security", "profile"):
        answer, took = asked(browser, path)
        assert answer.status_code == 503, (path, answer.text)
        assert answer.headers["Retry-After"] == "5"
        assert took < SECONDS
        assert "does not answer" in answer.text
        assert "Try again" in answer.text
    assert len(rows(stack, someone)) == 1, "the session was lost"
    assert browser.get("/healthz").status_code == 200
    refused = browser.post("profile", {"attr.firstName": "Lost"}, token=False)
    assert refused.status_code == 503
    recorder.ask("start-keycloak")
    eventually(lambda: browser.get("profile").status_code == 200, 30, "the page did not come back")
    assert not browser.last.history, "no new sign-in was needed"
    assert someone.read()["firstName"] == "Tess"


@pytest.mark.serial
def test_a_keycloak_that_hangs_holds_nobody_for_long(stack: Stack, recorder: Recorder) -> None:
    place = Place(stack)
    paths = ("profile", "security", f"o/{place.name}/members", f"o/{place.name}/invitations")
    for path in paths:
        assert asked(place.browser, path)[0].status_code == 200
    with recorder.rule("hold"):
        for path in paths:
            answer, took = asked(place.browser, path)
            assert answer.status_code == 503, path
            assert took < SECONDS, path
            assert "does not answer" in answer.text
        assert place.browser.get("/healthz").elapsed.total_seconds() < 1
    assert asked(place.browser, "profile")[0].status_code == 200, "the session was lost"


def test_a_page_that_only_reads_waits_in_vain_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def silent(_self: HTTPAdapter, _request: Any, timeout: tuple[float, float], **_: Any) -> None:
        waited.append(timeout[1])
        raise requests.ReadTimeout

    monkeypatch.setattr(HTTPAdapter, "send", silent)
    clock = iter((0.0, 2.0, 3.0, 3.5))
    monkeypatch.setattr("portal.clients.http.time", SimpleNamespace(monotonic=lambda: next(clock)))
    PATIENCE.set(Patience())
    reading, writing = (requests.Request(method, "http://keycloak.test").prepare() for method in ("GET", "PUT"))
    for request in (reading, reading, reading, writing):
        with pytest.raises(requests.ReadTimeout):
            Patient().send(request, timeout=(CONNECT, READ))
    PATIENCE.set(None)
    assert waited == [2.5, 0.5, READ], "two seconds and half a one were lost, and a write gets what it always gets"


def test_a_lost_answer_is_told_as_unknown(stack: Stack, person: Any, client: Any, recorder: Recorder) -> None:
    someone: Person = person()
    browser = client(someone)
    sid = recorder.session(browser.get("profile"))
    data = {"attr.firstName": "Perhaps", "attr.lastName": "Tester"}
    with recorder.rule("lose", method="POST", path="/account/$", sid=sid) as lost:
        answer = browser.post("profile", data)
        assert lost.count == 1, "a write is never sent twice"
    assert answer.status_code == 503
    assert "may or may not have been made" in answer.text
    assert someone.read()["firstName"] == "Perhaps"
    store = stack.store()
    with store.read() as transaction:
        states = [row.state for row in transaction.scalars(select(AuditRow).where(AuditRow.sub == someone.id))]
    store.engine.dispose()
    assert states == ["unknown"]


def test_a_refresh_that_gets_no_answer_keeps_the_session(
    stack: Stack, person: Any, client: Any, recorder: Recorder
) -> None:
    someone: Person = person()
    browser = client(someone)
    sid = recorder.session(browser.get("profile"))
    age(stack, someone, access_expires=time.time() - 1)
    with recorder.rule("cut", grant="refresh_token", sid=sid) as cut:
        assert asked(browser, "profile")[0].status_code == 503
        assert cut.count == 1
    assert asked(browser, "profile")[0].status_code == 200
