"""Whoever holds a setup link that has ended asks for a new one: whom the portal asks, and what it says of that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from link_steps import Guest, another_token, change, make_link, pass_time
from organization_holdings import Place
from stack import Stack
from test_links_inviting import address, ask, mail, rows, token


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Guest:
    return Guest(stack, place)


@pytest.mark.feature("WO-50")
def test_whoever_holds_an_expired_link_asks_for_a_new_one(place: Place, stack: Stack, guest: Guest) -> None:
    one = address()
    ask(place, one)
    [row] = rows(place)
    raw = token(mail(stack, one)["text"])
    pass_time(place, row, timedelta(days=31))
    answer = guest.open(raw)
    assert answer.status_code == 410 and "It was good until" in answer.text and "Ask for a new link" in answer.text
    for _ in range(3):
        assert guest.post("/portal/launch/ask", {"token": raw}, token=False).status_code == 200
    assert guest.post("/portal/launch/ask", {"token": raw}, token=False).status_code == 429
    sent = mail(stack, place.someone.email)
    assert (
        one.replace("@", "\u2060@\u2060").replace(".test", "\u2060.\u2060test") in sent["text"]
        or one[:8] in sent["text"]
    )
    assert f"{stack.portal_url}/demo/o/{place.id}/setup-link/new" in sent["links"]
    assert place.browser.get(f"o/{place.id}/setup-link/new").status_code == 200, "the old one makes room"


def test_the_wish_goes_to_the_managers_when_the_maker_may_make_links_no_more(place: Place, stack: Stack) -> None:
    other = place.join("view-organization", "manage-organization")
    ask(place)
    [row] = rows(place)
    with_mail = make_link(Place(stack), "sso", contact=address())[0]
    assert with_mail.organization != row.organization
    raw = another_token(place)
    pass_time(place, row, timedelta(days=31))
    place.take(place.someone, "manage-organization")
    guest = Guest(stack, place)
    guest.open(raw)
    assert guest.post("/portal/launch/ask", {"token": raw}, token=False).status_code == 200
    assert "wanted" in mail(stack, other.email)["subject"] and stack.mails(place.someone.email) == []


def part_of(place: Place, giver: Guest, intent: str = "domain_verification") -> str:
    """The token of a part that a guest hands over as a copy."""
    answer = giver.post("hand-over", {"way": "copy", "intents": intent, "locale": "en"})
    assert answer.status_code == 200, answer.text
    return token(answer.text)


@pytest.mark.feature("WO-50")
def test_the_holder_of_a_part_asks_whoever_handed_it_over_and_then_the_maker(
    place: Place, stack: Stack, guest: Guest
) -> None:
    one = address()
    ask(place, one, intents=("sso", "domain_verification"))
    raw = part_of(place, guest.enter(token(mail(stack, one)["text"])))
    second = Guest(stack, place)
    shown = second.open(raw).text
    assert "hands a part of that over to you" in shown and "older of link" not in shown
    parent, child = rows(place)
    assert guest.post(f"hand-over/{child.id}/take-back", {"confirm": "yes"}).status_code == 303
    answer = second.open(raw)
    assert answer.status_code == 410 and "Ask for a new link" in answer.text and "hand it over again" in answer.text
    answer = second.post("/portal/launch/ask", {"token": raw}, token=False)
    assert answer.status_code == 200 and "Whoever handed this part over to you was asked" in answer.text
    sent = mail(stack, one, 2)
    assert sent["subject"] == f"A part of the set-up of {place.name.capitalize()} is wanted again"
    assert "Hand a step over" in sent["text"] and "launch?token" not in sent["text"]
    assert stack.mails(place.someone.email) == []
    assert place.browser.post(f"o/{place.name}/setup-link/{parent.id}/revoke", {"confirm": "yes"}).status_code == 303
    answer = second.post("/portal/launch/ask", {"token": raw}, token=False)
    assert "Tess Tester was asked" in answer.text and "wanted" in mail(stack, place.someone.email)["subject"]


def test_a_link_that_ended_with_its_maker_s_rights_asks_those_who_are_left(
    place: Place, stack: Stack, guest: Guest
) -> None:
    raw = token(ask(place).text)
    place.take(place.someone, "manage-organization")
    answer = guest.begin(raw)
    assert answer.status_code == 410 and "Those who manage" in answer.text and "Tess Tester can" not in answer.text
    answer = guest.open(raw)
    assert answer.status_code == 410 and "Ask for a new link" in answer.text
    answer = guest.post("/portal/launch/ask", {"token": raw}, token=False)
    assert "Nobody could be asked" in answer.text, "what was not done is not claimed"
    other = place.join("view-organization", "manage-organization")
    answer = guest.post("/portal/launch/ask", {"token": raw}, token=False)
    assert "Those who manage" in answer.text and "Tess Tester" not in answer.text
    assert "wanted" in mail(stack, other.email)["subject"] and stack.mails(place.someone.email) == []


def test_who_is_asked_beside_a_newer_link_is_led_to_that_one(place: Place, stack: Stack, guest: Guest) -> None:
    raw = token(ask(place).text)
    place.browser.post(f"o/{place.name}/setup-link/{rows(place)[0].id}/revoke", {"confirm": "yes"})
    make_link(place, "sso")
    guest.open(raw)
    assert guest.post("/portal/launch/ask", {"token": raw}, token=False).status_code == 200
    assert f"{stack.portal_url}/demo/o/{place.id}/setup-link" in mail(stack, place.someone.email)["links"]


def test_who_is_at_work_is_told_how_to_ask_and_programs_are_not_asked(place: Place, stack: Stack, guest: Guest) -> None:
    link, raw = make_link(place, "sso")
    guest.enter(raw)
    change(place, link, expires=link.created)
    assert "To ask for a new one, open your setup link again" in guest.get("sso").text
    assert "Ask for a new link" in guest.open(raw).text
    _api, short = make_link(place, "sso", kind="api")
    pass_time(place, _api, timedelta(minutes=6))
    other = Guest(stack, place)
    assert "Ask for a new link" not in other.open(short).text
    assert other.post("/portal/launch/ask", {"token": short}, token=False).status_code == 404
    assert other.post("/portal/launch/ask", {"token": "nothing"}, token=False).status_code == 404
