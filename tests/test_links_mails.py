"""What is mailed about setup links beside the link itself: reminders, codes, wishes for a new one; hand-overs."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cast import Client
from inside import background
from link_steps import Guest, again, change, guests, make_link, pass_time, revoke
from organization_holdings import Place
from stack import Stack
from test_links_inviting import address, ask, mail, rows, token, tokens

from portal.links.actions import hashed
from portal.links.upkeep import check_makers, remind
from portal.mail.outbox import about
from portal.store import links

CODE = re.compile(r"Code: (\d{6})")


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Guest:
    return Guest(stack, place)


def code(stack: Stack, to: str, number: int = 2) -> str:
    """The newest code that was mailed; the first mail was the link."""
    found = CODE.search(mail(stack, to, number)["text"])
    assert found
    return found[1]


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
    raw = _token_of(place)
    pass_time(place, row, timedelta(days=31))
    place.take(place.someone, "manage-organization")
    guest = Guest(stack, place)
    guest.open(raw)
    assert guest.post("/portal/launch/ask", {"token": raw}, token=False).status_code == 200
    assert "wanted" in mail(stack, other.email)["subject"] and stack.mails(place.someone.email) == []


def _token_of(place: Place) -> str:
    """A further token of the active link, as a mail would carry it."""
    from connection_steps import actor_of

    from portal.links.actions import add_token

    return add_token(actor_of(place), rows(place)[-1], address())


@pytest.mark.case("L2")
def test_another_browser_needs_the_code_that_is_mailed(place: Place, stack: Stack, guest: Guest) -> None:
    one = address()
    ask(place, one)
    raw = token(mail(stack, one)["text"])
    guest.enter(raw)
    second = Guest(stack, place)
    shown = second.open(raw)
    assert "Another browser opened this link first" in shown.text and one not in shown.text
    assert second.begin().status_code in {403, 422} and len(guests(place, rows(place)[0])) == 1
    second.open(raw)
    assert second.post("/portal/launch/code", {"key": second.key()}, token=False).status_code == 303
    digits = code(stack, one)
    second.get("/portal/launch")
    begun = second.begin(code=digits)
    assert begun.status_code == 303 and second.get("").status_code == 200
    third = Guest(stack, place)
    third.open(raw)
    assert third.begin(code=digits).status_code != 303, "a code is used once"


@pytest.mark.case("L9")
def test_fifty_guesses_at_once_are_five(place: Place, stack: Stack, guest: Guest) -> None:
    one = address()
    ask(place, one)
    raw = token(mail(stack, one)["text"])
    guest.enter(raw)
    second = Guest(stack, place)
    second.open(raw)
    second.post("/portal/launch/code", {"key": second.key()}, token=False)
    digits = code(stack, one)
    second.get("/portal/launch")
    key = second.key()
    wrong = [f"{(int(digits) + step) % 10**6:06d}" for step in range(1, 51)]

    def guess(value: str) -> int:
        return int(second.post("/portal/launch/begin", {"key": key, "code": value}, token=False).status_code)

    with ThreadPoolExecutor(25) as pool:
        assert 303 not in set(pool.map(guess, wrong))
    row = [each for each in _tokens(place) if each.contact == one]
    assert row[0].code_tries == 5
    assert guess(digits) != 303, "after five wrong ones the right one is worth nothing"
    answers = [second.post("/portal/launch/code", {"key": key}, token=False).status_code for _ in range(5)]
    assert answers[-1] == 429 and len(guests(place, rows(place)[0])) == 1


def test_the_right_code_sent_fifty_times_at_once_lets_in_once(place: Place, stack: Stack, guest: Guest) -> None:
    one = address()
    ask(place, one)
    raw = token(mail(stack, one)["text"])
    guest.enter(raw)
    second = Guest(stack, place)
    second.open(raw)
    second.post("/portal/launch/code", {"key": second.key()}, token=False)
    digits = code(stack, one)
    second.get("/portal/launch")
    key = second.key()

    def enter(_: int) -> int:
        fields = {"key": key, "code": digits}
        return int(second.post("/portal/launch/begin", fields, token=False).status_code)

    with ThreadPoolExecutor(25) as pool:
        assert list(pool.map(enter, range(50))).count(303) == 1


def _tokens(place: Place) -> list[Any]:
    return links.tokens(background(place.stack).store, rows(place)[-1].id)


def test_a_guest_hands_a_step_over_and_takes_it_back(place: Place, stack: Stack, guest: Guest) -> None:
    ask(place, intents=("sso", "domain_verification"))
    guest.enter(_token_of(place))
    assert "Hand a step over" in guest.get("").text
    one = address()
    fields = {"way": "mail", "contact": one, "locale": "en"}
    more = guest.post("hand-over", {**fields, "intents": "audit_logs"})
    assert more.status_code == 422 and "You cannot hand this out" in more.text
    assert guest.post("hand-over", {**fields, "intents": "domain_verification"}).status_code == 303
    sent = mail(stack, one)
    assert sent["subject"] == f"Your part of the set-up of {place.name.capitalize()}"
    parent, child = rows(place)
    assert child.parent == parent.id and child.intents == ["domain_verification"]
    assert abs(child.expires - parent.expires) < timedelta(seconds=1)
    second = Guest(stack, place).enter(token(sent["text"]))
    assert second.get("domains").status_code == 200 and second.get("sso").status_code == 404
    assert "Hand a step over" not in second.get("").text and second.get("hand-over").status_code == 403
    assert "Domains" in place.browser.get(f"o/{place.name}/setup-link").text
    assert guest.post(f"hand-over/{child.id}/take-back").status_code == 422
    assert guest.post(f"hand-over/{child.id}/take-back", {"confirm": "yes"}).status_code == 303
    assert second.get("domains").status_code in {401, 410} and guest.get("domains").status_code == 200


def test_at_most_five_parts_and_all_end_with_the_link(place: Place, stack: Stack, guest: Guest) -> None:
    ask(place, intents=("sso", "domain_verification"))
    guest.enter(_token_of(place))
    raws = []
    for _ in range(5):
        answer = guest.post("hand-over", {"way": "copy", "intents": "sso", "locale": "en"})
        assert answer.status_code == 200
        raws.append(token(answer.text))
    assert guest.post("hand-over", {"way": "copy", "intents": "sso", "locale": "en"}).status_code == 409
    assert "That is as many as can be" in guest.get("hand-over").text
    second = Guest(stack, place).enter(raws[0])
    revoke(place, rows(place)[0])
    assert second.get("sso").status_code in {401, 410}
    for raw in raws:
        assert Guest(stack, place).open(raw).status_code == 410


def test_only_the_guest_who_handed_over_takes_back(place: Place, stack: Stack, guest: Guest) -> None:
    ask(place, intents=("sso",))
    guest.enter(_token_of(place))
    guest.post("hand-over", {"way": "copy", "intents": "sso", "locale": "en"})
    child = rows(place)[1]
    _link, raw = make_link(place, "sso", kind="api")
    other = Guest(stack, place).enter(raw)
    assert other.get(f"hand-over/{child.id}/take-back").status_code == 404
    assert other.post(f"hand-over/{child.id}/take-back", {"confirm": "yes"}).status_code == 404
    assert links.state_of(again(place, child)) == "active"
    assert Client(stack).get(f"/setup/demo/o/{place.name}/hand-over").status_code == 401
