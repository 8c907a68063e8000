"""What of Keycloak is open to the public: paths where a person's own token walks around the portal's rules."""

from __future__ import annotations

from collections.abc import Iterator

import requests

from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.probe import Probe

NOBODY = "00000000-0000-0000-0000-000000000000"
# For administrators and for the portal alone. They answer 401, or lead to a sign-in, where they can be reached.
PRIVATE = (
    "admin/",
    "admin/realms/{realm}",
    "realms/{realm}/orgs",
    f"realms/{{realm}}/users/{NOBODY}/orgs",
    f"realms/{{realm}}/users/{NOBODY}/invitations",
    "realms/{realm}/webhooks",
    "realms/{realm}/attributes",
)
# Not dangerous as such, and not needed beside the portal.
BETTER_PRIVATE = {
    "realms/{realm}/account": "the section switches do not hold in Keycloak's own account console",
    "realms/master/.well-known/openid-configuration": "anybody can try the sign-in of administrators",
}
REACHED = {200, 302, 303, 400, 401, 405, 500}
MEND = "put docs/edge/nginx.conf or docs/edge/Caddyfile before Keycloak and set internal_url, see docs/edge.md"


def check(probe: Probe) -> Iterator[Finding]:
    """The realm's public address, tried without credentials from where this runs."""
    base = probe.realm.keycloak_url
    answer = probe.discovery[base]
    if not isinstance(answer, requests.Response) or answer.status_code != requests.codes.ok:
        yield unknown("open paths", f"{base} does not answer here; try from where it does", "portal doctor")
        return
    found = _open(probe, PRIVATE)
    if probe.public and not probe.settings.demo:
        yield from _public(probe, found)
    elif found:
        text = f"{base} is for this machine alone; a public address would have to close {_list(found)} (docs/edge.md)"
        yield ok("open paths", text)
    else:
        yield ok("open paths", f"{base} keeps administrative paths to itself")


def _public(probe: Probe, found: list[str]) -> Iterator[Finding]:
    base = probe.realm.keycloak_url
    if found:
        yield problem("open paths", f"{base} lets the public reach {_list(found)}", MEND)
    elif probe.realm.internal_url == base:
        text = f"{base} keeps administrative paths to itself, and the portal has no other way to Keycloak"
        yield problem(
            "open paths", text, "set internal_url of this realm to Keycloak's inner address, see docs/edge.md"
        )
    else:
        yield ok("open paths", f"{base} keeps administrative paths to itself")
    for path, why in BETTER_PRIVATE.items():
        for opened in _open(probe, (path,)):
            yield advice("open paths", f"{base} lets the public reach /{opened}: {why}", MEND)


def _open(probe: Probe, paths: tuple[str, ...]) -> list[str]:
    named = [path.format(realm=probe.realm.name) for path in paths]
    return [path for path in named if probe.status(f"{probe.realm.keycloak_url}/{path}") in REACHED]


def _list(paths: list[str]) -> str:
    return ", ".join("/" + path for path in paths)
