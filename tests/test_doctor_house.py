"""`portal doctor` on what can be examined without a realm: open paths, database, keys, exit codes."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from connect_bench import PORTAL, problems

from portal.clients.service_token import claims
from portal.doctor import command, edge, home
from portal.doctor.finding import Finding, State, exit_code, failed, ok, problem
from portal.doctor.probe import Probe
from portal.settings import Settings
from portal.store import Store


class Proxy(BaseHTTPRequestHandler):
    """A public address that passes discovery, and `open_prefix` besides."""

    open_prefix = "/realms/x/orgs"

    def do_GET(self) -> None:
        known = self.path == "/realms/x/.well-known/openid-configuration"
        self.send_response(200 if known else 401 if self.path.startswith(self.open_prefix) else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def public_address() -> Iterator[str]:
    httpd = HTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def examined(address: str, **more: Any) -> list[Finding]:
    """What doctor says of the paths that are open there."""
    settings = _settings(address, **more)
    return list(edge.check(Probe(settings, replace(settings.realms["x"], internal_url="http://127.0.0.1:9"))))


def test_open_paths_on_the_public_address_are_named(public_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "public", property(lambda _: True))
    (trouble,) = problems(examined(public_address, demo=False, key_file="keys"))
    assert "/realms/x/orgs" in trouble.text and "/admin" not in trouble.text
    assert "docs/edge/nginx.conf" in trouble.mend and "internal_url" in trouble.mend
    monkeypatch.setattr(Proxy, "open_prefix", "/nothing")
    (fine,) = examined(public_address, demo=False, key_file="keys")
    assert fine.state is State.OK and "keeps administrative paths to itself" in fine.text


def test_open_paths_of_a_trial_are_only_told(public_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (told,) = examined(public_address, demo=False, key_file="keys")
    assert told.state is State.OK and "/realms/x/orgs" in told.text
    monkeypatch.setattr(Probe, "public", property(lambda _: True))
    (told,) = examined(public_address)
    assert told.state is State.OK and "/realms/x/orgs" in told.text


def test_what_is_better_not_public_is_advised(public_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "public", property(lambda _: True))
    monkeypatch.setattr(Proxy, "open_prefix", "/realms/x/account")
    fine, told = examined(public_address, demo=False, key_file="keys")
    assert fine.state is State.OK
    assert told.state is State.ADVICE and "/realms/x/account" in told.text


def test_a_portal_that_has_only_the_public_way_is_told(public_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "public", property(lambda _: True))
    monkeypatch.setattr(Proxy, "open_prefix", "/nothing")
    settings = _settings(public_address, demo=False, key_file="keys")
    (trouble,) = problems(edge.check(Probe(settings, settings.realms["x"])))
    assert "set internal_url" in trouble.mend


def test_open_paths_of_an_address_that_does_not_answer_are_unknown() -> None:
    (told,) = examined("http://127.0.0.1:9")
    assert told.state is State.UNKNOWN


def _settings(keycloak_url: str, **more: Any) -> Settings:
    from portal.settings import from_mapping

    tables = {"realms": [{"name": "x", "keycloak_url": keycloak_url}]}
    return from_mapping({"public_url": PORTAL, "demo": True, **tables, **more})


def test_the_portals_own_house(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'x.db'}"
    settings = _settings("http://localhost:1", database_url=database, key_file=str(tmp_path / "keys"))
    assert [finding.check for finding in problems(home.check(settings))] == ["database", "keys"]
    Store(database).upgrade()
    (tmp_path / "keys").write_text("c2hvcnQ\n")
    assert [finding.check for finding in problems(home.check(settings))] == ["keys"]
    (tmp_path / "keys").write_text("A" * 43 + "\n")
    (tmp_path / "keys").chmod(0o644)
    found = list(home.check(settings))
    assert not problems(found)
    assert any(finding.mend == f"chmod 600 {tmp_path / 'keys'}" for finding in found)
    away = _settings("http://localhost:1", database_url="sqlite:////nonexistent/folder/x.db")
    (trouble,) = problems(home.check(away))
    assert "cannot be used" in trouble.text


def test_an_unusable_configuration_cannot_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_CONFIG", str(tmp_path / "absent.toml"))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["--json"])) == 2
    assert "cannot read PORTAL_CONFIG" in json.loads(capsys.readouterr().out)["findings"][0]["text"]


def test_exit_codes() -> None:
    fine, bad, broken = ok("a", ""), problem("b", "", ""), failed("c", "")
    assert [exit_code([fine]), exit_code([fine, broken]), exit_code([bad, broken]), exit_code([])] == [0, 2, 1, 0]


def test_a_token_that_is_none_has_no_claims() -> None:
    with pytest.raises(ValueError, match="not a JWT"):
        claims("opaque")
