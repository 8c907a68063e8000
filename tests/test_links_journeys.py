"""What guests come for, done by somebody without an account, in a browser and against the real servers."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import connection_steps
import pytest
from cast import make_person
from connection_steps import prove_domain
from domain_steps import prove
from identity_documents import key, make_certificate, pem
from link_steps import Guest, again, make_link, pass_time, records, revoke
from organization_holdings import Place
from playwright.sync_api import Page, expect
from recorder import Recorder
from stack import Stack
from test_sso_renewal import by_hand, trusted
from test_sso_whole import try_out, walk
from trial_steps import sign_in_at

from portal.store import links


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.fixture
def guest(stack: Stack, place: Place) -> Guest:
    return Guest(stack, place)


@pytest.mark.feature("WO-01", "WO-30", "WO-44", "WO-65", "WO-66", "SV-117")
def test_single_sign_on_is_set_up_by_somebody_without_an_account(place: Place, open_page: Callable[..., Page]) -> None:
    domain = prove_domain(place)
    link, token = make_link(place, "sso")
    page = open_page(f"/portal/launch?token={token}")
    assert token not in page.url
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", name="Connect an identity provider")).to_be_visible()
    alias = walk(page, place, "oidc")
    try_out(page, place, open_page, domain)
    page.goto(f"/setup/demo/o/{place.name}/sso/{alias}")
    expect(page.get_by_role("link", name="Return to Orders")).to_be_visible()
    assert page.get_by_role("link", name="Roles").count() == 0
    page.get_by_role("link", name="Activate").click()
    page.get_by_role("button", name="Activate").last.click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    assert not [each for each in page.context.cookies(place.stack.keycloak_url) if each["name"] == "KEYCLOAK_IDENTITY"]
    colleague = make_person(place.stack, "idp", email=f"first@{domain}")
    elsewhere = open_page(f"/demo/o/{place.name}/membership")
    elsewhere.goto(f"{elsewhere.url}&kc_idp_hint={alias}")
    sign_in_at(elsewhere, colleague)
    expect(elsewhere.get_by_role("heading", name="Your membership")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Finish").click()
    expect(page.get_by_text("people are led to your identity provider")).to_be_visible()
    expect(page.get_by_role("link", name="Test sign-in")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="This set-up is finished")).to_be_visible()
    assert page.get_by_role("link", name="Continue to Orders").get_attribute("href") == f"{place.stack.sample_url}/"
    assert again(place, link).ending == links.COMPLETED
    assert {row.tag for row in records(place, link)} >= {"links.open", "sso.setup", "sso.test", "sso.manage"}


@pytest.mark.feature("WO-32", "P2-41")
def test_a_domain_is_verified_by_a_guest(place: Place, guest: Guest) -> None:
    guest.enter(make_link(place, "domain_verification")[1])
    domain = f"{place.name}.test"
    assert guest.post("domains", {"domain": domain}).status_code == 303
    shown = guest.get(f"domains/{domain}").text
    assert "TXT" in shown and place.read()["domains"] in ([], None)
    prove(place, domain)
    answer = guest.post(f"domains/{domain}/check", follow=True)
    assert answer.status_code == 200 and "erified" in answer.text
    assert connection_steps.verified(place) == [domain]


@pytest.mark.feature("WO-35")
def test_a_certificate_is_renewed_by_a_guest(place: Place, guest: Guest) -> None:
    alias = place["saml"]
    before = trusted(place, alias)
    guest.enter(make_link(place, "certificate_renewal")[1])
    assert alias in guest.get("sso").text and guest.get(f"sso/{alias}/edit").status_code == 404
    assert "days left" in guest.get(f"sso/{alias}").text
    answer = guest.post(f"sso/{alias}/metadata", by_hand(place, alias, pem(make_certificate(key("renewed")))))
    assert answer.status_code == 303, answer.text
    assert trusted(place, alias) == before
    put = {"confirm": "yes", "keep": "yes", "seen": connection_steps.seen(place, alias)}
    answer = guest.post(f"sso/{alias}/metadata/apply", put)
    assert answer.status_code == 303, answer.text
    assert trusted(place, alias) > before, "both are trusted for a while"


@pytest.mark.feature("WO-33")
def test_events_are_seen_and_exported_by_a_guest(place: Place, guest: Guest) -> None:
    assert place.browser.post(f"o/{place.name}/domains", {"domain": f"{place.name}.test"}).status_code == 303
    guest.enter(make_link(place, "audit_logs")[1])
    shown = guest.get("events").text
    assert f"Domain {place.name}.test added" in shown
    exported = guest.get("events/export?format=csv")
    assert exported.status_code == 200 and f"{place.name}.test" in exported.text
    assert guest.post("events", {}).status_code == 405


@pytest.mark.case("L6")
@pytest.mark.parametrize("revoked", [True, False])
def test_a_link_revoked_between_two_writes_leaves_nothing_behind(
    place: Place, guest: Guest, recorder: Recorder, *, revoked: bool
) -> None:
    """The second of several writes is held at the proxy; without the revocation the same run completes."""
    link, token = make_link(place, "sso")
    guest.enter(token)
    setup = guest.post("sso/setup", {"guide": "generic-oidc"}).headers["Location"]
    path = ready_to_save(guest, place, setup)
    with ThreadPoolExecutor(1) as pool:
        with recorder.rule("hold", method="POST", path=f"/orgs/{place.id}/idps/.*/mappers") as held:
            saving = pool.submit(guest.post, path, {"confirm": "yes"})
            held.wait()
            if revoked:
                revoke(place, link)
        answer = saving.result()
    found = place.stack.admin().get(f"/realms/demo/orgs/{place.id}/idps") or []
    if not revoked:
        assert answer.status_code == 303 and len(found) == 1, answer.text
        return
    assert answer.status_code == 410 and "This link was revoked" in answer.text, answer.text
    assert found == [], "the draft is undone"
    writes = [call for call in recorder.of(answer) if call.writes]
    assert [call.method for call in writes] == ["POST", "POST", "DELETE"], writes


def ready_to_save(guest: Guest, place: Place, path: str) -> str:
    """Walk the guide without a browser until only saving is left; the address of the review."""
    secret = place.stack.admin().client_secret("idp", "demo-oidc")
    for _ in range(12):
        page = guest.get(path)
        if page.url.endswith("/review"):
            return page.url.removeprefix(place.stack.portal_url)
        kept = re.findall(r'<input id="f-[^"]*" name="([^"]+)" type="text" value="([^"]*)"', page.text)
        data = {"confirm": "yes", **dict(kept)}
        if 'name="url"' in page.text:
            data |= {"way": "url", "url": f"{place.stack.keycloak_url}/realms/idp"}
        if 'name="client_id"' in page.text:
            data |= {"client_id": "demo-oidc", "client_secret": secret}
        answer = guest.post(page.url, data)
        assert answer.status_code == 303, answer.text
        path = answer.headers["Location"]
    raise AssertionError("no end to the guide")


def test_time_passes_while_the_guide_is_followed_and_nothing_is_lost(place: Place, guest: Guest) -> None:
    link, token = make_link(place, "sso")
    guest.enter(token)
    setup = guest.post("sso/setup", {"guide": "generic-oidc"}).headers["Location"]
    review = ready_to_save(guest, place, setup)
    pass_time(place, link, timedelta(days=3))
    assert guest.get(review).status_code == 401
    guest.enter(token)
    assert guest.get(review).status_code == 200
