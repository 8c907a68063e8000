"""Which server and which extensions are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.probe import Probe

OLDEST = (26, 0)
# The organizations extension the portal is built for fails on servers from this one on.
EXTENSION_BREAKS = (26, 6, 3)


def check(probe: Probe) -> Iterator[Finding]:
    """Versions and extensions."""
    yield from _version(probe, probe.extension)
    yield _extension(probe.extension, "organizations extension", "organization pages stay off; the profile works")
    yield _extension(_present(probe, "attributes"), "events extension", "realm settings are written as a whole")


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
