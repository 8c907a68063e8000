"""`portal doctor` on what can be examined without a realm: open paths, database, keys, exit codes."""

from __future__ import annotations

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from connect_bench import PORTAL, problems

from portal.clients.service_token import claims
from portal.doctor import command, home, server
from portal.doctor.finding import exit_code, failed, ok, problem
from portal.doctor.probe import Probe
from portal.settings import Settings
from portal.store import Store


class Proxy(BaseHTTPRequestHandler):
    """A public address that passes the paths it should, and `open_prefix` besides."""

    open_prefix = "/realms/x/orgs"

    def do_GET(self) -> None:
        self.send_response(401 if self.path.startswith(self.open_prefix) else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def test_open_paths_on_the_public_address_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    httpd = HTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        settings = _settings(f"http://127.0.0.1:{httpd.server_port}")
        probe = Probe(settings, settings.realms["x"])
        assert not problems(server._open_paths(probe))
        monkeypatch.setattr(Probe, "public", property(lambda _: True))
        (trouble,) = problems(server._open_paths(probe))
        assert "/realms/x/orgs" in trouble.text and "/admin" not in trouble.text
        monkeypatch.setattr(Proxy, "open_prefix", "/nothing")
        assert not problems(server._open_paths(probe))
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


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
