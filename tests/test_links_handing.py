"""Parts of a setup link that its guest hands over to somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cast import Client
from inside import background
from link_steps import Guest, again, another_token, change, guests, make_link, revoke
from organization_holdings import Place
from stack import Stack
from test_links_inviting import address, ask, mail, rows, token

from portal.errors import Denied
from portal.links.guest import build
from portal.links.handing import hand_over
from portal.store import links


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Guest:
    return Guest(stack, place)


def test_a_guest_hands_a_step_over_and_takes_it_back(place: Place, stack: Stack, guest: Guest) -> None:
    ask(place, intents=("sso", "domain_verification"))
    guest.enter(another_token(place))
    assert "Hand a step over" in guest.get("").text
    one = address()
    fields = {"way": "mail", "contact": one, "locale": "en"}
    more = guest.post("hand-over", {**fields, "intents": "audit_logs"})
    assert more.status_code == 422 and "You cannot hand this out" in more.text
    assert guest.post("hand-over", {**fields, "intents": "domain_verification"}).status_code == 303
    sent = mail(stack, one)
    assert sent["subject"] == f"Your part of the set-up of {place.name.capitalize()}"
    assert one in guest.get("hand-over").text, "he sees whom he gave it to"
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
    guest.enter(another_token(place))
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
    guest.enter(another_token(place))
    guest.post("hand-over", {"way": "copy", "intents": "sso", "locale": "en"})
    child = rows(place)[1]
    _link, raw = make_link(place, "sso", kind="api")
    other = Guest(stack, place).enter(raw)
    assert other.get(f"hand-over/{child.id}/take-back").status_code == 404
    assert other.post(f"hand-over/{child.id}/take-back", {"confirm": "yes"}).status_code == 404
    assert links.state_of(again(place, child)) == "active"
    assert Client(stack).get(f"/setup/demo/o/{place.name}/hand-over").status_code == 401


def test_a_link_of_a_program_is_handed_over_while_it_opens_and_never_by_mail(
    place: Place, stack: Stack, guest: Guest
) -> None:
    link, raw = make_link(place, "sso", "domain_verification", kind="api")
    guest.enter(raw)
    assert "Hand a step over" in guest.get("").text
    shown, one = guest.get("hand-over").text, address()
    assert 'name="contact"' not in shown and "opens once" in shown
    mailed = {"way": "mail", "contact": one, "intents": "domain_verification", "locale": "en"}
    assert guest.post("hand-over", mailed).status_code == 422 and len(rows(place)) == 1
    part = guest.post("hand-over", {"way": "copy", "intents": "domain_verification", "locale": "en"})
    assert Guest(stack, place).enter(token(part.text)).get("sso").status_code == 404
    change(place, link, expires=link.created)
    assert "Hand a step over" not in guest.get("").text and guest.get("domains").status_code == 200
    shown = guest.get("hand-over")
    assert "No part can be handed over any more" in shown.text and 'name="intents"' not in shown.text
    answer = guest.post("hand-over", {"way": "copy", "intents": "sso", "locale": "en"})
    assert answer.status_code == 409 and len(rows(place)) == 2


def test_a_part_that_is_finished_is_finished_for_whoever_handed_it_over(
    place: Place, stack: Stack, guest: Guest
) -> None:
    link, raw = make_link(place, "audit_logs", "certificate_renewal")
    guest.enter(raw)
    for intent in ("certificate_renewal", "audit_logs"):
        part = guest.post("hand-over", {"way": "copy", "intents": intent, "locale": "en"})
        second = Guest(stack, place).enter(token(part.text))
        assert second.post(f"finish/{intent}", {"confirm": "yes"}).status_code == 303
        assert "This set-up is finished" in second.get("").text
        assert intent in again(place, link).progress
        assert ("This set-up is finished" in guest.get("").text) == (intent == "audit_logs")
        if intent == "certificate_renewal":
            shown = guest.get("hand-over").text
            assert "Done" in shown and "Take back" not in shown and "Copied" in shown
    assert again(place, link).ending == links.COMPLETED, "the work is done, whoever did it"


def test_a_part_is_no_more_than_its_whole_and_dies_with_it(place: Place, stack: Stack, guest: Guest) -> None:
    link, raw = make_link(place)
    guest.enter(raw)
    services = background(stack)
    actor = build(services, (again(place, link), guests(place, link)[0]), "en", {}, writing=True)
    child, part = hand_over(actor, again(place, link), ["domain_verification"])
    assert child.expires <= link.expires and child.intents == ["domain_verification"]
    other = Guest(stack, place).enter(part)
    assert other.get("domains").status_code == 200 and other.get("sso").status_code == 404
    with pytest.raises(Denied):
        hand_over(build(services, (child, guests(place, child)[0]), "en", {}, writing=True), child, ["sso"])
    revoke(place, link)
    for each in (guest, other):
        assert each.get("domains").status_code == 410
    answer = Guest(stack, place).open(part)
    assert again(place, child).ending == links.PARENT and "with the link that it was a part of" in answer.text
