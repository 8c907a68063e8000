"""What holds for every page of the running portal: headers, refusals, markup in names, what is not served."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cast import Client
from playwright.sync_api import expect
from stack import Stack

from portal.settings import SettingsError, from_mapping

ROOMS = ("profile", "security", "devices", "linked", "applications", "activity", "data", "permissions")
HOSTILE = '"><img src=x onerror=alert(1)><div hx-get="/x" hx-trigger="load" hx-on::load="alert(1)">'


@pytest.mark.case("C9")
def test_every_answer_carries_the_policy(person: Any, client: Any) -> None:
    browser: Client = client(person())
    paths = [*ROOMS, "data/delete", "signed-out", "nowhere", "/", "/healthz", "/nowhere/profile", "signin/callback"]
    for path in paths:
        answer = browser.get(path, follow=False)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy, path
        assert "unsafe" not in policy
        assert "form-action 'self'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "private, no-store", path
        assert answer.headers["X-Request-ID"]
        assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", answer.text), path


@pytest.mark.case("C7")
def test_markup_in_names_is_text(person: Any, open_page: Any) -> None:
    someone = person(attributes={"bio": [HOSTILE], "city": ["<script>alert(1)</script>"], "languages": [HOSTILE[:30]]})
    said: list[str] = []
    page = open_page("/demo/profile", someone)
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append("a dialog"))
    for path in ("/demo/profile", "/demo/activity", "/demo/data"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    page.goto("/demo/profile")
    expect(page.locator("[name='attr.bio']")).to_have_value(HOSTILE)
    assert page.locator("img[src=x], [hx-get]").count() == 0
    assert said == []


@pytest.mark.case("C8")
def test_htmx_runs_nothing_that_comes_in_an_answer(person: Any, open_page: Any) -> None:
    page = open_page("/demo/profile", person())
    settings = page.evaluate("htmx.config")
    assert settings["selfRequestsOnly"] is True
    assert settings["allowEval"] is False
    assert settings["allowScriptTags"] is False
    assert settings["historyCacheSize"] == 0
    kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert set(kept) <= {"htmx-current-path-for-history"}


@pytest.mark.case("C10")
@pytest.mark.case("A16")
def test_no_page_opens_in_a_frame(stack: Stack, person: Any, open_page: Any) -> None:
    someone = person()
    page = open_page("/demo/profile", someone)
    page.goto(stack.sample_url)
    page.evaluate(
        "url => new Promise(done => { const frame = document.createElement('iframe'); frame.src = url;"
        " frame.onload = done; document.body.append(frame); setTimeout(done, 3000); })",
        f"{stack.portal_url}/demo/profile",
    )
    framed = page.frames[-1]
    assert framed == page.main_frame or "Tess" not in (framed.content() if framed.url.startswith("http") else "")


@pytest.mark.case("E5")
@pytest.mark.case("E6")
def test_nothing_internal_is_served(stack: Stack, client: Any) -> None:
    browser: Client = client()
    for path in (
        "/.git/config", "/portal.toml", "/keys", "/static/../portal.toml", "/static/portal.css",
        "/static/nothing.js.map", "/console", "/debug", "/demo/.env", "/api", "/swagger", "/static/%2e%2e/settings.py",
    ):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "Traceback" not in answer.text
        assert "werkzeug" not in answer.text.lower()
    for method in ("TRACE", "PUT", "DELETE", "PATCH"):
        assert browser.http.request(method, browser.url("profile"), timeout=10).status_code in {404, 405, 501}


@pytest.mark.case("E6")
def test_figures_are_for_the_configured_networks_only(stack: Stack, client: Any) -> None:
    figures = client().get("/metrics")
    assert figures.status_code == 200
    assert "portal_requests_total" in figures.text
    assert stack.people["olivia"]["id"] not in figures.text


@pytest.mark.case("E3")
def test_a_line_break_in_a_request_stays_one_record(stack: Stack, client: Any) -> None:
    answer = client().get("/demo/%0d%0a%7b%22event%22%3a%22forged%22%7d", headers={"User-Agent": "x\x1b[31m"})
    assert answer.status_code in {400, 404}
    assert not [line for line in stack.log() if line.get("event") == "forged"]


@pytest.mark.case("C2")
@pytest.mark.case("C3")
def test_reading_changes_nothing(person: Any, client: Any) -> None:
    someone = person()
    browser: Client = client(someone)
    others = client(someone)
    session = next(each["id"] for each in someone.read("/sessions"))
    before = [someone.read(), someone.read("/credentials"), len(someone.read("/sessions"))]
    confirming = [
        f"devices/{session}/end",
        "devices/others/end",
        "linked/idp-oidc/link",
        "data/delete",
        "security/password",
    ]
    for path in [*ROOMS, *confirming, "signed-out", "security/passkey/add", "security/two-factor/app/add"]:
        for method in ("GET", "HEAD"):
            browser.http.request(
                method, browser.url(path), allow_redirects=False, timeout=30, headers={"HX-Request": "true"}
            )
    assert [someone.read(), someone.read("/credentials"), len(someone.read("/sessions"))] == before
    assert others.get("profile", follow=False).status_code == 200


@pytest.mark.case("A13")
def test_signing_out_leads_nowhere_else(client: Any) -> None:
    for name in ("post_logout_redirect_uri", "next", "return_to", "url"):
        answer = client().get("signed-out", params={name: "https://evil.test/"})
        assert answer.status_code == 200
        assert "evil" not in answer.text


@pytest.mark.case("U6")
def test_the_portal_never_takes_a_password_or_a_code(person: Any, client: Any) -> None:
    browser: Client = client(person())
    for path in ROOMS:
        page = browser.get(path).text
        assert 'type="password"' not in page
        assert "one-time-code" not in page


@pytest.mark.feature("WO-60")
def test_plain_http_is_for_this_machine_alone() -> None:
    realm = {"name": "demo", "keycloak_url": "https://id.example.com"}
    base = {"demo": True, "realms": [realm]}
    for good in ("http://localhost:8000", "http://127.0.0.1:8000", "https://portal.example.com"):
        assert from_mapping({**base, "public_url": good}).public_url == good
    for bad in ("http://portal.example.com", "http://localhost.evil.test", "ftp://localhost", "//localhost"):
        with pytest.raises(SettingsError):
            from_mapping({**base, "public_url": bad})


@pytest.mark.feature("WO-60")
def test_a_plain_return_address_counts_on_this_machine(stack: Stack, person: Any, client: Any) -> None:
    page = client(person()).get(f"profile?return_to={stack.sample_url}/")
    assert stack.sample_url.startswith("http://localhost")
    assert "Return to Orders" in page.text


@pytest.mark.parametrize("path", ["nothing", "o/umbrella/nothing", "settings/nothing"])
def test_an_address_without_a_page_looks_like_the_realm_and_leads_home(person: Any, client: Any, path: str) -> None:
    for browser in (client(person()), client()):
        answer = browser.get(f"/demo/{path}", follow=False)
        assert answer.status_code == 404 and "There is nothing here" in answer.text
        assert "· Demo</title>" in answer.text and 'href="/demo/"' in answer.text
    assert "</title>" in client().get("/no-such-realm/profile").text


def test_a_problem_is_told_in_the_shape_that_was_asked_for(client: Any) -> None:
    browser: Client = client()
    assert json.loads(browser.get("api/v1/nothing").text)["status"] == 404
    assert "<html" in browser.get("nothing").text
