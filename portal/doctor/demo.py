"""The demo's clients and people have known names: they belong nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.doctor.finding import Finding, failed, ok, problem
from portal.doctor.probe import Probe
from portal.errors import PortalError

CLIENTS = ("sample-app", "calendar-app")
DOMAINS = ("umbrella.test", "initech.test", "demo.test", "other.test")


def check(probe: Probe) -> Iterator[Finding]:
    """Nothing to say in the demo itself."""
    if probe.settings.demo:
        return
    people = []
    try:
        for domain in DOMAINS:
            people += _people(probe, domain)
    except PortalError as error:
        yield failed("demo", _("people of the demo could not be looked for: %(why)s", why=error), probe.connect_command)
        return
    for name, user_id in people:
        mend = f"kcadm.sh delete users/{user_id} -r {probe.realm.name}"
        yield problem("demo", _("%(name)s of the demo has an account here", name=name), mend)
    clients = _clients(probe)
    for name in clients:
        mend = f"kcadm.sh delete clients/$(kcadm.sh get clients -r {probe.realm.name} -q clientId={name} --fields id --format csv --noquotes) -r {probe.realm.name}"  # noqa: E501
        yield problem("demo", _("client %(name)s of the demo is here", name=name), mend)
    if not people and not clients:
        yield ok("demo", _("nobody and nothing of the demo is here"))


def _people(probe: Probe, domain: str) -> list[tuple[str, str]]:
    """Accounts with an address in one of the demo's domains (GET …/users?email=, a part of the address)."""
    found = probe.http.call(
        "GET",
        f"{probe.realm.admin_base}/users",
        token=probe.service_token,
        params={"email": f"@{domain}", "briefRepresentation": "true", "max": 20},
    )
    return [(str(user["username"]), str(user["id"])) for user in found if str(user.get("email", "")).endswith(domain)]


def _clients(probe: Probe) -> list[str]:
    """Clients are shown to administrators alone."""
    return [name for name in CLIENTS if probe.found and probe.found.client(name)]
