"""Setup links, opened by somebody without an account: what a look does, what the click does, how long it holds."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from connection_steps import actor_of
from inside import background
from link_steps import ALL, Guest, again, change, guests, make_link, pass_time, records, revoke
from organization_holdings import Place
from playwright.sync_api import Page
from sqlalchemy import select
from stack import Stack
from waiting import eventually

from portal.errors import Denied, Invalid
from portal.links import actions
from portal.store import links
from portal.store.models_links import LinkToken


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Callable[[], Guest]:
    return lambda: Guest(stack, place)


def tokens(place: Place, link: Any) -> list[LinkToken]:
    with background(place.stack).store.read() as session:
        return list(session.scalars(select(LinkToken).where(LinkToken.link == link.id)))


@pytest.mark.feature("WO-01", "WO-66", "WO-45")
@pytest.mark.case("L10")
def test_a_click_opens_what_the_link_is_for_without_an_account(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    address = actions.address(background(place.stack), token)
    assert address == f"{place.stack.portal_url}/portal/launch?token={token}" and len(token) >= 43
    somebody = guest()
    shown = somebody.get(address)
    assert shown.status_code == 200 and shown.url.endswith("/portal/launch") and token not in shown.text
    assert "Tess Tester asks you to set up the following" in shown.text and place.name.capitalize() in shown.text
    assert guests(place, link) == []
    begun = somebody.begin()
    assert begun.status_code == 303 and token not in begun.headers["Location"], begun.text
    assert [cookie.name for cookie in somebody.http.cookies if cookie.path == "/"] == [
        f"portal-setup-{place.stack.portal_url.rpartition(':')[2]}"
    ]
    for path in ("", "sso", "sso/setup", "domains", "events"):
        page = somebody.get(path)
        assert page.status_code == 200 and "Return to Orders" in page.text, (path, page.text)
    assert place.stack.admin().get(f"/admin/realms/demo/users?search=link-{link.id}") == []


@pytest.mark.case("L1")
@pytest.mark.case("C2")
def test_a_scanner_may_look_as_often_as_it_likes(place: Place, open_page: Callable[..., Page]) -> None:
    link, token = make_link(place, kind="api")
    url, before = f"{place.stack.portal_url}/portal/launch?token={token}", tokens(place, link)[0]
    heads = {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks)", "Sec-Purpose": "prefetch;prerender"}
    for method in ("GET", "HEAD", "OPTIONS") * 17:
        answer = requests.Session().request(method, url, headers=heads, timeout=30)
        assert answer.status_code in {200, 404}, (method, answer.text)
    page = open_page(f"/portal/launch?token={token}")
    page.wait_for_load_state("networkidle")
    for address in page.eval_on_selector_all("a[href], link[href], form", "all => all.map(e => e.href || e.action)"):
        if address.startswith(place.stack.portal_url):
            page.request.get(address)
    page.evaluate("window.dispatchEvent(new Event('load')); window.scrollTo(0, 9999); document.body.click()")
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button", name="Begin").is_visible()
    after = tokens(place, link)[0]
    assert (after.used, after.browser, guests(place, link), again(place, link).opened) == (None, "", [], None)
    assert before.token == after.token and records(place, link) == []


@pytest.mark.case("L15")
def test_the_page_of_a_link_is_not_kept_framed_or_indexed(place: Place, guest: Callable[[], Guest]) -> None:
    _link, token = make_link(place)
    for answer in (guest().open(token), guest().open("nothing")):
        assert "no-store" in answer.headers["Cache-Control"] and "noindex" in answer.headers["X-Robots-Tag"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
    started = requests.get(f"{place.stack.portal_url}/portal/launch?token={token}", allow_redirects=False, timeout=30)
    assert "HttpOnly" in started.headers["Set-Cookie"] and "Path=/portal/launch" in started.headers["Set-Cookie"]


@pytest.mark.feature("WO-12", "WO-13", "WO-50")
@pytest.mark.case("L2")
@pytest.mark.case("L5")
def test_a_link_made_by_a_program_opens_once_and_for_minutes(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place, "sso", kind="api")
    assert link.expires - link.created == timedelta(minutes=5)
    change(place, link, expires=link.expires - timedelta(seconds=299))
    first, late = guest(), guest()
    assert late.open(token).status_code == 200
    assert first.begin(token).status_code == 303
    for somebody in (first, guest(), late):
        answer = somebody.open(token)
        assert answer.status_code == 410 and "This link was used already" in answer.text
    assert late.begin().status_code in {403, 410}
    other, token = make_link(place, "sso", kind="api")
    pass_time(place, other, timedelta(seconds=301))
    answer = guest().open(token)
    assert answer.status_code == 410 and "This link has expired" in answer.text and "makes a new one" in answer.text
    assert guest().begin(token).status_code == 403


@pytest.mark.case("L2")
@pytest.mark.case("Q1")
def test_of_fifty_clicks_at_once_one_opens_it(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place, "sso", kind="api")
    crowd = [guest() for _ in range(50)]
    for each in crowd:
        each.last = requests.Response()
        each.last = each.open(token)
    with ThreadPoolExecutor(25) as pool:
        found = [answer.status_code for answer in pool.map(lambda each: each.begin(), crowd)]
    assert sorted(set(found)) == [303, 410] and found.count(303) == 1, found
    assert len(guests(place, link)) == 1
    open_link, token = make_link(place, "sso")
    crowd = [guest() for _ in range(10)]
    for each in crowd:
        each.open(token)
    with ThreadPoolExecutor(10) as pool:
        found = [answer.status_code for answer in pool.map(lambda each: each.begin(), crowd)]
    assert found.count(303) == 1 and found.count(403) == 9, found
    assert len(guests(place, open_link)) == 1


@pytest.mark.feature("WO-10", "WO-11", "WO-57", "WO-58", "WO-02")
def test_one_link_of_people_and_any_number_of_programs(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    with pytest.raises(actions.OneActive) as refused:
        make_link(place, "sso")
    assert refused.value.link.id == link.id and "Revoke it" in str(refused.value)
    for _ in range(2):
        assert guest().begin(make_link(place, "sso", kind="api")[1]).status_code == 303
    revoke(place, link)
    answer = guest().open(token)
    assert answer.status_code == 410 and "This link was revoked" in answer.text
    assert "Tess Tester can make a new one" in answer.text
    newer, _token = make_link(place, "sso")
    assert actions.active(actor_of(place)) is not None and newer.id != link.id
    pass_time(place, newer, timedelta(days=31))
    assert make_link(place, "sso")[0].id != newer.id, "one that has expired makes room"


@pytest.mark.case("L6")
@pytest.mark.case("L7")
def test_a_revoked_link_is_dead_for_those_at_work_too(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    at_work, waiting = guest().enter(token), guest()
    waiting.http.cookies.update(at_work.http.cookies)
    form = at_work.token()
    revoke(place, link)
    for answer in (at_work.get("sso"), at_work.post("domains", {"domain": "a.test", "csrf_token": form}, token=False)):
        assert answer.status_code == 410 and "This link was revoked" in answer.text
    assert at_work.begin(token).status_code in {403, 410}


@pytest.mark.case("L7")
def test_a_click_and_a_revocation_at_once_have_one_outcome(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    somebody = guest()
    somebody.open(token)
    with ThreadPoolExecutor(2) as pool:
        clicked, _none = pool.submit(somebody.begin), pool.submit(revoke, place, link)
        answer = clicked.result()
    _none.result()
    assert answer.status_code in {303, 410}
    assert somebody.get("sso").status_code in {401, 410}
    assert (answer.status_code == 303) == bool(guests(place, link))


@pytest.mark.case("L8")
def test_a_link_dies_with_the_rights_of_its_maker(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    at_work = guest().enter(token)
    assert at_work.post("domains", {"domain": f"{place.name}.test"}).status_code == 303
    place.take(place.someone, "manage-organization")
    answer = at_work.post("domains", {"domain": f"x{place.name}.test"})
    assert answer.status_code == 410 and "no longer valid" in answer.text, answer.text
    assert again(place, link).ending == links.MAKER
    assert f"x{place.name}.test" not in str(place.read()["domains"])
    other, token = make_link(place, "audit_logs", kind="api")
    place.drop(place.someone)
    assert guest().begin(token).status_code == 410
    assert again(place, other).ending == links.MAKER


@pytest.mark.case("L9")
def test_guessing_is_hopeless_and_stops(stack: Stack, place: Place) -> None:
    link, token = make_link(place)
    [row] = tokens(place, link)
    assert row.token != token and token not in str(vars(row)) + str(vars(link))
    attacker = Guest(stack, place)
    answers = [attacker.open(secrets.token_urlsafe(32)) for _ in range(32)]
    assert [answer.status_code for answer in answers] == [404] * 30 + [429] * 2
    bodies = {re.sub(r"\s+", " ", answer.text) for answer in answers[:30]}
    assert len(bodies) == 1, "nothing in the answer tells one guess from another"
    assert attacker.open(token).status_code == 200
    for odd in ("", "x" * 5000, "%00", "' or 1=1 --"):
        assert Guest(stack, place).open(odd).status_code in {404, 414}, odd


@pytest.mark.case("L13")
@pytest.mark.case("L14")
def test_a_new_token_kills_the_old_one_and_nobody_hands_out_more_than_he_may(
    place: Place, guest: Callable[[], Guest]
) -> None:
    link, token = make_link(place, contact="ivo@customer.test")
    newer = actions.add_token(actor_of(place), link, "ivo@customer.test", replacing=True)
    assert guest().open(token).status_code == 404
    assert guest().begin(newer).status_code == 303
    for roles, intents in (
        ({"view-organization", "view-members"}, ["audit_logs"]),
        ({"view-organization", "manage-organization"}, ["sso"]),
        ({"view-organization", "manage-organization"}, ["domain_verification", "audit_logs"]),
    ):
        someone = actor_of(place, roles)
        with pytest.raises(Denied):
            actions.create(someone, someone.here, intents, kind="api")
    someone = actor_of(place, {"view-organization", "manage-organization"})
    assert actions.create(someone, someone.here, ["domain_verification"], kind="api")[1]


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


def mailed_code(place: Place, somebody: Guest, contact: str) -> str:
    """Ask for a code and read the mail."""
    before = len(place.stack.mails(contact))
    somebody.get("/portal/launch")
    answer = somebody.post("/portal/launch/code", {"key": somebody.key()}, token=False)
    assert answer.status_code == 303, answer.text
    return newest_code(place, contact, before)


def newest_code(place: Place, contact: str, before: int = 0) -> str:
    """The code of the mail that comes after `before` others."""
    found = eventually(lambda: place.stack.mails(contact)[: len(place.stack.mails(contact)) - before], 30, "no code")
    code = re.search(r"\b(\d{6})\b", found[0]["subject"])
    assert code, found[0]
    return code[1]


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
    change(place, row, expires=row.expires)
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
    connected = Place.__getitem__(place, "domain")
    with background(place.stack).store.write() as session:
        from portal.store.models_organizations import Domain

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
    secret = place.stack.log()
    assert token not in str(secret) and hash(token)


def test_the_holder_of_an_expired_link_asks_for_a_new_one(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    pass_time(place, link, timedelta(days=31))
    somebody = guest()
    page = somebody.open(token)
    assert page.status_code == 410 and "Ask for a new link" in page.text and "Tess Tester can make" in page.text
    answers = [somebody.post("/portal/launch/ask", {"token": token}, token=False).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    mails = eventually(lambda: place.stack.mails(place.someone.email), 30, "nobody was asked")
    assert "A new setup link is wanted" in mails[0]["subject"]
    assert somebody.post("/portal/launch/ask", {"token": "nothing"}, token=False).status_code == 404


@pytest.mark.feature("WO-63", "SV-117")
def test_the_pages_wear_the_look_of_the_organization(place: Place, guest: Callable[[], Guest]) -> None:
    place.write(attributes={"portal.background": ["#1b5e20"], "portal.headerStyle": ["filled"]})
    _link, token = make_link(place)
    somebody = guest()
    assert "branding/organization/1b5e20-filled.css" in somebody.open(token).text
    somebody.begin()
    for path in ("", "sso", "domains", "leave"):
        assert "branding/organization/1b5e20-filled.css" in somebody.get(path).text, path


def test_a_part_is_handed_over_and_dies_with_the_whole(place: Place, guest: Callable[[], Guest]) -> None:
    link, token = make_link(place)
    somebody = guest().enter(token)
    from portal.links.guest import build

    services = background(place.stack)
    actor = build(services, (again(place, link), guests(place, link)[0]), "en", {}, writing=True)
    child, raw = actions.hand_over(actor, again(place, link), ["domain_verification"])
    assert child.expires <= link.expires and child.intents == ["domain_verification"]
    other = guest().enter(raw)
    assert other.get("domains").status_code == 200 and other.get("sso").status_code == 404
    with pytest.raises(Denied):
        actions.hand_over(build(services, (child, guests(place, child)[0]), "en", {}, writing=True), child, ["sso"])
    revoke(place, link)
    for each in (somebody, other):
        assert each.get("domains").status_code == 410
    assert again(place, child).ending == links.PARENT
