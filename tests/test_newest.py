"""A reduced run against the newest Keycloak on Maven Central, without any extension."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.cli import main
from portal.demo.artifacts import newest, pinned
from portal.demo.folder import Folder
from portal.demo.ports import Ports, any_free
from portal.demo.stage import Stage

# Beside the run's other Keycloak there is not room for a second one on a small machine.
pytestmark = [pytest.mark.serial, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = Folder(tmp_path_factory.mktemp("newest"))
    ports = Ports(**{port.name: any_free() for port in fields(Ports)})
    made = Stage(folder, ports, print, threading.Event())
    made.keycloak.distribution = newest()
    try:
        made.prepare()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder.root)


@pytest.fixture
def page(stage: Stage, browser: Browser) -> Iterator[Page]:
    """Una at her profile."""
    context = browser.new_context(base_url=stage.addresses.portal, locale="en-GB")
    context.set_default_timeout(20_000)
    tab = context.new_page()
    tab.goto("/demo/profile")
    tab.fill("#username", "una")
    tab.fill("#password", stage.passwords["una"])
    tab.click("#kc-login")
    tab.wait_for_url("**/demo/profile")
    yield tab
    context.close()


def una(stage: Stage) -> dict[str, Any]:
    """What Keycloak knows of her."""
    from portal.demo.admin import Admin

    admin = Admin(stage.keycloak.internal_url, stage.keycloak.admin_username, stage.keycloak.admin_password)
    admin.public_url = stage.keycloak.base_url
    try:
        found: dict[str, Any] = admin.get(f"/admin/realms/demo/users/{stage.seeded.people['una']}")
        return found
    finally:
        admin.close()


def test_it_is_another_server_and_has_no_extension(stage: Stage) -> None:
    assert stage.keycloak.distribution.server.version != pinned().server.version
    assert stage.keycloak.distribution.providers == ()
    assert stage.seeded.organizations == {}


def test_every_room_opens(page: Page) -> None:
    rooms = page.locator(".rooms a").evaluate_all("links => links.map(link => link.href)")
    assert len(rooms) > 1
    for room in rooms:
        answer = page.goto(room)
        assert answer is not None
        assert answer.status == 200, room
        expect(page.locator("h1")).to_be_visible()


def test_a_changed_profile_is_kept(stage: Stage, page: Page) -> None:
    page.get_by_label("First name").fill("Ulrike")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator(".toast")).to_be_visible()
    assert una(stage)["firstName"] == "Ulrike"


def test_a_changed_password_is_asked_for_by_keycloak(page: Page) -> None:
    page.goto("/demo/security/password")
    page.fill("#password-new", "not to be kept")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/demo/security**")
    expect(page.locator("h1")).to_be_visible()


def test_signing_out_ends_the_session_at_keycloak(page: Page) -> None:
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/demo/signed-out")
    page.goto("/demo/profile")
    expect(page.locator("#username")).to_be_visible()


def test_connect_makes_nothing_for_organizations(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", stage.keycloak.admin_password)
    where = ["--keycloak-url", stage.keycloak.internal_url, "--portal-url", "http://localhost:8999", "--realm", "idp"]
    who = ["--username", stage.keycloak.admin_username, "--config", str(tmp_path / "portal.toml")]
    assert main(["connect", "--yes", *where, *who]) == 0
    config = (tmp_path / "portal.toml").read_text()
    assert "read_client_secret" in config and "setup_client_secret" not in config
    capsys.readouterr()
    assert main(["connect", "--yes", "--json", *where, *who]) == 0
    assert json.loads(capsys.readouterr().out)["applied"] == []
    assert main(["connect", "--undo", "--yes", *where, *who]) == 0
    assert "Nothing to undo" not in capsys.readouterr().out
    assert main(["connect", "--undo", "--yes", *where, *who]) == 0
    assert "Nothing to undo" in capsys.readouterr().out


def test_doctor_finds_nothing_wrong(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_CONFIG", str(stage.folder.config))
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", stage.keycloak.admin_password)
    main(["doctor", "--json", "--realm", "demo", "--username", stage.keycloak.admin_username])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [each for each in findings if each["state"] in {"problem", "failed"}] == []
    said = {each["text"] for each in findings}
    assert f"Keycloak {stage.keycloak.distribution.server.version}" in said
    assert "operators" in {each["check"] for each in findings if each["state"] == "advice"}
