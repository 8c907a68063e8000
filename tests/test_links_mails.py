"""What is mailed about setup links beside the link itself: reminders; and what is said of links that have ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from inside import background
from link_steps import Guest, again, change, pass_time
from organization_holdings import Place
from stack import Stack
from test_links_inviting import address, ask, mail, rows, token, tokens

from portal.links.actions import hashed
from portal.links.upkeep import check_makers, remind
from portal.mail.outbox import about
from portal.store import links


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Guest:
    return Guest(stack, place)


def test_a_link_near_its_end_is_told_of_once(place: Place, stack: Stack, guest: Guest) -> None:
    one = address()
    ask(place, one)
    [row] = rows(place)
    first = token(mail(stack, one)["text"])
    remind(background(stack))
    assert again(place, row).reminded is None and len(stack.mails(one)) == 1
    pass_time(place, row, timedelta(days=27, minutes=1))
    remind(background(stack))
    remind(background(stack))
    sent = mail(stack, one, 2)
    assert sent["subject"].startswith(f"Your setup link for {place.name.capitalize()} ends on ")
    second = token(sent["text"])
    assert second != first and set(tokens(place)) == {hashed(first), hashed(second)}
    guest.enter(second)
    assert Guest(stack, place).open(first).status_code == 200, "the earlier one works as long"
    assert len(about(background(stack), "demo", row.id)) == 2


def test_what_is_finished_is_not_told_of_and_a_copied_link_is_told_to_its_maker(place: Place, stack: Stack) -> None:
    ask(place)
    [row] = rows(place)
    pass_time(place, row, timedelta(days=28))
    change(place, row, progress={"sso": "2026-01-01T00:00:00"})
    remind(background(stack))
    assert stack.mails(place.someone.email) == [] and again(place, row).reminded is None
    change(place, row, progress={})
    remind(background(stack))
    sent = mail(stack, place.someone.email)
    assert "does not know whom you gave it to" in sent["text"]
    assert any(link.endswith(f"/o/{place.id}/setup-link") for link in sent["links"]) and "token" not in sent["text"]


def test_a_short_life_is_told_of_in_its_last_quarter(place: Place, stack: Stack) -> None:
    one = address()
    ask(place, one, days="4")
    [row] = rows(place)
    pass_time(place, row, timedelta(days=2, hours=23))
    remind(background(stack))
    assert again(place, row).reminded is None
    pass_time(place, row, timedelta(hours=2))
    remind(background(stack))
    assert "ends on" in mail(stack, one, 2)["subject"]


@pytest.mark.case("L8")
def test_a_link_dies_with_the_right_of_its_maker_though_nobody_opens_it(place: Place, stack: Stack) -> None:
    one = address()
    ask(place, one)
    [row] = rows(place)
    check_makers(background(stack), 10_000)
    assert links.state_of(again(place, row)) == "active"
    place.take(place.someone, "manage-identity-providers")
    assert check_makers(background(stack), 10_000) >= 1
    assert links.state_of(again(place, row)) == "maker"
    answer = Guest(stack, place).open(token(mail(stack, one)["text"]))
    assert answer.status_code == 410 and "no longer valid" in answer.text
    shown = place.browser.get(f"o/{place.name}/setup-link").text
    assert "Ended with the rights of its maker" in shown


@pytest.mark.feature("WO-11")
def test_a_revoked_link_says_so_and_mails_that_wait_stay_here(place: Place, stack: Stack) -> None:
    one = address()
    ask(place, one)
    [row] = rows(place)
    raw = token(mail(stack, one)["text"])
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/revoke", {"confirm": "yes"}).status_code == 303
    answer = Guest(stack, place).open(raw)
    assert answer.status_code == 410 and "This link was revoked" in answer.text
