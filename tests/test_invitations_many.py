"""Inviting many: check, send, watch, stop; each row ends in one way, and nobody gets two mails."""

from __future__ import annotations

import csv
import io
import re
import uuid
from typing import Any

import pytest
import requests
from cast import Client
from conftest import violations
from invited import INVITER, address, at_keycloak, invite, mail, row, rows
from organization_holdings import Place
from playwright.sync_api import expect
from stack import Stack
from waiting import eventually


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


def send(place: Place, text: str, do: str = "send", browser: Client | None = None, **more: Any) -> requests.Response:
    """The form with a list."""
    data = {"people": text, "locale": "en", "days": "7", "do": do, **more}
    return (browser or place.browser).post(f"o/{place.name}/invitations/many", data)


def outcomes(browser: Client, job: str) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each address, from the file."""
    text = browser.get(f"{job}/outcomes.csv").content.decode("utf-8-sig")
    return {each["email"]: (each["outcome"], each["reason"]) for each in csv.DictReader(io.StringIO(text))}


def finished(browser: Client, job: str) -> dict[str, tuple[str, str]]:
    """The same, once every row has its outcome."""

    def over() -> Any:
        found = outcomes(browser, job)
        return found if not {"waiting", "working", "mailing"} & {state for state, _ in found.values()} else None

    return dict(eventually(over, 60, "the job did not end"))


def some(count: int) -> list[str]:
    mark = uuid.uuid4().hex[:8]
    return [f"n{number}-{mark}@tests.test" for number in range(count)]


@pytest.mark.feature("SV-97")
def test_a_list_is_checked_then_sent_and_each_row_is_told(place: Place, stack: Stack) -> None:
    emails, known, member = some(6), address(), place.join().email
    invite(place, known)
    good = [f"{email},Nora,New,view-members" for email in emails]
    text = "\n".join(
        ["Email,First name,Last name,Roles", *good, "bad@,B,B,", f"{emails[0]},Again,,", f"{known},K,K,", f"{member},,"]
    )
    page = send(place, text, "check")
    assert page.status_code == 200
    assert "7 invitations are ready." in page.text
    assert "3 lines need a look" in page.text
    assert "The same address stands in line 2." in page.text
    assert [each for each in rows(stack, organization=place.id) if each.email in emails] == [], "nothing is sent yet"
    answer = send(place, text)
    assert answer.status_code == 303
    job = answer.headers["Location"]
    found = finished(place.browser, job)
    assert {found[email] for email in emails} == {("sent", "")}
    assert found[member] == ("skipped", "member")
    for email in emails:
        assert "Hello Nora," in mail(stack, email)["text"]
        assert len(stack.mails(email)) == 1
        assert row(stack, email).roles == ["view-members"]
        assert at_keycloak(place, email)[0]["roles"] == []
    shown = place.browser.get(job).text
    assert "Done" in shown
    assert "A member already." in shown
    assert [each.after["count"] for each in place.records("invitations.create") if each.target == "list"] == [7]


@pytest.mark.feature("SV-97")
def test_a_file_with_a_byte_order_mark_takes_the_place_of_the_text(place: Place, stack: Stack) -> None:
    [email] = some(1)
    content = f"\ufeffE-Mail;Vorname;Nachname\r\n{email};Jürgen;Müller\r\n".encode()
    files = {"file": ("people.csv", content, "text/csv")}
    browser = place.browser
    page = browser.post(
        f"o/{place.name}/invitations/many", {"people": "x", "locale": "de", "days": "7", "do": "check"}, files=files
    )
    assert "1 invitation is ready." in page.text
    assert "Jürgen" in page.text
    wrong = {"file": ("people.csv", "Jürgen@a.test".encode("latin-1"), "text/csv")}
    page = browser.post(f"o/{place.name}/invitations/many", {"locale": "de", "days": "7", "do": "check"}, files=wrong)
    assert (page.status_code, "not text in UTF-8" in page.text) == (422, True)


def test_large_lists_are_taken_and_too_large_ones_refused(place: Place) -> None:
    text = "\n".join(f"person{number:05}@tests.test" for number in range(20_000))
    page = send(place, text, "check")
    assert (page.status_code, "20000 invitations are ready." in page.text) == (200, True), page.text[:500]
    page = send(place, text + "\none@more.test", "check")
    assert (page.status_code, "at most 20000" in page.text) == (422, True)
    assert too_large(place, "many", {"people": "x" * 3_000_000})
    assert too_large(place, "new", {"message": "x" * 600_000})


def too_large(place: Place, path: str, data: dict[str, str]) -> bool:
    """Whether a form is refused for its size: by an answer, or by a closed connection before all of it was sent."""
    try:
        return bool(place.browser.post(f"o/{place.name}/invitations/{path}", data).status_code == 413)
    except requests.ConnectionError:
        return True


@pytest.mark.case("R3")
def test_a_list_gives_no_more_than_a_form(place: Place, stack: Stack) -> None:
    browser = Client(stack).sign_in(place.join(*INVITER))
    [email] = some(1)
    page = send(place, f"{email},N,N,manage-roles", browser=browser)
    assert (page.status_code, "You cannot give: manage-roles." in page.text) == (422, True)
    page = send(place, email, browser=browser, roles="manage-roles")
    assert (page.status_code, "You cannot give: manage-roles." in page.text) == (422, True)
    assert rows(stack, email=email) == []


@pytest.mark.case("R12")
def test_who_loses_the_right_loses_the_rest_of_the_job(stack: Stack) -> None:
    place = Place(stack)
    inviter = place.join(*INVITER, "view-members")
    browser = Client(stack).sign_in(inviter)
    emails = some(400)
    job = send(place, "\n".join(emails), browser=browser).headers["Location"]
    eventually(lambda: len(rows(stack, organization=place.id)) >= 5, 60)
    place.take(inviter, "manage-invitations")
    found = finished(place.browser, job)
    assert {state for state, _ in found.values()} == {"sent", "stopped"}
    assert ("stopped", "denied") in found.values()
    sent = {email for email, (state, _) in found.items() if state == "sent"}
    assert len(sent) < 400
    assert {each.email for each in rows(stack, organization=place.id)} == sent
    assert "Your right to invite ended." in place.browser.get(job).text


def test_a_role_lost_on_the_way_fails_its_rows_and_no_others(stack: Stack) -> None:
    place = Place(stack)
    inviter = place.join(*INVITER, "view-members")
    browser = Client(stack).sign_in(inviter)
    [first, second] = some(2)
    place.take(inviter, "view-members")
    # The list was checked before: the row is decided again by the worker.
    store = stack.store()
    store.engine.dispose()
    page = send(place, f"{first},A,A,view-members\n{second},B,B,view-roles", browser=browser)
    found = finished(browser, page.headers["Location"])
    assert found == {second: ("sent", "")}


def test_stopping_leaves_the_rest_unsent(stack: Stack) -> None:
    place = Place(stack)
    job = send(place, "\n".join(some(400))).headers["Location"]
    assert place.browser.post(f"{job}/stop").status_code == 422, "nothing stops without a clear yes"
    page = place.browser.post(f"{job}/stop", {"confirm": "yes"}, follow=True)
    assert "were not sent." in page.text
    found = finished(place.browser, job)
    assert ("stopped", "person") in found.values()
    assert len(rows(stack, organization=place.id)) < 400


@pytest.mark.case("O2")
def test_a_job_of_another_organization_is_not_there(place: Place, stack: Stack) -> None:
    job = send(place, some(1)[0]).headers["Location"]
    other = Place(stack)
    known = job.rpartition("/")[2]
    for path in ("", "/outcomes.csv"):
        assert other.browser.get(f"o/{other.name}/invitations/many/{known}{path}").status_code == 404
    assert other.browser.post(f"o/{other.name}/invitations/many/{known}/stop", {"confirm": "yes"}).status_code == 404


def test_the_page_follows_the_work_and_ends_with_it(stack: Stack, open_page: Any) -> None:
    place = Place(stack)
    page = open_page(f"/demo/o/{place.name}/invitations/many", place.someone, bypass_csp=True)
    assert violations(page) == []
    page.fill("#f-people", "\n".join([*some(30), "bad@"]))
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the list")
    assert violations(page) == []
    page.get_by_role("button", name="Send 30 invitations").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inviting many")
    assert violations(page) == []
    expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert violations(page) == []


def test_a_value_that_looks_like_a_formula_is_none_in_the_file(place: Place) -> None:
    job = send(place, f"{some(1)[0]},=1+1,+2").headers["Location"]
    text = place.browser.get(f"{job}/outcomes.csv").content.decode("utf-8-sig")
    assert re.search(r",'=1\+1,'\+2,", text)
