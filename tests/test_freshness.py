"""What changes at Keycloak holds here at once for writes, within seconds for reads, in every process of the portal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from cast import Client, Person, age
from door import HOUSEKEEPING
from recorder import Recorder
from stack import Stack

SEE, CHANGE = ("view-profile",), ("view-profile", "manage-account")
MANY = 12  # over connections of their own, so that both processes get some


def save(browser: Client, token: str, name: str) -> requests.Response:
    """Save the profile over a connection of its own."""
    cookie = next(f"{each.name}={each.value}" for each in browser.http.cookies if each.name.startswith("portal-"))
    data = {"attr.firstName": name, "attr.lastName": "Tester", "csrf_token": token}
    head = {"Cookie": cookie, "Connection": "close"}
    return requests.post(browser.url("profile"), data=data, headers=head, allow_redirects=False, timeout=60)


def saves(browser: Client, token: str) -> list[requests.Response]:
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(lambda number: save(browser, token, f"Name{number}"), range(MANY)))


@pytest.mark.feature("P2-54")
@pytest.mark.case("R12")
def test_a_role_taken_away_stops_the_very_next_write_everywhere(
    stack: Stack, person: Any, client: Any, recorder: Recorder, eventually: Callable[..., Any]
) -> None:
    someone: Person = person(roles=CHANGE)
    browser = client(someone)
    token = browser.token()
    assert save(browser, token, "Before").status_code == 303
    someone.take("account", "manage-account")
    answers = saves(browser, token)
    assert {answer.status_code for answer in answers} == {403}
    assert {stack.refusal(answer.headers["X-Request-ID"]) for answer in answers} == {"role missing"}
    assert [call for answer in answers for call in recorder.of(answer) if call.writes] == []
    assert someone.read()["firstName"] == "Before"
    page = eventually(lambda: "disabled" in browser.get("profile").text or "Save" not in browser.get("profile").text, 6)
    assert page, "the page still offers to save"
    someone.give("account", "manage-account")
    assert save(browser, token, "After").status_code == 303, "given back, it works without a new sign-in"
    assert someone.read()["firstName"] == "After"


@pytest.mark.case("R12")
def test_reads_stop_within_five_seconds(person: Any, client: Any, eventually: Callable[..., Any]) -> None:
    someone: Person = person(roles=SEE)
    browser = client(someone)
    assert browser.get("devices").status_code == 200
    someone.take("account", "view-profile")
    eventually(lambda: browser.get("devices").status_code == 403, 6, "the page was still shown")
    someone.give("account", "view-profile")
    assert browser.get("devices").status_code == 200, "a refusal is never remembered"


@pytest.mark.feature("P2-53")
def test_a_new_person_has_the_profile_without_any_grant(person: Any, client: Any) -> None:
    browser = client(person())
    assert save(browser, browser.token(), "Own").status_code == 303


@pytest.mark.case("A10")
@pytest.mark.parametrize("deed", ["disable", "delete"])
def test_a_write_of_somebody_disabled_or_deleted_ends_in_every_process(
    stack: Stack, person: Any, client: Any, recorder: Recorder, deed: str
) -> None:
    someone: Person = person()
    browser = client(someone)
    token = browser.token()
    assert save(browser, token, "Before").status_code == 303
    admin, path = stack.admin(), f"/admin/realms/demo/users/{someone.id}"
    admin.delete(path) if deed == "delete" else admin.put(path, {**admin.get(path), "enabled": False})
    admin.close()
    answers = saves(browser, token)
    assert {answer.status_code for answer in answers} == {401}
    assert [call for answer in answers for call in recorder.of(answer) if call.writes] == []


@pytest.mark.case("S3")
def test_a_token_that_dies_in_mid_request_ends_it(stack: Stack, person: Any, client: Any, recorder: Recorder) -> None:
    """The second of the calls meets a dead session; nothing is written and no service account steps in."""
    someone: Person = person()
    browser = client(someone)
    sid = recorder.session(browser.get("profile"))
    token = browser.token()
    with ThreadPoolExecutor(1) as pool:
        with recorder.rule("hold", method="GET", path="/account/$", sid=sid) as held:
            under_way = pool.submit(save, browser, token, "Late")
            held.wait()
            end_sessions(stack, someone)
        answer = under_way.result()
    assert answer.status_code == 401
    calls = [call for call in recorder.of(answer) if not HOUSEKEEPING.search(call.path)]
    assert {call.client for call in calls} == {"portal"}
    assert [call for call in calls if call.writes] == []
    assert someone.read()["firstName"] == "Tess"


@pytest.mark.case("S3")
def test_no_service_account_reads_for_a_dead_session(
    stack: Stack, person: Any, client: Any, recorder: Recorder
) -> None:
    someone: Person = person()
    browser = client(someone)
    assert [call.client for call in recorder.of(browser.get("activity")) if "/events" in call.path] == ["portal-read"]
    end_sessions(stack, someone)
    age(stack, someone, roles_at=0.0)
    answer = browser.get("activity", follow=False)
    assert answer.status_code == 302
    assert [call for call in recorder.of(answer) if "/events" in call.path] == []


def end_sessions(stack: Stack, someone: Person) -> None:
    """At Keycloak, as its administrator does."""
    admin = stack.admin()
    admin.post(f"/admin/realms/{someone.realm}/users/{someone.id}/logout")
    admin.close()
