"""Guests of setup links: browsers and codes, sessions that end, where a finished link leads, what is recorded."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from connection_steps import actor_of
from inside import background
from link_steps import (
    ALL,
    Guest,
    again,
    guests,
    mailed_code,
    make_link,
    newest_code,
    pass_time,
    records,
)
from organization_holdings import Place
from stack import Stack

from portal.errors import Invalid
from portal.links import actions
from portal.links.upkeep import check_makers
from portal.store import keys, links, now
from portal.store.models_keys import ApiKey
from portal.store.models_organizations import Domain


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Callable[[], Guest]:
    return lambda: Guest(stack, place)


@pytest.mark.feature("WO-61")
@pytest.mark.parametrize("intent", ["dsync", "log_streams", "nonsense", ""])
def test_what_cannot_be_set_up_is_refused_with_what_can(place: Place, intent: str) -> None:
    someone = actor_of(place)
    with pytest.raises(Invalid) as refused:
        actions.create(someone, someone.here, [intent] if intent else [], kind="api")
    said = refused.value.errors["intents"]
    if intent:
        assert all(each in said for each in ALL) and intent in said
    assert (intent == "nonsense") == ("dsync, log_streams" in said)


@pytest.mark.feature("WO-40")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://app.example.com/", "must use https"), ("https://evil.test/", "not on the list"),
        ("javascript:alert(1)", "complete address"), ("//evil.test", "complete address"),
    ],
)  # fmt: skip
def test_a_link_leads_to_no_address_that_is_not_on_the_list(place: Place, address: str, said: str) -> None:
    for field in ("return_url", "success_url"):
        with pytest.raises(Invalid) as refused:
            make_link(place, "sso", kind="api", **{field: address})
        assert said in refused.value.errors[field]


def test_another_browser_needs_the_code_that_is_mailed(place: Place, guest: Callable[[], Guest]) -> None:
    contact = f"ivo-{place.name}@customer.test"
    link, token = make_link(place, contact=contact)
    first, second = guest().enter(token), guest()
    assert first.begin(token).status_code == 303, "the first browser may come again"
    page = second.open(token)
    assert page.status_code == 200 and "Another browser opened this link first" in page.text
    assert "i•••@customer.test" in page.text and contact not in page.text
    assert second.begin().status_code == 422
    code = mailed_code(place, second, contact)
    assert second.begin(token, code=f"{(int(code) + 1) % 10**6:06d}").status_code == 422
    assert second.begin(token, code=code).status_code == 303
    assert second.get("sso").status_code == 200 and first.get("sso").status_code == 200
    third = guest()
    third.open(token)
    assert third.begin(code=code).status_code == 422, "a code is good once"
    old = mailed_code(place, third, contact)
    pass_time(place, link, timedelta(minutes=11))
    assert third.begin(token, code=old).status_code == 422
    new = mailed_code(place, third, contact)
    for _ in range(5):
        assert third.begin(token, code="000000" if new != "000000" else "000001").status_code == 422
    assert third.begin(token, code=new).status_code == 422, "five wrong ones end it"
    assert [row.after for row in records(place, link) if row.tag == "links.open"][-1] == {"code": True}


def test_a_copied_link_belongs_to_its_first_browser(place: Place, guest: Callable[[], Guest]) -> None:
    _link, token = make_link(place)
    first, second = guest().enter(token), guest()
    answer = second.open(token)
    assert answer.status_code == 403 and "belongs to another browser" in answer.text and token not in answer.url
    assert second.begin(token).status_code == 403
    first.post("leave", {"confirm": "yes"})
    assert first.get("sso").status_code == 401
    assert first.enter(token).get("sso").status_code == 200


def test_three_are_at_work_and_a_session_ends_by_itself(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place, contact=f"ivo-{place.name}@customer.test")
    crowd = [guest().enter(token)]
    for number in range(3):
        raw = actions.add_token(actor_of(place), link, f"ivo{number}@customer.test")
        crowd.append(guest().enter(raw))
    assert len(guests(place, link)) == 3
    assert [each.get("sso").status_code for each in crowd] == [401, 200, 200, 200]
    idle, busy = crowd[1], crowd[3]
    pass_time(place, link, timedelta(hours=1, minutes=59))
    assert busy.get("sso").status_code == 200
    pass_time(place, link, timedelta(minutes=2))
    answer = idle.get("sso")
    assert answer.status_code == 401 and "Open your setup link again" in answer.text
    assert busy.get("sso").status_code == 200
    for _ in range(6):
        pass_time(place, link, timedelta(minutes=100))
        last = busy.get("sso").status_code
    assert last == 401, "twelve hours are the most"


def test_what_changes_sign_ins_wants_to_know_that_it_is_still_the_same(
    place: Place, guest: Callable[[], Guest]
) -> None:
    contact = f"ivo-{place.name}@customer.test"
    link, token = make_link(place, contact=contact)
    somebody, alias = guest().enter(token), place["connection"]
    assert somebody.get(f"sso/{alias}/edit").status_code == 200
    pass_time(place, link, timedelta(minutes=16))
    answer = somebody.get(f"sso/{alias}/edit")
    assert answer.url.partition("?")[0].endswith("/confirm") and "Please confirm that it is you" in answer.text
    assert somebody.post(f"sso/{alias}/edit", {"name": "Other"}).status_code == 403
    below = f"/setup/demo/o/{place.name}"
    asked = somebody.post("confirm/code", {"next": f"{below}/sso/{alias}/edit"})
    assert asked.status_code == 303, asked.text
    code = newest_code(place, contact)
    assert somebody.post("confirm", {"code": "1", "next": "//evil.test"}).status_code == 422
    done = somebody.post("confirm", {"code": code, "next": f"{below}/sso/{alias}/edit"})
    assert done.status_code == 303 and done.headers["Location"] == f"{below}/sso/{alias}/edit"
    assert somebody.get(f"sso/{alias}/edit").status_code == 200
    copied = guest().enter(make_link(place, "sso", kind="api")[1])
    [row] = [each for each in actions.listed(actor_of(place)) if each.kind == "api"]
    pass_time(place, row, timedelta(minutes=16))
    assert "open the set-up there once more" in copied.get(f"sso/{alias}/edit").text


@pytest.mark.feature("WO-22", "WO-25", "WO-28", "WO-41", "WO-42", "WO-44", "P2-68")
def test_a_finished_link_leads_on_and_opens_no_more(place: Place, guest: Callable[[], Guest]) -> None:
    sample = place.stack.sample_url
    link, token = make_link(place, "audit_logs", "domain_verification", return_url=f"{sample}/back")
    somebody = guest().enter(token)
    assert f'href="{sample}/back"' in somebody.get("events").text
    assert somebody.post("finish/domain_verification", {"confirm": "yes"}).status_code == 409
    assert somebody.post("finish/audit_logs", {}).status_code == 422
    assert somebody.post("finish/audit_logs", {"confirm": "yes"}).status_code == 303
    assert "Events is done" in somebody.get("").text
    connected = place["domain"]
    with background(place.stack).store.write() as session:
        row = session.get(Domain, ("demo", place.id, connected))
        assert row is not None
        row.state = "verified"
    page = somebody.get("finish/domain_verification").text
    assert connected in page and "This is the last part" in page
    assert somebody.post("finish/domain_verification", {"confirm": "yes"}).status_code == 303
    assert again(place, link).ending == links.COMPLETED
    page = somebody.get("")
    assert page.status_code == 200 and "This set-up is finished" in page.text and f'href="{sample}/back"' in page.text
    assert guest().open(token).status_code == 200 and "finished" in guest().open(token).text
    assert somebody.get("domains").text.count("This set-up is finished")
    for given, wanted in (({"success_url": f"{sample}/won"}, "/won"), ({}, "/")):
        _row, token = make_link(place, "audit_logs", kind="api", **given)
        somebody = guest().enter(token)
        somebody.post("finish/audit_logs", {"confirm": "yes"})
        assert f'href="{sample}{wanted}"' in somebody.get("").text


def test_what_a_guest_does_is_told_of_the_link_and_never_of_an_address(
    place: Place, guest: Callable[[], Guest]
) -> None:
    contact = f"ivo-{place.name}@customer.test"
    link, token = make_link(place, contact=contact)
    somebody = guest().enter(token)
    somebody.post("domains", {"domain": f"{place.name}.test"})
    rows = records(place, link)
    assert [row.tag for row in rows] == ["links.open", "domains.manage"]
    assert {row.principal["kind"] for row in rows} == {"link"} and contact not in str([vars(row) for row in rows])
    told = place.browser.get(f"o/{place.name}/events").text
    assert f"older of link {link.id[:8]}" in told and contact not in told
    assert [each.contact for each in actions.opened_by(actor_of(place), link)] == [contact]
    assert actions.opened_by(actor_of(place), link)[0].at is not None
    assert token not in str(place.stack.log())


@pytest.mark.feature("WO-63", "SV-117")
def test_the_pages_wear_the_look_of_the_organization(place: Place, guest: Callable[[], Guest]) -> None:
    place.write(attributes={"portal.background": ["#1b5e20"], "portal.headerStyle": ["filled"]})
    _link, token = make_link(place)
    somebody = guest()
    assert "branding/organization/1b5e20-filled.css" in somebody.open(token).text
    somebody.begin()
    for path in ("", "sso", "domains", "leave"):
        assert "branding/organization/1b5e20-filled.css" in somebody.get(path).text, path


@pytest.mark.case("L8")
def test_who_came_by_a_program_reads_no_longer_than_the_link_s_maker_may(
    place: Place, guest: Callable[[], Guest]
) -> None:
    link, token = make_link(place, "audit_logs", kind="api")
    somebody, services = guest().enter(token), background(place.stack)
    pass_time(place, link, timedelta(minutes=6))
    assert somebody.get("events").status_code == 200
    check_makers(services, 10_000)
    assert somebody.get("events").status_code == 200, "its minutes are those in which it opens"
    place.drop(place.someone)
    check_makers(services, 10_000)
    answer = somebody.get("events")
    assert answer.status_code == 410 and "no longer valid" in answer.text, answer.text
    assert again(place, link).ending == links.MAKER


@pytest.mark.case("L8")
def test_what_a_key_opened_ends_when_the_key_is_revoked(place: Place, guest: Callable[[], Guest]) -> None:
    services, someone = background(place.stack), actor_of(place)
    key = ApiKey(
        id=uuid.uuid4().hex, realm=place.realm, hash=uuid.uuid4().hex, shown="sk_00000", name="Orders", scopes=[],
        organizations=[], networks=[], owner=someone.sub, owner_name="Tess", roles=[], created=now(),
        expires=now() + timedelta(days=1),
    )  # fmt: skip
    keys.insert(services.store, key)
    link, token = actions.create(replace(someone, kind="key", key=key.id), someone.here, ["audit_logs"], kind="api")
    assert link.maker_kind == "key"
    somebody, waiting = guest().enter(token), guest()
    _other, unopened = actions.create(replace(someone, kind="key", key=key.id), someone.here, ["sso"], kind="api")
    check_makers(services, 10_000)
    assert somebody.get("events").status_code == 200
    keys.change(services.store, key, revoked=now())
    check_makers(services, 10_000)
    assert somebody.get("events").status_code == 410 and waiting.begin(unopened).status_code == 410
