"""What organizations need of the realm: an extension that answers, and its settings as the portal counts on them."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.connect.changes import ATTRIBUTE, MERGE, Call, kcadm_line
from portal.doctor.finding import Finding, advice, failed, ok, problem
from portal.doctor.probe import Probe
from portal.errors import PortalError

SYNTHETIC = "_providerConfig.orgs.config.createAdminUser"
OWN_ACCEPTANCE = "invitation-required-action"
JOINING = "post org broker login"
# In this order; the check of the address against the organization's domains is left off, as the extension does.
JOINING_STEPS = ("ext-auth-org-note", "ext-auth-org-add-user", "ext-auth-validate-idp")


def check(probe: Probe) -> Iterator[Finding]:
    """Nothing to say where there are no organizations."""
    if not probe.organizations:
        return
    yield _answers(probe)
    yield from _synthetic(probe)
    yield from _acceptance(probe)
    yield _joining(probe)


def _answers(probe: Probe) -> Finding:
    """GET /orgs with the reading service account."""
    try:
        probe.http.call("GET", f"{probe.realm.base}/orgs", token=probe.service_token, params={"max": 1})
    except PortalError as error:
        mend = _("look into Keycloak's log, and run the extension with the server version it is made for")
        text = _("the organizations extension does not answer (%(why)s)", why=error or type(error).__name__)
        return problem("organizations", text, mend)
    return ok("organizations", _("the organizations extension answers"))


def _synthetic(probe: Probe) -> Iterator[Finding]:
    if probe.facts.attributes.get(SYNTHETIC, "true") == "true":
        text = _("each new organization gets an account org-admin-… with all its roles, which the portal does without")
        call = Call(ATTRIBUTE, SYNTHETIC, "false")
        yield advice("organizations", text, kcadm_line(call, probe.realm.name), call)


def _acceptance(probe: Probe) -> Iterator[Finding]:
    """The extension's own page of invitations."""
    if probe.facts.required_actions.get(OWN_ACCEPTANCE):
        text = _(
            "required action %(action)s is on: at sign-in it deletes every invitation that is not ticked",
            action=OWN_ACCEPTANCE,
        )
        path = f"authentication/required-actions/{OWN_ACCEPTANCE}"
        mend = f"kcadm.sh update {path} -r {probe.realm.name} -s enabled=false"
        yield problem("organizations", text, mend, Call(MERGE, path, {"enabled": False}))


def _joining(probe: Probe) -> Finding:
    """The extension makes the flow when it sees a realm being made; older realms lack it."""
    url = f"{probe.realm.admin_base}/authentication/flows"
    try:
        flows = probe.http.call("GET", url, token=probe.service_token)
    except PortalError as error:
        return failed("organizations", _("the realm's flows cannot be read: %(why)s", why=error), probe.connect_command)
    if JOINING in {flow["alias"] for flow in flows}:
        return ok("organizations", _("people who come through an organization's own identity provider join it"))
    text = _("there is no flow %(flow)s: organizations cannot have identity providers of their own", flow=repr(JOINING))
    return problem("organizations", text, _new_flow(probe.realm.name))


def _new_flow(realm: str) -> str:
    """Each step has a priority of its own: among equal ones the order is Keycloak's to choose."""
    flow = (
        f"flow=$(kcadm.sh create authentication/flows -r {realm} -s 'alias={JOINING}' -s providerId=basic-flow"
        " -s topLevel=true -s builtIn=false -i)"
    )
    steps = [
        f"kcadm.sh create authentication/executions -r {realm} -s parentFlow=$flow -s authenticator={step}"
        f" -s requirement=REQUIRED -s priority={place * 10}"
        for place, step in enumerate(JOINING_STEPS, start=1)
    ]
    return "; ".join([flow, *steps])
