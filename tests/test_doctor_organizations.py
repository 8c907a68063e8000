"""`portal doctor` on what organizations need of a realm and of the portal's configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    probe_of,
    problems,
)

from portal.connect.changes import MERGE, Call
from portal.demo.build import java_home
from portal.doctor import organizations, realm, routing, service
from portal.doctor.finding import State


def test_a_portal_without_the_secret_for_organizations_is_told_what_fails(connected: Bench) -> None:
    (trouble,) = problems(service.check(probe_of(connected, setup_client_secret="")))
    assert "portal-setup" in trouble.text and "accepting an invitation" in trouble.text
    assert trouble.mend.startswith("portal connect ")


def test_organizations_switched_off_need_no_right(connected: Bench) -> None:
    connected.console.set_attribute(f"{realm.SWITCHES}org.enabled", "false")
    assert [each.check for each in problems(service.check(probe_of(connected)))] == ["service rights"] * 2
    assert connected.connect("--yes") == 0
    assert not problems(service.check(probe_of(connected)))
    assert not problems(service.check(probe_of(connected, setup_client_secret="")))
    assert [*organizations.check(probe_of(connected)), *routing.check(probe_of(connected))] == []


def test_settings_of_organizations_that_get_in_the_way_are_named(connected: Bench) -> None:
    found = list(organizations.check(probe_of(connected)))
    assert not problems(found)
    (advised,) = [finding for finding in found if finding.state is State.ADVICE]
    assert "org-admin-" in advised.text
    assert f"kcadm.sh update realms/{connected.realm} -s" in advised.mend and organizations.SYNTHETIC in advised.mend
    connected.console.set_attribute(organizations.SYNTHETIC, "false")
    action = {"providerId": organizations.OWN_ACCEPTANCE, "name": "Invitation"}
    connected.send("POST", "authentication/register-required-action", action)
    (flow,) = [each for each in connected.console.get("authentication/flows") if each["alias"] == organizations.JOINING]
    connected.send("PUT", f"authentication/flows/{flow['id']}", {"alias": "elsewhere", "providerId": "basic-flow"})
    on, missing = problems(organizations.check(probe_of(connected)))
    assert "deletes every invitation" in on.text and on.mend.endswith("-s enabled=false")
    assert "no flow 'post org broker login'" in missing.text and "ext-auth-org-add-user" in missing.mend


# Each command is a Java machine of its own, which lives for one call: it need not learn to be quick.
BRIEFLY = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(name="kcadm")
def kcadm_fixture(stack: Any, fresh_realm: str, tmp_path: Path) -> Callable[[str], None]:
    """Runs commands in a shell in which `kcadm.sh` is Keycloak's own, signed in as administrator."""
    tool, kept = Path(stack.folder, "keycloak/server/bin/kcadm.sh"), tmp_path / "kcadm.config"
    shim = tmp_path / "kcadm.sh"
    shim.write_text(f'#!/bin/sh\nexec "{tool}" "$@" --config "{kept}"\n', encoding="ascii")
    shim.chmod(0o700)
    environment = {
        **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "JAVA_HOME": str(java_home()), "KC_OPTS": BRIEFLY,
    }  # fmt: skip

    def run(commands: str) -> None:
        subprocess.run(["sh", "-ec", commands], env=environment, check=True, capture_output=True, timeout=300)

    who = f"--user {stack.administrator(fresh_realm)} --password {stack.admin_password}"
    run(f"kcadm.sh config credentials --server {stack.keycloak_url} --realm master {who}")
    return run


def steps(bench: Bench, flow: str) -> list[tuple[str, str]]:
    """The steps of a flow itself, in the order in which people pass them."""
    found = bench.console.get(f"authentication/flows/{quote(flow)}/executions")
    return [(each.get("providerId", ""), each["requirement"]) for each in found if each["level"] == 0]


def test_the_flow_that_is_mended_runs_its_steps_in_their_order(connected: Bench, kcadm: Callable[[str], None]) -> None:
    (flow,) = [each for each in connected.console.get("authentication/flows") if each["alias"] == organizations.JOINING]
    connected.send("PUT", f"authentication/flows/{flow['id']}", {"alias": "elsewhere", "providerId": "basic-flow"})
    (missing,) = problems(organizations.check(probe_of(connected)))
    kcadm(missing.mend)
    assert steps(connected, organizations.JOINING) == [(step, "REQUIRED") for step in organizations.JOINING_STEPS]
    found = connected.console.get(f"authentication/flows/{quote(organizations.JOINING)}/executions")
    assert [each["priority"] for each in found] == [10, 20, 30]
    assert not problems(organizations.check(probe_of(connected)))


def test_the_mend_for_addresses_puts_the_step_before_the_forms(connected: Bench, kcadm: Callable[[str], None]) -> None:
    (told,) = routing.check(probe_of(connected))
    kcadm(told.mend)
    names = [step for step, _requirement in steps(connected, connected.console.get("")["browserFlow"])]
    assert names[-2:] == [routing.DISCOVERY, ""], "the forms are a flow of their own and come last"
    assert [each.state for each in routing.check(probe_of(connected))] == [State.OK]


def test_an_extension_that_does_not_answer_is_named(connected: Bench) -> None:
    probe = probe_of(connected)
    probe.service_token = "none"
    (trouble,) = problems([next(iter(organizations.check(probe)))])
    assert "does not answer" in trouble.text


@pytest.mark.case("D10")
def test_sign_in_that_goes_by_domains_nobody_proved_is_named(connected: Bench) -> None:
    (told,) = routing.check(probe_of(connected))
    assert told.state is State.ADVICE and "lead nobody to an identity provider" in told.text
    assert "flows/browser/copy" in told.mend and '"requirement":"ALTERNATIVE","priority":29}' in told.mend
    step = discovery(connected)
    (trouble,) = problems(routing.check(probe_of(connected)))
    assert "not verified" in trouble.text
    assert f"executions/{step}/config -r {connected.realm}" in trouble.mend and "requireVerifiedDomain" in trouble.mend
    for value, state in (("false", State.PROBLEM), ("true", State.OK)):
        body = {"alias": f"set to {value}", "config": {routing.VERIFIED_ONLY: value}}
        connected.send("POST", f"authentication/executions/{step}/config", body)
        assert [each.state for each in routing.check(probe_of(connected))] == [state]


def discovery(bench: Bench) -> str:
    """The realm signs people in with a flow that has the extension's step, as the extension makes it; its id."""
    bench.send("POST", "authentication/flows/browser/copy", {"newName": "own"})
    executions = "authentication/flows/own/executions"
    bench.send("POST", f"{executions}/execution", {"provider": routing.DISCOVERY, "priority": 29})
    (made,) = [each for each in bench.console.get(executions) if each.get("providerId") == routing.DISCOVERY]
    bench.send("PUT", executions, {**made, "requirement": "ALTERNATIVE"})
    bench.console.send(Call(MERGE, "", {"browserFlow": "own"}))
    return str(made["id"])
