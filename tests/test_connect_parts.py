"""The parts of `portal connect` that need no server: origins, addresses, the file, the commands."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import pytest

from portal.connect import command, config_file, origins
from portal.connect.changes import ATTRIBUTE, MERGE, Call, kcadm_line
from portal.settings import SettingsError


@pytest.mark.parametrize(
    ("address", "loopback", "origin"),
    [
        ("https://orders.example/app/*", False, "https://orders.example"),
        ("https://orders.example:8443/*", False, "https://orders.example:8443"),
        ("https://orders.example:443/", False, "https://orders.example"),
        ("https://*.example/x", False, ""),
        ("http://orders.example/", True, ""),
        ("http://localhost:8001/*", True, "http://localhost:8001"),
        ("http://localhost:8001/*", False, ""),
        ("https://user@orders.example/", False, ""),
        ("https://orders.example:port/", False, ""),
        ("/relative/*", False, ""),
        ("com.example.app://callback", False, ""),
    ],
)
def test_only_exact_origins_are_proposed(address: str, loopback: bool, origin: str) -> None:
    assert origins.exact_origin(address, loopback) == origin


def test_plain_http_is_for_this_machine_only(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    where = ["--keycloak-url", "http://id.example.com", "--portal-url", "https://p.example.com"]
    args = parser.parse_args([*where, "--realm", "x", "--username", "u", "--plan"])
    args.username, args.token = None, False
    assert command.run(args) == 2
    with pytest.raises(SettingsError):
        command._address("http://id.example.com")


def test_a_configuration_keeps_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    path.write_text('# ours\npublic_url = "https://p.example"\n\n[[realms]]\nname = "a"\nclient_secret = "x"\n')
    assert config_file.put_realm(path, "https://p.example", {"name": "b", "client_secret": 'q"\\'})
    assert config_file.put_realm(path, "https://p.example", {"name": "a", "client_secret": "y"})
    assert not config_file.put_realm(path, "https://p.example", {"name": "a", "client_secret": "y"})
    parsed = tomllib.loads(path.read_text())
    assert [(r["name"], r["client_secret"]) for r in parsed["realms"]] == [("a", "y"), ("b", 'q"\\')]
    assert path.read_text().startswith("# ours\n")
    assert config_file.drop_realm(path, "a") and not config_file.drop_realm(path, "a")
    assert [r["name"] for r in tomllib.loads(path.read_text())["realms"]] == ["b"]


def test_commands_can_be_pasted_into_a_shell() -> None:
    assert kcadm_line(Call("PUT", "clients/{client:portal}", {"name": "It's"}), "r") == (
        'kcadm.sh update "clients/$(kcadm.sh get clients -r r -q clientId=portal --fields id --format csv --noquotes)"'
        """ -r r -b '{"name":"It'\\''s"}'"""
    )
    assert kcadm_line(Call(MERGE, "", {"a": True}), "r") == "kcadm.sh update realms/r -s 'a=true'"
    assert (
        kcadm_line(Call(ATTRIBUTE, "portal.x", "y"), "r")
        == """kcadm.sh update realms/r -s 'attributes."portal.x"="y"'"""
    )
