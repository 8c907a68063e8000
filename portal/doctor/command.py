"""`portal doctor`: the arguments and the run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from flask_babel import gettext as _

from portal.connect import credential
from portal.connect.console import Console
from portal.connect.found import Found
from portal.doctor import (
    administrator,
    connections,
    data,
    demo,
    edge,
    home,
    links,
    organizations,
    reach,
    realm,
    routing,
    server,
    service,
    work,
)
from portal.doctor.finding import Finding, State, exit_code, failed
from portal.doctor.probe import Probe
from portal.errors import PortalError
from portal.settings import Settings, SettingsError, load

ANSWERING: tuple[Callable[[Probe], Iterator[Finding]], ...] = (
    server.check,
    edge.check,
    service.check,
    realm.check,
    organizations.check,
    routing.check,
    connections.check,
    links.check,
    administrator.check,
    demo.check,
)
SIGNS = {
    State.OK: "ok",
    State.ADVICE: "advice",
    State.PROBLEM: "PROBLEM",
    State.UNKNOWN: "unknown",
    State.FAILED: "FAILED",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `portal doctor`."""
    parser.description = (
        "Checks the configured realms and the portal's own parts. Exit code 0: no problem, 1: problems,"
        " 2: something could not be checked."
    )
    parser.add_argument("--realm", help="look at this realm only")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--data", action="store_true", help="print what is stored and for how long, and stop")
    credential.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print the findings; see `exit_code`."""
    try:
        settings = load()
    except SettingsError as error:
        return _say(
            [failed("configuration", str(error), "correct the configuration named by PORTAL_CONFIG")], args.json
        )
    if args.data:
        print(data.as_text(settings))
        return 0
    findings = [*home.check(settings), *work.check(settings), *_realms(settings, args)]
    return _say(findings, args.json)


def examine(probe: Probe) -> list[Finding]:
    """All findings of one realm; what needs an answer from Keycloak is left out while there is none."""
    findings = list(reach.check(probe))
    if probe.reachable:
        for check in ANSWERING:
            findings += _guarded(check, probe)
    return [replace(finding, realm=probe.realm.name) for finding in findings]


def _guarded(check: Callable[[Probe], Iterator[Finding]], probe: Probe) -> list[Finding]:
    try:
        return list(check(probe))
    except PortalError as error:
        return [
            failed(
                check.__module__.rpartition(".")[2],
                _("could not be checked: %(why)s", why=error or type(error).__name__),
            )
        ]


def _realms(settings: Settings, args: argparse.Namespace) -> list[Finding]:
    names = [args.realm] if args.realm else list(settings.realms)
    lent = credential.read(args)
    findings = []
    for name in names:
        if name not in settings.realms:
            findings.append(
                failed("configuration", f"realm {name} is not configured", "portal connect --realm " + name)
            )
            continue
        probe = Probe(settings, settings.realms[name])
        findings += _with_administrator(probe, lent) if lent and probe.reachable else examine(probe)
    return findings


def _with_administrator(probe: Probe, lent: credential.Credential) -> list[Finding]:
    console = Console(probe.realm.internal_url, probe.realm.name, lent)
    try:
        console.get("")
    except PortalError as error:
        return [*examine(probe), replace(failed("administrator", str(error)), realm=probe.realm.name)]
    try:
        probe.found = Found(console, f"{probe.realm.client_id}-api")
        return examine(probe)
    finally:
        console.close()


def _say(findings: list[Finding], as_json: bool) -> int:
    code = exit_code(findings)
    if as_json:
        print(json.dumps({"exit_code": code, "findings": [finding.as_json() for finding in findings]}, indent=2))
        return code
    for finding in findings:
        where = f"{finding.realm}: " if finding.realm else ""
        print(f"{SIGNS[finding.state]:8} {where}{finding.check}: {finding.text}")
        if finding.mend and finding.state is not State.OK:
            print(f"{'':8} mend: {finding.mend}")
    return code
