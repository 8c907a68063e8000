"""What connections to identity providers need of the realm: the portal's own flows, and a shared one as it was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask_babel import gettext as _

from portal.clients.connections_allowed import LIVE_FLOW
from portal.connect.plan_flows import differences
from portal.connect.wanted_flows import FLOWS, WantedFlow
from portal.doctor.finding import Finding, advice, ok, problem
from portal.doctor.probe import Probe
from portal.errors import NotFound

CHECK = "connections"
# What links an account that exists to an identity provider without asking its owner.
LINKING = frozenset({"idp-auto-link", "idp-detect-existing-broker-user"})


def check(probe: Probe) -> Iterator[Finding]:
    """Nothing to say where there are no organizations. Raises `PortalError` when the flows cannot be read.

    GET /admin/realms/{realm}/authentication/flows/{alias}/executions and …/config/{id} (view-realm).
    """
    if not probe.organizations:
        return
    found = [_flow(probe, flow) for flow in FLOWS]
    yield from (each for each in found if each)
    if not any(found):
        yield ok(CHECK, _("drafts are open to test sign-ins alone, live connections to verified domains alone"))
    yield from _linking(probe)
    if not probe.realm.accounts_client_secret:
        text = _("accounts that Keycloak makes of people whom a connection then refuses stay in the realm")
        yield advice(CHECK, text, f"{probe.connect_command} --accounts")


def _flow(probe: Probe, flow: WantedFlow) -> Finding | None:
    try:
        steps = _read(probe, f"flows/{quote(flow.alias)}/executions")
    except NotFound:
        text = _("there is no flow %(flow)s: no connection can be set up", flow=repr(flow.alias))
        return problem(CHECK, text, probe.connect_command)
    wrong = differences(flow, steps, lambda config: _config(probe, config))
    if not wrong:
        return None
    return problem(
        CHECK,
        _("flow %(flow)s was changed: %(wrong)s", flow=repr(flow.alias), wrong="; ".join(wrong)),
        probe.connect_command,
    )


def _linking(probe: Probe) -> Iterator[Finding]:
    """The realm's own flow for first sign-ins, which the portal leaves as it is."""
    steps = _read(probe, f"flows/{quote(LIVE_FLOW)}/executions")
    found = [each for each in steps if each.get("providerId") in LINKING and each["requirement"] != "DISABLED"]
    for step in found:
        text = _(
            "flow %(flow)s links accounts without asking their owners (%(step)s)",
            flow=repr(LIVE_FLOW),
            step=step["providerId"],
        )
        body = f'{{"id":"{step["id"]}","requirement":"DISABLED"}}'
        path = f"authentication/flows/{quote(LIVE_FLOW)}/executions"
        yield problem(CHECK, text, f"kcadm.sh update {path} -r {probe.realm.name} -b '{body}'")


def _config(probe: Probe, config: str) -> dict[str, str]:
    return dict(_read(probe, f"config/{config}").get("config") or {}) if config else {}


def _read(probe: Probe, path: str) -> Any:
    return probe.http.call("GET", f"{probe.realm.admin_base}/authentication/{path}", token=probe.service_token)
