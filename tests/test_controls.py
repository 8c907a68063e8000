"""Controls: with a protection taken away the same requests come to another end, so it is the protection that refuses.

The portal runs inside the test, on the database, keys and realms of the running one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cast import Client, Person, age, rows
from flask import Flask
from recorder import Recorder
from stack import Stack
from werkzeug.test import TestResponse

from portal import create_app
from portal.access import Verdict
from portal.settings import load
from portal.signin import person as roles_of
from portal.web import gate


@pytest.fixture
def inside(stack: Stack) -> Iterator[Flask]:
    app = create_app(load({**os.environ, "PORTAL_CONFIG": str(Path(stack.folder, "portal.toml"))}))
    yield app
    app.extensions["portal"].store.engine.dispose()


def ask(app: Flask, browser: Client, path: str, **form: str) -> TestResponse:
    """GET, or POST with a form, as this browser."""
    cookie = next(f"{each.name}={each.value}" for each in browser.http.cookies if each.name.startswith("portal-"))
    with app.test_client(use_cookies=False) as client:
        kind = {"method": "POST", "data": form} if form else {"method": "GET"}
        return client.open(f"/{browser.realm}/{path}", headers={"Cookie": cookie}, **kind)


def profile(name: str, token: str = "") -> dict[str, str]:
    return {"attr.firstName": name, "attr.lastName": "Tester", "csrf_token": token}


@pytest.mark.case("C1")
def test_without_the_check_of_forms_a_form_of_another_site_would_be_accepted(
    inside: Flask, person: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone: Person = person()
    browser = client(someone)
    assert ask(inside, browser, "profile", **profile("Forged")).status_code == 403
    assert someone.read()["firstName"] == "Tess"
    monkeypatch.setattr(gate, "check_form_token", lambda: None)
    assert ask(inside, browser, "profile", **profile("Forged")).status_code == 303
    assert someone.read()["firstName"] == "Forged"


@pytest.mark.feature("P2-05")
def test_without_the_switches_a_section_that_is_off_would_open(
    inside: Flask, make_realm: Any, person: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    realm = make_realm(**{"_providerConfig.portal.profile.activity.enabled": "false"})
    browser = client(person(realm=realm))
    assert ask(inside, browser, "devices").status_code == 404
    monkeypatch.setattr(roles_of, "switched_off", lambda _attributes: frozenset())
    assert ask(inside, browser, "devices").status_code == 200


@pytest.mark.case("S2")
def test_without_the_table_a_write_would_reach_keycloak(
    inside: Flask, person: Any, client: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client(person(roles=("view-profile",)))
    token = browser.token()
    refused = ask(inside, browser, "profile", **profile("New", token))
    monkeypatch.setattr(gate, "decide", lambda *_: Verdict.OK)
    passed = ask(inside, browser, "profile", **profile("New", token))
    assert [refused.status_code, passed.status_code] == [403, 403], "Keycloak is the second wall"
    assert [[call.path for call in recorder.of(each) if call.writes] for each in (refused, passed)] == [
        [],
        ["/realms/demo/account/"],
    ]


@pytest.mark.case("R12")
def test_without_fresh_roles_a_page_would_stay_open(
    inside: Flask, stack: Stack, person: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone: Person = person(roles=("view-profile",))
    browser = client(someone)
    assert ask(inside, browser, "data").status_code == 200
    someone.take("account", "view-profile")
    with monkeypatch.context() as patched:
        patched.setattr(gate, "_with_fresh_roles", lambda _row, who: who)
        assert ask(inside, browser, "data").status_code == 200
    age(stack, someone, roles_at=0.0)
    assert ask(inside, browser, "data").status_code == 403


def at_expiry(app: Flask, stack: Stack, browser: Client, someone: Person, count: int = 20) -> list[int]:
    """The same page asked for many times at the moment the token has run out."""
    age(stack, someone, access_expires=time.time() - 1)
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: ask(app, browser, "profile").status_code, range(count)))


@pytest.mark.case("A11")
def test_without_the_lease_many_requests_would_lose_the_session(
    inside: Flask, stack: Stack, person: Any, client: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone: Person = person()
    browser = client(someone)
    [row] = rows(stack, someone)
    assert at_expiry(inside, stack, browser, someone) == [200] * 20
    assert len(recorder.calls(grant="refresh_token", sid=row.sid)) == 1
    sessions = inside.extensions["portal"].sessions
    monkeypatch.setattr(sessions, "take_lease", lambda *_: "everybody's")
    at_expiry(inside, stack, browser, someone)
    assert len(recorder.calls(grant="refresh_token", sid=row.sid)) > 2
    assert rows(stack, someone) == [], "rotation: a refresh token used twice ends the session"
