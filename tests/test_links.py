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
from link_steps import Guest, again, change, guests, make_link, pass_time, records, revoke
from organization_holdings import Place
from playwright.sync_api import Page
from sqlalchemy import select
from stack import Stack

from portal.errors import Denied
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
