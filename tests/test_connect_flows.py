"""The portal's own flows: made by connect, put right by it, taken away by undo, watched by doctor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    flows_fixture,  # noqa: F401
    probe_of,
    problems,
)
from test_doctor_organizations import kcadm_fixture  # noqa: F401

from portal.clients.connections_allowed import LIVE_FLOW
from portal.connect import plan_flows
from portal.connect.wanted_flows import DRAFT, FLOWS, GATE, POST
from portal.demo.realms import template
from portal.doctor import connections

pytestmark = pytest.mark.usefixtures("flows")


def steps(bench: Bench, alias: str) -> list[dict[str, Any]]:
    return list(bench.found.executions(alias))


def wrong(bench: Bench) -> list[str]:
    return [said for flow in FLOWS for said in plan_flows.differences(flow, steps(bench, flow.alias), config(bench))]


def config(bench: Bench) -> Callable[[str], dict[str, str]]:
    return bench.found.step_config


def test_both_flows_are_made_in_order_and_a_second_run_does_nothing(connected: Bench) -> None:
    assert wrong(connected) == []
    assert [each.get("providerId") for each in steps(connected, POST.alias)] == [step.name for step in POST.steps]
    assert plan_flows.plan(connected.found) == []
    shared = steps(connected, "post org broker login")
    assert "DISABLED" in {each["requirement"] for each in shared}, "the extension's own flow is as it was"
    assert not problems(connections.check(probe_of(connected)))


def test_what_somebody_changed_is_named_by_doctor_and_put_right(connected: Bench) -> None:
    path = f"authentication/flows/{quote(POST.alias)}/executions"
    verifier = steps(connected, POST.alias)[0]
    connected.send("PUT", path, {**verifier, "requirement": "DISABLED"})
    denying = steps(connected, GATE)[1]
    connected.send("DELETE", f"authentication/executions/{denying['id']}")
    first, second = problems(connections.check(probe_of(connected)))
    assert "ext-auth-org-id-verifier is DISABLED" in first.text + second.text
    assert first.mend.startswith("portal connect ")
    assert connected.connect("--yes") == 0
    assert wrong(connected) == [] and not problems(connections.check(probe_of(connected)))


def test_a_flow_that_links_accounts_by_itself_is_named(connected: Bench) -> None:
    live, flows = quote(LIVE_FLOW), "authentication/flows"
    connected.send("POST", f"{flows}/{live}/copy", {"newName": "theirs"})
    assert not problems(connections.check(probe_of(connected))), "a copy is nobody's way in"
    names = {"theirs": LIVE_FLOW, LIVE_FLOW: "as it came"}
    found = connected.found.forget().flows
    for old, new in reversed(names.items()):
        connected.send("PUT", f"{flows}/{found[old]}", {"alias": new, "providerId": "basic-flow", "topLevel": True})
    connected.send("POST", f"{flows}/{live}/executions/execution", {"provider": "idp-auto-link"})
    step = next(each for each in steps(connected, LIVE_FLOW) if each.get("providerId") == "idp-auto-link")
    connected.send("PUT", f"{flows}/{live}/executions", {**step, "requirement": "ALTERNATIVE"})
    (trouble,) = problems(connections.check(probe_of(connected)))
    assert "links accounts without asking their owners (idp-auto-link)" in trouble.text


def test_undo_takes_the_flows_away_unless_they_are_used(connected: Bench) -> None:
    provider = {
        "alias": "uses", "providerId": "oidc", "postBrokerLoginFlowAlias": POST.alias,
        "config": {"clientId": "x", "clientSecret": "x", "authorizationUrl": "https://x.test", "tokenUrl": "https://x.test"},
    }  # fmt: skip
    connected.send("POST", "identity-provider/instances", provider)
    assert connected.connect("--undo", "--yes") == 0
    left = connected.found.flows
    assert POST.alias in left and DRAFT.alias not in left


# Some thirty commands, each a Java machine: on a busy machine more than the usual time.
@pytest.mark.timeout(400)
def test_the_commands_of_the_plan_make_the_same_flows(bench: Bench, kcadm: Callable[[str], None]) -> None:
    changes = plan_flows.plan(bench.found)
    assert [change.key for change in changes] == [f"flow/{flow.alias}" for flow in FLOWS]
    kcadm("; ".join(command for change in changes for command in change.kcadm(bench.realm)))
    assert wrong(bench) == []


def test_the_demonstrations_realm_has_them() -> None:
    found = {flow["alias"]: flow for flow in template()["authenticationFlows"]}
    settings = {each["alias"]: each["config"] for each in template()["authenticatorConfig"]}
    for flow in FLOWS:
        present = list(flat(found, flow.alias, 0))
        assert plan_flows.differences(flow, present, lambda name: settings.get(name, {})) == []


def flat(flows: dict[str, Any], alias: str, level: int) -> Any:
    for each in flows[alias]["authenticationExecutions"]:
        name = each.get("flowAlias") or each["authenticator"]
        yield {**each, "providerId": name, "level": level, "authenticationConfig": each.get("authenticatorConfig", "")}
        if each.get("flowAlias"):
            yield from flat(flows, each["flowAlias"], level + 1)
