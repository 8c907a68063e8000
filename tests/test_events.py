"""The page of events and its files: what members did and what was done to the organization, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cast import Client, Person, make_person
from event_lines import exported, shown
from organization_holdings import Place
from playwright.sync_api import expect
from sqlalchemy import update
from stack import Stack
from twins_organizations import ONE

from portal.events import files, record_words, words
from portal.events.filters import parse
from portal.events.kinds import KNOWN, group_of
from portal.store.models_organizations import EventRow

READING = 60


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


def joined(place: Place, first_name: str, *roles: str) -> Person:
    return place.join(*roles, first_name=first_name, last_name="Of Tests")


def sign_in(someone: Person) -> Client:
    return Client(someone.stack, someone.realm).sign_in(someone)


def lines(place: Place, until: str, eventually: Callable[..., Any], query: str = "size=100") -> list[tuple[str, str]]:
    """The page once this line is there: what happened before it was read by then."""
    return eventually(
        lambda: (found := shown(place.browser, place.name, query)) and any(until in " ".join(each) for each in found)
        and found, READING, f"{until!r} did not appear",
    )  # fmt: skip


def signed_in(place: Place, name: str, eventually: Callable[..., Any]) -> list[tuple[str, str]]:
    """The page once somebody's sign-in is on it."""
    told = f"the sign-in of {name} did not appear"
    return eventually(lambda: ("Signed in", name) in (seen := shown(place.browser, place.name)) and seen, READING, told)


@pytest.mark.feature("P2-46")
def test_what_members_do_and_what_is_done_to_them_is_shown(place: Place, eventually: Any) -> None:
    someone = joined(place, "Ada")
    sign_in(someone)
    address = f"{place.name}@invited.test"
    answer = place.browser.post(f"o/{place.name}/invitations/new", {**ONE, "email": address})
    assert answer.status_code == 303, answer.text
    assert place.browser.post(f"o/{place.name}/members/{someone.id}/remove", {"confirm": "yes"}).status_code == 303
    found = signed_in(place, "Ada Of Tests", eventually)
    assert ("Signed in", "Ada Of Tests") in found
    assert (f"{address} was invited", "Tess Tester") in found
    assert found[0] == ("Ada Of Tests was removed", "Tess Tester"), "newest first"
    assert found[-1] == ("The organization was created", "An operator")


@pytest.mark.feature("P2-46")
def test_deeds_of_others_are_never_shown(place: Place, stack: Stack, eventually: Any) -> None:
    stranger = make_person(stack, first_name="Stranger", last_name="Of Tests")
    both, former = joined(place, "Both"), joined(place, "Former")
    Place(stack).put(both)
    place.drop(former)
    for each in (stranger, both, former):
        sign_in(each)
    sign_in(joined(place, "Last"))
    found = signed_in(place, "Last Of Tests", eventually)
    assert {who for what, who in found if what == "Signed in"} <= {"Last Of Tests", "Tess Tester"}
    assert "Stranger" not in str(found)


def test_a_deed_done_through_the_portal_is_told_once(place: Place, eventually: Any) -> None:
    someone = joined(place, "Once")
    path = f"o/{place.name}/members/{someone.id}"
    assert place.browser.post(f"{path}/roles", {"roles": "view-members"}).status_code == 303
    assert place.browser.post(f"{path}/remove", {"confirm": "yes"}).status_code == 303
    sign_in(joined(place, "Last"))
    found = signed_in(place, "Last Of Tests", eventually)
    about = [what for what, _who in found if "Once" in what]
    assert about == [
        "Once Of Tests was removed",
        "The roles of Once Of Tests were changed",
        "Once Of Tests became a member",
    ]


def test_a_failed_sign_in_is_told_as_failed(place: Place, stack: Stack, eventually: Any) -> None:
    someone, browser = joined(place, "Wrong"), Client(stack)
    browser.send_keycloak_form(browser.get("profile"), username=someone.username, password="no such password")
    found = lines(place, "Wrong Of Tests", eventually, "kind=failed")
    assert found == [("Sign-in failed", "Wrong Of Tests")]
    assert "wrong password or code" in place.browser.get(f"o/{place.name}/events?kind=failed").text


def test_the_files_hold_what_the_page_shows(place: Place, eventually: Any) -> None:
    sign_in(joined(place, "+Formula"))
    found = signed_in(place, "+Formula Of Tests", eventually)
    rows = exported(place.browser, place.name)
    assert [(row["what"].removeprefix("'"), row["who"].removeprefix("'")) for row in rows] == found
    assert "'+Formula Of Tests" in {row["who"] for row in rows}
    assert place.record("events.export"), "who took a copy is on record"
    answer = place.browser.get(f"o/{place.name}/events/export?format=jsonl&q=formula")
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert "Content-Length" not in answer.headers, "written while it is read"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert [(line["what"], line["who"]) for line in told] == shown(place.browser, place.name, "q=formula")
    assert set(told[0]) == set(files.COLUMNS)


@pytest.mark.case("O14")
def test_people_and_organizations_elsewhere_cannot_be_asked_for(place: Place, stack: Stack, eventually: Any) -> None:
    other = Place(stack)
    stranger = other.join(first_name="Elsewhere", last_name="Of Tests")
    sign_in(stranger)
    signed_in(other, "Elsewhere Of Tests", eventually)
    for asked in (stranger.id, "Elsewhere", other.id, stack.people["rita"]["id"]):
        assert shown(place.browser, place.name, f"q={asked}") == []
        assert exported(place.browser, place.name, f"q={asked}") == []
    assert "Elsewhere" not in str(shown(place.browser, place.name, f"organization={other.id}"))
    for path in ("events", "events/export?format=csv"):
        refused, unknown = (place.browser.get(f"o/{name}/{path}") for name in (other.name, "nobody-has-this-name"))
        assert refused.status_code == unknown.status_code == 404


