"""Whether addresses typed on the login page lead to identity providers, and by verified domains alone."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask_babel import gettext as _

from portal.connect.changes import MERGE, Call
from portal.doctor.finding import Finding, advice, ok, problem
from portal.doctor.probe import Probe

CHECK = "home-realm discovery"
DISCOVERY = "ext-auth-home-idp-discovery"
VERIFIED_ONLY = "requireVerifiedDomain"
CONFIGURED = {"alias": "verified-domains", "config": {VERIFIED_ONLY: "true"}}
_LAST_PRIORITY = 30  # of the forms in the flow that Keycloak makes


def check(probe: Probe) -> Iterator[Finding]:
    """Nothing to say where there are no organizations. Raises `PortalError` when the flow cannot be read.

    GET /admin/realms/{realm}/authentication/flows/{alias}/executions and …/config/{id} (view-realm).
    """
    if not probe.organizations:
        return
    steps = _read(probe, f"flows/{quote(probe.facts.browser_flow, safe='')}/executions")
    found = [step for step in steps if step.get("providerId") == DISCOVERY and step["requirement"] != "DISABLED"]
    yield from (_verified(probe, step) for step in found)
    if not found:
        flow = probe.facts.browser_flow
        text = _(
            "flow %(flow)s has no %(step)s: addresses of verified domains lead nobody to an identity provider",
            flow=repr(flow),
            step=DISCOVERY,
        )
        yield advice(CHECK, text, _with_discovery(probe.realm.name, flow, _before_last(steps)))


def _read(probe: Probe, path: str) -> Any:
    return probe.http.call("GET", f"{probe.realm.admin_base}/authentication/{path}", token=probe.service_token)


def _verified(probe: Probe, step: dict[str, Any]) -> Finding:
    """Left as the extension makes it, the step goes by domains that nobody proved as well."""
    config = step.get("authenticationConfig", "")
    values = _read(probe, f"config/{config}").get("config") or {} if config else {}
    if values.get(VERIFIED_ONLY) == "true":
        return ok(CHECK, _("verified domains lead to the identity providers of organizations, others do not"))
    text = _(
        "%(step)s goes by domains that are not verified, too: whoever lists a foreign one draws its people",
        step=DISCOVERY,
    )
    realm, value = probe.realm.name, f"-s 'config.{VERIFIED_ONLY}=\"true\"'"
    if config:
        call = Call(MERGE, f"authentication/config/{config}", {"config": {**values, VERIFIED_ONLY: "true"}})
        return problem(CHECK, text, f"kcadm.sh update authentication/config/{config} -r {realm} {value}", call)
    path = f"authentication/executions/{step['id']}/config"
    return problem(CHECK, text, _configured(step["id"], realm), Call("POST", path, CONFIGURED))


def _configured(execution: str, realm: str) -> str:
    body = json.dumps(CONFIGURED, separators=(",", ":"))
    return f"kcadm.sh create authentication/executions/{execution}/config -r {realm} -b '{body}'"


def _before_last(steps: list[dict[str, Any]]) -> int:
    """The place before the last step of the flow itself, which are the forms."""
    return max((step.get("priority", 0) for step in steps if step["level"] == 0), default=_LAST_PRIORITY) - 1


def _with_discovery(realm: str, flow: str, priority: int) -> str:
    """A copy of the flow with the step in it, in use at the end: flows that Keycloak made take no further steps."""
    name = f"{flow} with organizations"
    path, copy = (f"authentication/flows/{quote(each, safe='')}" for each in (flow, name))
    step = f'{{"id":"\'$id\'","requirement":"ALTERNATIVE","priority":{priority}}}'
    lines = (
        f"kcadm.sh create {path}/copy -r {realm} -s {shlex.quote(f'newName={name}')}",
        f"id=$(kcadm.sh create {copy}/executions/execution -r {realm} -s provider={DISCOVERY} -i)",
        f"kcadm.sh update {copy}/executions -r {realm} -b '{step}'",
        _configured("$id", realm),
        f"kcadm.sh update realms/{realm} -s {shlex.quote(f'browserFlow={name}')}",
    )
    return "; ".join(lines)
