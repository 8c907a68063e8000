"""How long a session lasts, and how it ends from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from cast import Client, age, rows
from recorder import Recorder
from stack import Stack

from portal.store import now


def status(client: Client, path: str = "permissions") -> int:
    return client.get(path, follow=False).status_code


@pytest.mark.case("A5")
def test_an_idle_session_ends(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    age(stack, someone, seen=now() - timedelta(minutes=29))
    assert status(browser) == 200
    age(stack, someone, seen=now() - timedelta(minutes=31))
    assert status(browser) == 302


@pytest.mark.case("A5")
def test_a_session_ends_at_last(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    [row] = rows(stack, someone)
    assert row.expires - row.created == timedelta(hours=12)
    age(stack, someone, expires=now() - timedelta(seconds=1))
    assert status(browser) == 302


@pytest.mark.case("A10")
@pytest.mark.parametrize("deed", ["disable", "delete", "end the sessions"])
def test_what_happens_to_the_account_ends_the_session_here(stack: Stack, person: Any, client: Any, deed: str) -> None:
    someone = person()
    browser = client(someone)
    assert status(browser, "profile") == 200
    admin, path = stack.admin(), f"/admin/realms/demo/users/{someone.id}"
    if deed == "disable":
        admin.put(path, {**admin.get(path), "enabled": False})
    elif deed == "delete":
        admin.delete(path)
    else:
        admin.post(f"{path}/logout")
    assert status(browser, "profile") == 302
    admin.close()


@pytest.mark.case("A8")
def test_a_logout_elsewhere_ends_exactly_that_session(
    stack: Stack, person: Any, client: Any, eventually: Callable
) -> None:
    someone = person()
    here, there = client(someone), client(someone)
    assert {row.sid for row in rows(stack, someone)} == {row["id"] for row in someone.read("/sessions")}
    gone = rows(stack, someone)[0].sid
    admin = stack.admin()
    admin.delete(f"/admin/realms/demo/sessions/{gone}")
    admin.close()
    eventually(lambda: len(rows(stack, someone)) == 1, 5)
    assert sorted(status(browser) for browser in (here, there)) == [200, 302]


@pytest.mark.case("A8")
@pytest.mark.parametrize("token", ["", "nonsense", "eyJhbGciOiJub25lIn0.e30."])
def test_a_forged_logout_token_ends_nothing(stack: Stack, person: Any, client: Any, token: str) -> None:
    browser = client(person())
    answer = requests.post(browser.url("signin/backchannel-logout"), data={"logout_token": token}, timeout=10)
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert status(browser) == 200


def test_an_ended_session_leads_a_fragment_to_sign_in_and_back(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    age(stack, someone, expires=now())
    head = {"HX-Request": "true", "HX-Current-URL": f"{stack.portal_url}/demo/profile"}
    answer = browser.get("profile", follow=False, headers=head)
    assert answer.headers["HX-Redirect"] == "/demo/signin?next=/demo/profile"
    assert answer.text == ""


def test_a_form_sent_after_the_end_says_that_nothing_was_changed(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    token = browser.token()
    age(stack, someone, expires=now())
    data = {"attr.firstName": "Changed", "csrf_token": token}
    answer = browser.post("profile", data, token=False, headers={"Referer": f"{stack.portal_url}/demo/profile"})
    assert answer.status_code == 401
    assert "Nothing was changed" in answer.text
    assert "/demo/signin?next=/demo/profile" in answer.text
    assert someone.read()["firstName"] == "Tess"


def fragments(browser: Client, count: int) -> list[int]:
    """The same page asked for by many tabs at the same moment."""
    cookie = next(f"{each.name}={each.value}" for each in browser.http.cookies if each.name.startswith("portal-"))

    def ask(_: int) -> int:
        return requests.get(
            browser.url("profile"), headers={"Cookie": cookie}, allow_redirects=False, timeout=60
        ).status_code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


@pytest.mark.case("A11")
def test_twenty_fragments_at_expiry_refresh_once(stack: Stack, person: Any, client: Any, recorder: Recorder) -> None:
    """Over both processes, with rotation on. What happens without the lease is in test_controls."""
    someone = person()
    browser = client(someone)
    assert status(browser, "profile") == 200
    [before] = rows(stack, someone)
    for done in (1, 2, 3):
        age(stack, someone, access_expires=time.time() - 1)
        assert fragments(browser, 20) == [200] * 20
        assert len(recorder.calls(grant="refresh_token", sid=before.sid)) == done
    [after] = rows(stack, someone)
    assert after.refresh_token != before.refresh_token
    assert after.lease is None
    assert status(browser, "profile") == 200


def test_nothing_readable_is_stored(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    [row] = rows(stack, someone)
    dump = repr({key: value for key, value in vars(row).items() if not key.startswith("_")})
    assert browser.cookie() not in dump
    assert "eyJ" not in dump
    assert someone.password not in dump
