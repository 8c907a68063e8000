"""The public fronts of docs/edge/ before the real Keycloak: people come through, the ways around the portal do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cast import Client, Person, make_person
from connect_bench import problems
from edge_house import House, open_house
from fronts import INSTALLED, send
from playwright.sync_api import Browser, Page, expect
from security_steps import plug_in, register

from portal.doctor import edge
from portal.doctor.finding import State
from portal.doctor.probe import Probe

# What the front closes; each answers something else at the inner address.
CLOSED = (
    *edge.PRIVATE,
    *edge.BETTER_PRIVATE,
    "",
    "admin/master/console/",
    "admin/serverinfo",
    "realms/{realm}",
    "realms/{realm}/orgs/me",
    "realms/{realm}/orgs/config",
    "realms/{realm}/users/switch-organization",
    "realms/{realm}/events",
    "realms/{realm}/account/",
    "realms/{realm}/account/sessions/devices",
    "realms/{realm}/account/credentials",
    "realms/{realm}/authz/protection/permission",
    "realms/{realm}/broker/idp-oidc/token",
    "realms/master/protocol/openid-connect/certs",
)


@pytest.fixture(scope="module", params=INSTALLED)
def house(request: pytest.FixtureRequest, stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A realm behind this front."""
    with open_house(request.param, stack, tmp_path_factory.mktemp(request.param)) as made:
        yield made


class Journey:
    """Somebody's browser that knows the public addresses alone, and notes what it asked and was refused."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page
        self.origins: set[str] = set()
        self.refused: list[str] = []
        page.on("response", lambda answer: self._note(answer.url, answer.status))

    def _note(self, url: str, status: int) -> None:
        if url.startswith("http"):
            self.origins.add("/".join(url.split("/")[:3]))
        if status >= 400 and not url.endswith("/favicon.ico"):
            self.refused.append(f"{status} {url}")


@pytest.fixture
def journey(house: House, browser: Browser) -> Iterator[Journey]:
    context = browser.new_context(base_url=house.front.portal, locale="en-GB", ignore_https_errors=True)
    context.set_default_timeout(20_000)
    yield Journey(house, context.new_page())
    context.close()


def test_people_sign_in_and_do_what_they_are_asked_to(house: House, journey: Journey) -> None:
    someone, page = make_person(house.stack, house.realm), journey.page
    admin = house.stack.admin()
    admin.put(f"/admin/realms/{house.realm}/users/{someone.id}", {"requiredActions": ["UPDATE_PASSWORD"]})
    page.goto(f"/{house.realm}/security")
    page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")
    page.fill("#password-new", "Another-Horse-8-Battery")
    page.fill("#password-confirm", "Another-Horse-8-Battery")
    page.locator("#kc-passwd-update-form [type=submit]").first.click()
    page.wait_for_url(f"{house.front.portal}/{house.realm}/security")
    assert someone.read()["requiredActions"] == []
    plug_in(page)
    register(page, "Add a passkey", "Laptop")
    expect(page.locator(".toasts")).to_contain_text("Laptop is added.")
    page.locator("details.person:visible summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out")
    assert someone.read("/sessions") == []
    assert journey.origins == {house.front.keycloak, house.front.portal}
    assert journey.refused == []


@pytest.mark.parametrize("provider", ["Umbrella ID (OIDC)", "Umbrella ID (SAML)"])
def test_people_of_another_provider_come_through(house: House, journey: Journey, stack: Any, provider: str) -> None:
    there, page = make_person(stack, house.idp), journey.page
    page.goto(f"/{house.realm}/profile")
    page.get_by_role("link", name=provider).click()
    page.wait_for_url(f"**/realms/{house.idp}/**")
    page.fill("#username", there.username)
    page.fill("#password", there.password)
    page.click("#kc-login")
    page.wait_for_url(re.compile("first-broker-login|/profile$"))
    if "first-broker-login" in page.url:
        page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{house.front.portal}/{house.realm}/profile")
    expect(page.locator("body")).to_contain_text(there.email)
    assert journey.origins == {house.front.keycloak, house.front.portal, stack.keycloak_url}
    assert journey.refused == []


@pytest.mark.case("A15")
def test_a_forged_host_changes_no_link_in_a_mail(house: House, eventually: Callable[..., Any]) -> None:
    someone: Person = make_person(house.stack, house.realm)
    browser = Client(house.stack, house.realm)
    browser.http.mount("https://", type(browser.http.get_adapter("https://"))())
    browser.http.verify = house.front.certificate or True
    browser.http.headers.update(
        {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.test"}
    )
    page = browser.get("profile")
    assert page.url.startswith(f"{house.front.keycloak}/realms/{house.realm}/protocol/")
    asked = re.search(r'href="([^"]*login-actions/reset-credentials[^"]*)"', page.text)
    assert asked
    page = browser.get(house.front.keycloak + asked[1].replace("&amp;", "&").removeprefix(house.front.keycloak))
    browser.send_keycloak_form(page, username=someone.username)
    [mail] = eventually(lambda: house.stack.mails(someone.email), told="no mail came")
    assert "evil.test" not in str(mail)
    link = re.search(
        rf"{re.escape(house.front.keycloak)}/realms/[\w-]+/login-actions/action-token\S+", str(mail["text"])
    )
    assert link, mail
    page = browser.get(link[0])
    assert 'name="password-new"' in page.text, page.text
    browser.http.close()


@pytest.mark.parametrize("path", CLOSED, ids=lambda path: path or "root")
def test_what_is_not_public_answers_404(house: House, stack: Any, path: str) -> None:
    assert send(stack.internal_url, house.path(path))[0] != 404, "there is nothing to be closed"
    status, _, text = house.front.ask(house.path(path))
    assert status == 404 and "error" not in text
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert house.front.ask(house.path(path), method, Content_Length="0")[0] == 404


def test_the_doctor_sees_the_front(house: House, stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "public", property(lambda _: True))
    settings, realm = replace(house.settings, demo=False), house.settings.realms[house.realm]
    behind, beside = Probe(settings, realm), Probe(settings, replace(realm, keycloak_url=stack.keycloak_url))
    behind.http._session.verify = house.front.certificate or True
    assert [finding.state for finding in edge.check(behind)] == [State.OK]
    (trouble,) = problems(edge.check(beside))
    for path in edge.PRIVATE:
        assert house.path(path) in trouble.text


def test_the_server_cannot_be_talked_into_another_protocol(house: House, stack: Any) -> None:
    upgrade = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAMAAABkAARAAAAAAAIAAAAA"}
    path = house.path("realms/{realm}/.well-known/openid-configuration")
    # Once in that protocol, one could ask for any path.
    assert send(stack.internal_url, path, **upgrade)[0] == 101
    assert house.front.ask(path, **upgrade)[0] == 200


def test_the_compose_file_uses_a_front() -> None:
    text = (Path(__file__).parent.parent / "docker-compose.yml").read_text(encoding="utf-8")
    found = dict(re.findall(r"^ +([A-Z_]+): \"?([^\"\n]+)\"?$", text, re.MULTILINE))
    assert "./docs/edge/Caddyfile:/etc/caddy/Caddyfile:ro" in text
    assert found["KEYCLOAK_SITE"] == found["KC_HOSTNAME"] == "http://localhost:8080"
    assert found["KEYCLOAK_UPSTREAM"] == f"127.0.0.1:{found['KC_HTTP_PORT']}"
    assert found["KC_PROXY_HEADERS"] == "xforwarded"
