"""A realm, an administrator in it, and `portal connect` to run there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.connect import command, plan_flows, wanted
from portal.connect.changes import MERGE, Call
from portal.connect.console import Console
from portal.connect.credential import Credential
from portal.connect.found import Found
from portal.demo.organizations import ensure_organization
from portal.doctor import connections
from portal.doctor.finding import Finding, State
from portal.doctor.probe import Probe
from portal.settings import load
from portal.store import Store

PORTAL = "http://localhost:8999"
EVERYTHING = ("needed", "recommended", "sign-ins")


class Bench:
    """One realm, an administrator in it, and the command."""

    def __init__(self, stack: Any, realm: str, folder: Path) -> None:
        self.stack, self.realm, self.config = stack, realm, folder / "portal.toml"
        self.console = Console(
            stack.keycloak_url, realm, Credential(username=stack.administrator(realm), password=stack.admin_password)
        )
        self.target = wanted.Target(realm, PORTAL, PORTAL)

    @property
    def found(self) -> Found:
        return Found(self.console, self.target.client_ids[3])

    def connect(self, *more: str) -> int:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        where = ["--keycloak-url", self.stack.keycloak_url, "--realm", self.realm, "--portal-url", PORTAL]
        who = ["--username", self.stack.administrator(self.realm), "--config", str(self.config)]
        return command.run(parser.parse_args([*where, *who, *more]))

    def export(self) -> Any:
        """The whole realm, clients, groups and roles included, with lists in one order."""
        query = {"exportClients": "true", "exportGroupsAndRoles": "true"}
        connection = self.console._connection
        found = connection.raw_post(f"admin/realms/{self.realm}/partial-export", data="", **query).json()
        # Keycloak writes out a few switched-off settings whenever a realm is saved as a whole, by whomever.
        found.setdefault("webAuthnPolicyPasswordlessPasskeysEnabled", False)
        found["attributes"] = {key: value for key, value in found["attributes"].items() if value not in {"0", "false"}}
        return ordered(found)

    def send(self, method: str, path: str, body: Any = None) -> None:
        self.console.send(Call(method, path, body))


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@pytest.fixture(name="flows")
def flows_fixture() -> None:
    """Asked for by tests in which connect makes the portal's own flows as well."""


@pytest.fixture(name="bench")
def bench_fixture(
    stack: Any, fresh_realm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Any:
    """A realm for connect. Flows are most of its work, step by step, so only tests about them have them made."""
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", stack.admin_password)
    if "flows" not in request.fixturenames:
        for module in (plan_flows, connections):
            monkeypatch.setattr(module, "FLOWS", ())
    bench = Bench(stack, fresh_realm, tmp_path)
    yield bench
    bench.console.close()


@pytest.fixture(name="connected")
def connected_fixture(stack: Any, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A realm that lacks nothing, and its configuration in the environment."""
    assert bench.connect("--yes", *(f for level in ("needed", "recommended") for f in ("--class", level))) == 0
    smtp = {"smtpServer": {"host": "mail.example", "from": "portal@example.com"}}
    languages = {"internationalizationEnabled": True, "supportedLocales": ["de", "en"], "defaultLocale": "en"}
    bench.console.send(Call(MERGE, "", {**smtp, **languages}))
    bench.console.set_attribute("portal.returnOrigins", "https://app.example.com Orders")
    bench.console.set_attribute("portal.returnUrl", "https://app.example.com/")
    admin = stack.admin()
    ensure_organization(admin, bench.realm, "acme", "Acme")
    admin.close()
    monkeypatch.setenv("PORTAL_CONFIG", str(bench.config))
    Store(load().database_url).upgrade()
    return bench


def probe_of(bench: Bench, administrator: bool = False, **changes: str) -> Probe:
    settings = load()
    return Probe(
        settings, replace(settings.realms[bench.realm], **changes), found=bench.found if administrator else None
    )


def problems(findings: Iterator[Finding] | list[Finding]) -> list[Finding]:
    """The findings that say something is wrong."""
    return [finding for finding in findings if finding.state is State.PROBLEM]