@pytest.mark.feature("SV-62")
def test_what_organizations_must_not_see_is_not_in_page_or_file(place: Place, eventually: Any) -> None:
    sign_in(joined(place, "Plain"))
    signed_in(place, "Plain Of Tests", eventually)
    admin = place.stack.admin()
    operator = admin.get("/admin/realms/master/users", username=place.stack.administrator(place.realm))[0]["id"]
    admin.close()
    page = place.browser.get(f"o/{place.name}/events?size=100").text
    file = place.browser.get(f"o/{place.name}/events/export?format=jsonl").text
    for text in (page, file):
        assert operator not in text
        assert "127." not in text
        assert "code_id" not in text
        assert "redirect_uri" not in text


def test_addresses_and_roles_are_told_to_those_who_may_see_them(place: Place, eventually: Any) -> None:
    address = f"{place.name}@invited.test"
    admin = place.stack.admin()
    admin.post(
        f"/realms/demo/orgs/{place.id}/invitations",
        {"email": address, "inviterId": place.someone.id, "send": False, "roles": []},
    )
    admin.put(f"/realms/demo/orgs/{place.id}/roles/view-roles/users/{joined(place, 'Role').id}")
    admin.close()
    found = [what for what, _who in lines(place, "view-roles", eventually)]
    assert f"{address} was invited" in found
    assert "Role Of Tests was given the role “view-roles”" in found
    narrow = sign_in(place.join("view-organization", "view-members"))
    less = [what for what, _who in shown(narrow, place.name)]
    assert "Somebody was invited" in less
    assert "Role Of Tests was given roles" in less
    assert address not in str(exported(narrow, place.name))


def test_days_are_those_of_the_readers_zone(place: Place, eventually: Any) -> None:
    someone = joined(place, "Night")
    lines(place, "Night Of Tests became a member", eventually)
    store = place.stack.store()
    with store.write() as session:
        # Half past midnight in Berlin is still the day before in UTC.
        moved = update(EventRow).where(EventRow.organization == place.id, EventRow.person == someone.id)
        session.execute(moved.values(at=datetime(2026, 1, 1, 23, 30)))  # noqa: DTZ001 stored as naive UTC
    store.engine.dispose()
    day = "q=night&from=2026-01-02&to=2026-01-02"
    assert shown(place.browser, place.name, day) == []
    assert len(shown(place.browser, place.name, f"{day}&zone=Europe/Berlin")) == 1
    assert len(exported(place.browser, place.name, f"{day}&zone=Europe/Berlin")) == 1
    assert "time zone Europe/Berlin" in place.browser.get(f"o/{place.name}/events?{day}&zone=Europe/Berlin").text
    assert "time zone UTC" in place.browser.get(f"o/{place.name}/events?{day}&zone=Nowhere/At-All").text


def test_a_day_that_is_none_is_told(place: Place) -> None:
    answer = place.browser.get(f"o/{place.name}/events?from=yesterday")
    assert answer.status_code == 200
    assert "“yesterday” is not a day" in answer.text
    assert place.browser.get(f"o/{place.name}/events/export?format=csv&from=yesterday").status_code == 422
    assert place.browser.get(f"o/{place.name}/events/export?format=xlsx").status_code == 404


@pytest.mark.feature("P2-46")
def test_the_page_works_in_a_browser(place: Place, open_page: Any, eventually: Any) -> None:
    sign_in(joined(place, "Seen"))
    signed_in(place, "Seen Of Tests", eventually)
    page = open_page(f"/demo/o/{place.name}/events", place.someone, timezone_id="Asia/Tokyo", bypass_csp=True)
    page.get_by_role("combobox", name="Every kind").select_option(label="Organization")
    page.get_by_label("From").fill("2026-01-01")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Days begin and end as in the time zone Asia/Tokyo.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="The organization was created")
    row.locator("summary").click()
    expect(row.get_by_text(place.name, exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith(f"events-{place.name}-")
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_text("Days begin and end")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="Seen Of Tests").first).to_be_visible()


# Without a server


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_every_kind_has_words_and_a_group(kind: str) -> None:
    assert words.of_event(kind, "Ada", {})
    assert words.of_event(kind, "", {"role": "r", "email": "a@b.test", "identity_provider": "idp", "domain": "b.test"})
    assert group_of(kind) in words.groups()


def test_a_record_of_an_unknown_tag_is_told_without_its_fields() -> None:
    assert record_words.of_record("members.brand_new", "", {}) == "Changed: Members"
    assert record_words.of_record("brand.new", "somebody", {}) == "Something was changed"


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "99999-01-01", "20260101", "2026-W01-1", "-1"])
def test_odd_days_are_refused(day: str) -> None:
    assert parse({"from": day}).wrong == day


def test_a_day_of_a_summer_time_change_is_whole() -> None:
    found = parse({"from": "2026-03-29", "to": "2026-03-29", "zone": "Europe/Berlin"})
    assert found.since is not None
    assert found.until is not None
    assert (found.until - found.since).total_seconds() == 23 * 3600
