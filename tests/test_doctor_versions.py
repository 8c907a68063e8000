"""What `portal doctor` says of versions: too old, known to be vulnerable, not made for each other."""

from __future__ import annotations

import pytest
from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    probe_of,
)

from portal.doctor import server
from portal.doctor.finding import Finding, State


@pytest.mark.parametrize(
    ("version", "organizations", "states"),
    [
        ("25.0.6", False, [State.PROBLEM]),
        ("26.5.7", True, [State.OK, State.ADVICE]),
        ("26.6.4", True, [State.ADVICE, State.ADVICE]),
        ("26.6.4", False, [State.OK, State.ADVICE]),
        ("26.7.3", False, [State.OK, State.ADVICE]),
        ("26.7.4", False, [State.OK]),
        ("27.0.0", False, [State.OK]),
    ],
)
def test_versions(version: str, organizations: bool, states: list[State], connected: Bench) -> None:
    probe = probe_of(connected, administrator=True)
    assert probe.found is not None
    steps = {"ext-auth-home-idp-discovery": {"operationalInfo": {"Version": "0.144"}}}
    info = {"systemInfo": {"version": version}, "providers": {"authenticator": {"providers": steps}}}
    probe.found.console.server = lambda: info  # type: ignore[method-assign]
    assert [finding.state for finding in server._version(probe, organizations)] == states


def test_a_known_flaw_is_named_with_the_version_that_mends_it(connected: Bench) -> None:
    def told(version: str, **changes: str) -> Finding:
        probe = probe_of(connected, administrator=True, **changes)
        probe.__dict__["server"] = {"systemInfo": {"version": version}}
        return next(each for each in server._version(probe, False) if each.state is not State.OK)

    found = told("26.6.5")
    assert found.state is State.ADVICE, "on this machine alone"
    assert "CVE-2026-18963" in found.text and "CVE-2026-4282" not in found.text and "26.6.7" in found.mend
    assert told("26.5.7", keycloak_url="https://id.example.com").state is State.PROBLEM
