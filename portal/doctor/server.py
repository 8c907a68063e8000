"""Which server and which extensions are there, and what of them is open to the public."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.probe import Probe

OLDEST = (26, 0)
# The organizations extension the portal is built for fails on servers from this one on.
EXTENSION_BREAKS = (26, 6, 3)
# Paths for administrators and for the portal alone. They answer 401 where they can be reached.
PRIVATE = (
    "admin/realms/{realm}",
    "realms/{realm}/orgs",
    "realms/{realm}/users/00000000-0000-0000-0000-000000000000/orgs",
    "realms/{realm}/users/00000000-0000-0000-0000-000000000000/invitations",
    "realms/{realm}/webhooks",
    "realms/{realm}/attributes",
)
REACHED = {200, 302, 303, 400, 401, 405, 500}


def check(probe: Probe) -> Iterator[Finding]:
    """Versions, extensions, open paths."""
    organizations = _present(probe, "orgs")
    yield from _version(probe, organizations)
    yield _extension(organizations, "organizations extension", "organization pages stay off; the profile works")
    yield _extension(_present(probe, "attributes"), "events extension", "realm settings are written as a whole")
    yield from _open_paths(probe)


def _present(probe: Probe, path: str) -> bool:
    return probe.status(f"{probe.realm.base}/{path}") not in {0, 404}


def _extension(present: bool, name: str, without: str) -> Finding:
    return ok("extension", f"the {name} is there" if present else f"there is no {name}: {without}")


def _version(probe: Probe, organizations: bool) -> Iterator[Finding]:
    info = probe.found.console.server() if probe.found else {}
    text = str((info.get("systemInfo") or {}).get("version") or "")
    if not text:
        mend = "portal doctor --username ADMIN"
        yield unknown("version", "the server's version shows to administrators alone", mend)
        return
    version = tuple(int(part) for part in re.findall(r"\d+", text)[:3])
    if version < OLDEST:
        yield problem("version", f"Keycloak {text} is too old", "run Keycloak 26 or newer")
    elif organizations and version >= EXTENSION_BREAKS:
        mend = "create an organization in a test realm; if that fails, run the server version the extension names"
        yield advice("version", f"organizations extension 0.144 fails on Keycloak {text}; newer ones may work", mend)
    else:
        yield ok("version", f"Keycloak {text}")
    if OLDEST <= version < (26, 6):
        yield advice("version", f"Keycloak {text} gets no more security fixes", "run a current image in production")


def _open_paths(probe: Probe) -> Iterator[Finding]:
    if not probe.public:
        yield ok("open paths", f"{probe.realm.keycloak_url} is this machine's own address: nothing is public")
        return
    base = probe.realm.keycloak_url
    open_paths = [
        path for path in (path.format(realm=probe.realm.name) for path in PRIVATE) if _is_open(probe, base, path)
    ]
    if open_paths:
        text = f"{base} lets the public reach {', '.join('/' + path for path in open_paths)}"
        mend = "let the proxy pass /realms/*/{protocol,login-actions,broker,.well-known} and /resources alone"
        yield problem("open paths", text, mend)
    else:
        yield ok("open paths", f"{base} keeps administrative paths to itself")


def _is_open(probe: Probe, base: str, path: str) -> bool:
    return probe.status(f"{base}/{path}") in REACHED
