"""Several people, consoles and tabs change the details of one organization: nothing is lost or written over unseen."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from cast import Client
from detail_steps import MANAGER, details, fields, filled, save, text_of
from organization_holdings import Place
from stack import Stack


@pytest.mark.feature("P2-34")
def test_a_save_is_taken_back_once_while_it_still_stands(stack: Stack, client: Any) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(attributes={"plan": ["gold"]})
    save(place, filled(details(place), display_name="Changed", value="silver"))
    page = place.browser.get("organizations").text
    undo = re.search(r'action="[^"]*/details/(undo/\w+)"', page)
    assert undo and "Details saved." in page
    other = client(place.join(*MANAGER))
    assert other.post(f"o/{place.name}/details/{undo[1]}").status_code == 404, "another's save is not his to undo"
    elsewhere = Place(stack, roles=MANAGER)
    elsewhere.put(place.someone, *MANAGER)
    wrong = place.browser.post(f"o/{elsewhere.name}/details/{undo[1]}")
    assert wrong.status_code == 404, "a record of one organization is nothing in another"
    assert place.browser.post(f"o/{place.name}/details/{undo[1]}").status_code == 303
    now = place.read()
    assert (now["displayName"], now["attributes"]) == (place.name.capitalize(), {"plan": ["gold"]})
    assert place.browser.post(f"o/{place.name}/details/{undo[1]}").status_code == 404


@pytest.mark.feature("P2-34")
def test_a_save_that_was_changed_since_is_not_taken_back(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    save(place, filled(details(place), display_name="Changed"))
    place.write(displayName="Changed by somebody else")
    record = place.records("organization.edit")[-1].id
    assert place.browser.post(f"o/{place.name}/details/undo/{record}").status_code == 409
    assert place.read()["displayName"] == "Changed by somebody else"


@pytest.mark.feature("P2-34")
@pytest.mark.case("Q2")
def test_what_others_wrote_meanwhile_stays_where_it_was_not_touched(stack: Stack, client: Any) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(attributes={"plan": ["gold"], "region": ["north"]})
    other = client(place.join(*MANAGER))
    mine, theirs = details(place), details(place, other)
    sent = [*filled(theirs, display_name="Theirs"), ("key", "tier"), ("value", "2")]
    assert save(place, sent, other).status_code == 303
    changed = [field if field != ("value", "gold") else ("value", "silver") for field in fields(mine)]
    assert save(place, changed).status_code == 303
    now = place.read()
    assert now["displayName"] == "Theirs"
    assert now["attributes"] == {"plan": ["silver"], "region": ["north"], "tier": ["2"]}


@pytest.mark.case("Q2")
def test_of_many_saves_at_once_none_is_lost(stack: Stack, client: Any) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(domains=[f"{place.name}.test"], attributes={"plan": ["gold"]})
    browsers = [place.browser, *(client(place.join(*MANAGER)) for _each in range(3))]
    sent = [
        [*fields(details(place, browser)), ("key", f"k{number}"), ("value", "v"), ("csrf_token", browser.token())]
        for number, browser in enumerate(browsers)
    ]

    def send(browser: Client, form: list[tuple[str, str]]) -> int:
        return int(browser.post(f"o/{place.name}/details", form, token=False).status_code)

    with ThreadPoolExecutor(len(browsers)) as pool:
        assert list(pool.map(send, browsers, sent)) == [303] * len(browsers)
    now = place.read()
    assert now["attributes"] == {"plan": ["gold"], **{f"k{number}": ["v"] for number in range(len(browsers))}}
    assert now["domains"] == [f"{place.name}.test"]


@pytest.mark.feature("P2-34")
@pytest.mark.case("Q2")
@pytest.mark.parametrize(("choice", "name", "plan"), [("mine", "Mine", "silver"), ("theirs", "Theirs", "bronze")])
def test_who_comes_second_sees_all_three_and_decides(stack: Stack, choice: str, name: str, plan: str) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(attributes={"plan": ["gold"]})
    page = details(place)
    place.write(displayName="Theirs", attributes={"plan": ["bronze"]})
    answer = save(place, filled(page, display_name="Mine", url="https://mine.tests.test/", value="silver"))
    assert answer.status_code == 409
    was = place.name.capitalize()
    assert f"When you opened the page {was} Yours Mine Now Theirs" in text_of(answer.text)
    assert "When you opened the page gold Yours silver Now bronze" in text_of(answer.text)
    assert ("url", "https://mine.tests.test/") in fields(answer.text), "what else was entered is still there"
    undecided = save(place, fields(answer.text))
    assert undecided.status_code == 409 and place.read()["displayName"] == "Theirs"
    choices = [("choice.display_name", choice), ("choice.attribute.plan", choice)]
    assert save(place, [*fields(undecided.text), *choices]).status_code == 303
    now = place.read()
    assert (now["displayName"], now["attributes"]["plan"]) == (name, [plan])
    assert now["url"] == "https://mine.tests.test/"


@pytest.mark.case("Q2")
def test_a_decision_counts_for_what_was_seen_alone(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    page = details(place)
    place.write(displayName="Second")
    answer = save(place, filled(page, display_name="Mine"))
    place.write(displayName="Third")
    again = save(place, [*fields(answer.text), ("choice.display_name", "mine")])
    assert again.status_code == 409 and "Now Third" in text_of(again.text)
    assert place.read()["displayName"] == "Third"


@pytest.mark.case("Q2")
def test_a_hidden_name_that_somebody_uses_already_is_not_written_over(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(attributes={"notes": ["first line\nsecond line"]})
    answer = save(place, [*fields(details(place)), ("key", "notes"), ("value", "short")])
    assert answer.status_code == 409 and place.read()["attributes"]["notes"] == ["first line\nsecond line"]


@pytest.mark.case("Q2")
def test_a_write_past_the_portal_in_the_same_moment_is_told(stack: Stack, recorder: Any) -> None:
    place = Place(stack, roles=MANAGER)
    page = details(place)
    answered: list[requests.Response] = []
    sent = filled(page, display_name="Mine")
    # The read after the write is held until somebody else has written.
    with recorder.rule("hold", method="GET", path=f"/orgs/{place.id}$", skip=1) as held:
        saving = threading.Thread(target=lambda: answered.append(save(place, sent)))
        saving.start()
        held.wait()
        place.write(displayName="Past the portal")
    saving.join()
    assert answered[0].status_code == 303
    assert "something else changed this at the same moment: Display name" in details(place)
    assert place.records("organization.edit")[-1].after["overwritten"] == ["display_name"]
