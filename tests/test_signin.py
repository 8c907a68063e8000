"""Signing in and out on the running portal."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import Client, Person
from stack import Stack

from portal import create_app
from portal.settings import from_mapping


def callback_of(client: Client, someone: Person) -> str:
    """Sign in at Keycloak and stop before the portal hears of it."""
    login = client.get("profile")
    client.http.max_redirects = 30
    action = re.search(r'<form[^>]* action="([^"]+)"', login.text)
    assert action
    data = {"username": someone.username, "password": someone.password}
    answer = client.http.post(action[1].replace("&amp;", "&"), data=data, allow_redirects=False, timeout=30)
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["Location"]


def signed_in(client: Client) -> bool:
    return client.get("permissions", follow=False).status_code == 200


@pytest.mark.feature("P2-02")
def test_with_a_live_session_nobody_sees_a_login_form(person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    browser.http.cookies.clear(
        "localhost.local", "/", next(c.name for c in browser.http.cookies if "portal-" in c.name)
    )
    page = browser.get("profile")
    assert page.history, "the portal had forgotten the browser and had to ask Keycloak"
    assert "kc-form-login" not in page.text
    assert browser.path() == "/demo/profile"
    assert "Tess Tester" in page.text


@pytest.mark.feature("P2-01")
def test_a_deep_link_survives_sign_in(person: Any, client: Any) -> None:
    browser = client()
    login = browser.get("permissions?a=1")
    someone = person()
    browser.send_keycloak_form(login, username=someone.username, password=someone.password)
    assert browser.last.url.endswith("/demo/permissions?a=1")


@pytest.mark.feature("P2-68")
def test_the_portal_link_leads_back_to_the_application(stack: Stack, person: Any, client: Any) -> None:
    browser = client(person())
    page = browser.get(f"profile?return_to={stack.sample_url}/basket")
    assert page.url.endswith("/demo/profile")
    for path in ("profile", "permissions"):
        page = browser.get(path)
        assert f'href="{stack.sample_url}/basket"' in page.text
        assert "Return to Orders" in page.text


@pytest.mark.case("A12")
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/", "//evil.test", "/\\evil.test", "https:evil.test", "%2f%2fevil.test",
        "javascript:alert(1)", "{sample}@evil.test/", "{sample}.evil.test/", "http://user:pass@{host}/",
        "ht\ttp://evil.test", "{sample}\\@evil.test", "data:text/html,x", "https://{host}/", "{sample}/" + "x" * 9000,
    ],
)  # fmt: skip
def test_a_foreign_return_address_is_dropped(stack: Stack, cast_client: Client, address: str) -> None:
    wanted = address.format(sample=stack.sample_url, host=urlsplit(stack.sample_url).netloc)
    # The demonstration's own: where people return to who came without an address.
    before = re.findall(r'class="[^"]*return[^"]*" href="([^"]*)"', cast_client.get("permissions").text)
    page = cast_client.get("permissions", params={"return_to": wanted}) if len(wanted) < 8000 else None
    assert before == [f"{stack.sample_url}/"]
    assert page is None or "evil" not in page.text
    assert page is None or re.findall(r'class="[^"]*return[^"]*" href="([^"]*)"', page.text) == before


@pytest.mark.case("A12")
@pytest.mark.parametrize(
    "address", ["//evil.test", "/\\evil.test", "https://evil.test", "/other/profile", "/demo/../other", ""]
)
def test_a_foreign_next_address_is_dropped(person: Any, client: Any, address: str) -> None:
    someone, browser = person(), client()
    login = browser.get("signin", params={"next": address})
    page = browser.send_keycloak_form(login, username=someone.username, password=someone.password)
    assert urlsplit(page.url).netloc == urlsplit(browser.stack.portal_url).netloc
    assert browser.path() == "/demo/profile"


@pytest.fixture(name="cast_client")
def _cast_client(person: Any, client: Any) -> Client:
    return client(person())


@pytest.mark.case("T10")
@pytest.mark.case("A4")
def test_another_browsers_callback_is_refused(person: Any, client: Any) -> None:
    attacker, victim = client(), client()
    callback = callback_of(attacker, person())
    victim.get("signed-out")
    victim.get("signin", follow=False)
    answer = victim.get(callback)
    assert answer.status_code == 400
    assert not signed_in(victim)
    assert attacker.get(callback).status_code == 200, "in its own browser the same callback is good"


@pytest.mark.case("T8")
def test_a_callback_is_good_once(person: Any, client: Any) -> None:
    browser = client()
    callback = callback_of(browser, person())
    assert browser.get(callback).status_code == 200
    assert browser.get(callback).status_code == 400
    assert signed_in(browser), "the session of the first stays"


@pytest.mark.case("T4")
@pytest.mark.parametrize("change", ["other", "missing"])
def test_an_answer_of_another_issuer_is_refused(person: Any, client: Any, change: str) -> None:
    browser = client()
    callback = callback_of(browser, person())
    issuer = parse_qs(urlsplit(callback).query)["iss"][0]
    wrong = (
        callback.replace("realms%2Fdemo", "realms%2Fother")
        if change == "other"
        else re.sub(r"iss=[^&]*&?", "", callback)
    )
    assert issuer.endswith("/realms/demo")
    assert wrong != callback
    assert browser.get(wrong).status_code == 400
    assert not signed_in(browser)


@pytest.mark.parametrize("query", ["", "state=unknown&code=x", "error=access_denied", "error=x&state=%3Cscript%3E"])
def test_a_callback_out_of_nowhere_is_answered_by_a_page_and_by_no_redirect(client: Any, query: str) -> None:
    answer = client().get(f"signin/callback?{query}", follow=False)
    assert answer.status_code == 400
    assert "Try again" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.case("A1")
@pytest.mark.case("A2")
def test_the_session_gets_a_new_id_at_sign_in_and_at_step_up(person: Any, client: Any) -> None:
    someone, browser = person(), client()
    login = browser.get("profile")
    anonymous = browser.cookie()
    browser.send_keycloak_form(login, username=someone.username, password=someone.password)
    first = browser.cookie()
    assert first != anonymous
    browser.send_keycloak_form(browser.get("signin/confirm?next=/demo/permissions"), password=someone.password)
    assert browser.path() == "/demo/permissions"
    assert browser.cookie() not in {first, anonymous}
    for old in (anonymous, first):
        thief = client()
        name = next(c.name for c in browser.http.cookies if "portal-" in c.name)
        answer = thief.http.get(thief.url("permissions"), headers={"Cookie": f"{name}={old}"}, allow_redirects=False)
        assert answer.status_code == 302, "an old id still opens the session"


@pytest.mark.case("A3")
def test_the_cookie_on_loopback_and_on_https(stack: Stack, client: Any, tmp_path: Any) -> None:
    plain = client().get("signin", follow=False).headers["Set-Cookie"]
    assert re.match(r"portal-demo-\d+=[\w-]{43};", plain)
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in plain.split(";")}
    realm = {"name": "demo", "keycloak_url": stack.keycloak_url, "internal_url": stack.internal_url}
    database = f"sqlite:///{tmp_path}/portal.db"
    settings = from_mapping(
        {"public_url": "https://portal.test", "demo": True, "database_url": database, "realms": [realm]}
    )
    app = create_app(settings)
    app.extensions["portal"].store.upgrade()
    answer = app.test_client().get("/demo/signin", base_url="https://portal.test")
    secure = answer.headers["Set-Cookie"]
    assert secure.startswith("__Host-portal-demo=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in secure.split(";")}
    assert "Domain" not in secure
    assert answer.headers["Strict-Transport-Security"]
    assert "redirect_uri=https%3A%2F%2Fportal.test%2F" in answer.headers["Location"]
    app.extensions["portal"].store.engine.dispose()


@pytest.mark.case("A15")
def test_a_forged_host_changes_no_address(client: Any) -> None:
    forged = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.test"}
    answer = client().get("signin", follow=False, headers={**forged, "Host": "evil.test"})
    assert "evil.test" not in answer.headers["Location"]


@pytest.mark.feature("SV-24")
@pytest.mark.case("A6")
def test_signing_out_ends_both_sessions(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    cookie, name = browser.cookie(), next(c.name for c in browser.http.cookies if "portal-" in c.name)
    assert someone.read("/sessions")
    answer = browser.post("signout", follow=True)
    assert "You are signed out" in answer.text
    assert answer.history[0].headers["Clear-Site-Data"] == '"cache"'
    assert someone.read("/sessions") == []
    old = client().http.get(browser.url("profile"), headers={"Cookie": f"{name}={cookie}"}, allow_redirects=False)
    assert old.status_code == 302
    assert "kc-form-login" in browser.get("profile").text


@pytest.mark.case("A7")
def test_signing_out_needs_a_form_of_our_own(person: Any, client: Any) -> None:
    browser = client(person())
    assert browser.get("signout").status_code == 405
    assert browser.post("signout", token=False).status_code == 403
    assert browser.post("signout", headers={"Origin": "https://evil.test"}).status_code == 403
    assert browser.post("signout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert signed_in(browser)


def test_whoever_comes_again_and_again_is_told_instead_of_sent_on(client: Any) -> None:
    browser = client()
    answers = [browser.get("signin", follow=False).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert "did not come to an end" in browser.get("signin").text


def test_realms_do_not_mix(stack: Stack, person: Any, client: Any) -> None:
    someone = person()
    browser = client(someone)
    page = browser.get("/other/permissions")
    assert "kc-form-login" in page.text
    assert "/realms/other/" in page.url
    name = next(c.name for c in browser.http.cookies if "portal-demo" in c.name)
    forged = {"Cookie": f"{name.replace('demo', 'other')}={browser.cookie()}"}
    assert (
        client().http.get(browser.url("/other/permissions"), headers=forged, allow_redirects=False).status_code == 302
    )


def test_an_unknown_realm_is_a_page_that_names_nothing(client: Any) -> None:
    for path in ("/nowhere/profile", "/nowhere/signin", "/nowhere/"):
        answer = client().get(path, follow=False)
        assert answer.status_code == 404
        assert "demo" not in answer.text.lower()
